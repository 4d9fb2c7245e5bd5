#include "mudra/data/split.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <tuple>

#include "mudra/base/error.hpp"
#include "mudra/base/random.hpp"
#include "mudra/data/layout.hpp"

namespace mudra::data {
namespace {

using Indices = std::vector<std::uint32_t>;
using Subjects = std::vector<std::int32_t>;  // indices into People::names

constexpr std::uint64_t kSubjectStream = 0x5375626a, kImageStream = 0x4672616d;

// Subjects that have pictures.
std::size_t count_present(const Dataset& dataset) {
  return static_cast<std::size_t>(
      std::ranges::count_if(subject_counts(dataset), [](std::size_t pictures) { return pictures > 0; }));
}

// "ana" of a session "ana-2"; others are people.
std::string person_of(const std::string& subject) {
  const std::size_t dash = subject.rfind('-');
  const bool is_session =
      dash != std::string::npos && dash > 0 && dash + 1 < subject.size() && !is_numbered_person(subject);
  return is_session ? subject.substr(0, dash) : subject;
}

// Whose pictures stay together: people, or the sessions of the one there is. Those that have pictures, in the
// order of the set's subjects. All subjects must be known.
struct People {
  bool are_sessions = false;
  std::vector<std::string> names;
  Subjects of_picture;

  explicit People(const Dataset& dataset) {
    const auto pictures = subject_counts(dataset);
    std::set<std::string> people;
    for (std::size_t i = 0; i < pictures.size(); ++i)
      if (pictures[i] > 0) people.insert(person_of(dataset.subject_names[i]));
    are_sessions = people.size() == 1;
    Subjects of_subject;
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      const std::string& subject = dataset.subject_names[i];
      const std::string name = are_sessions ? subject : person_of(subject);
      if (pictures[i] > 0 && std::ranges::find(names, name) == names.end()) names.push_back(name);
      of_subject.push_back(static_cast<std::int32_t>(std::ranges::find(names, name) - names.begin()));
    }
    for (const std::int32_t subject : dataset.subjects)
      of_picture.push_back(of_subject[static_cast<std::size_t>(subject)]);
  }

  Subjects all() const {
    Subjects subjects(names.size());
    std::iota(subjects.begin(), subjects.end(), 0);
    return subjects;
  }
};

// Pictures of each class of each subject: counts[subject][class].
std::vector<std::vector<std::size_t>> count_by_subject(const Dataset& dataset, const People& people) {
  std::vector<std::vector<std::size_t>> counts(people.names.size(),
                                               std::vector<std::size_t>(dataset.class_names.size()));
  for (std::size_t i = 0; i < dataset.size(); ++i)
    ++counts[static_cast<std::size_t>(people.of_picture[i])][static_cast<std::size_t>(dataset.labels[i])];
  return counts;
}

// Who does what; the order of each list is the drawn one.
struct Roles {
  Subjects train, validation, test;
};

// How good a draw of roles is, compared member by member; the last two count pictures no further than whether
// there are any of a class.
struct Merit {
  bool train_is_complete = false;
  std::size_t unseen_testers = 0;
  std::size_t test_classes = 0;
  std::size_t validation_classes = 0;
  auto operator<=>(const Merit&) const = default;
};

class Draw {
 public:
  Draw(const Dataset& dataset, const People& people, std::uint64_t seed, const std::vector<bool>& seen = {})
      : counts_(count_by_subject(dataset, people)),
        set_counts_(class_counts(dataset)),
        is_seen_(people.names.size()),
        seed_(seed) {
    for (std::size_t i = 0; i < seen.size(); ++i)
      if (seen[i]) is_seen_[static_cast<std::size_t>(people.of_picture[i])] = true;
  }

  // `others` shared out: the first `tests` of a shuffle test beside `testers`, the next validate.
  Roles best(const Subjects& testers, const Subjects& others, std::size_t tests,
             std::size_t validations) const {
    constexpr int kDraws = 64;
    Roles best;
    Merit best_merit;
    for (int draw = 0; draw < kDraws; ++draw) {
      Subjects order = others;
      shuffle(std::span(order), Random(seed_, kSubjectStream, draw));
      const auto first = order.begin() + static_cast<std::ptrdiff_t>(tests);
      const auto second = first + static_cast<std::ptrdiff_t>(validations);
      Roles roles{.train = {second, order.end()}, .validation = {first, second}, .test = testers};
      roles.test.insert(roles.test.end(), order.begin(), first);
      const Merit merit{.train_is_complete = classes_of(roles.train) == classes_of_set(),
                        .unseen_testers = unseen_among(roles.test),
                        .test_classes = classes_of(roles.test),
                        .validation_classes = classes_of(roles.validation)};
      if (draw == 0 || merit > best_merit) std::tie(best, best_merit) = std::tuple(roles, merit);
    }
    if (!best_merit.train_is_complete) fail("no choice of people to train on shows every class");
    return best;
  }

 private:
  std::size_t unseen_among(const Subjects& subjects) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        subjects, [&](std::int32_t subject) { return !is_seen_[static_cast<std::size_t>(subject)]; }));
  }
  std::size_t classes_of(const Subjects& subjects) const {
    std::size_t classes = 0;
    for (std::size_t label = 0; label < set_counts_.size(); ++label)
      classes += std::ranges::any_of(subjects, [&](std::int32_t subject) {
        return counts_[static_cast<std::size_t>(subject)][label] > 0;
      });
    return classes;
  }
  std::size_t classes_of_set() const {
    return static_cast<std::size_t>(std::ranges::count_if(set_counts_, [](std::size_t n) { return n > 0; }));
  }

  std::vector<std::vector<std::size_t>> counts_;
  std::vector<std::size_t> set_counts_;
  std::vector<bool> is_seen_;  // by subject
  std::uint64_t seed_;
};

// "02", "s003 s010", or "12 people" beyond a few.
std::string describe(const People& people, Subjects subjects) {
  constexpr std::size_t kMostNamed = 5;
  if (subjects.size() > kMostNamed)
    return fmt::format("{} {}", subjects.size(), people.are_sessions ? "sessions" : "people");
  std::ranges::sort(subjects);
  std::string text;
  for (const std::int32_t subject : subjects)
    text += (text.empty() ? "" : " ") + people.names[static_cast<std::size_t>(subject)];
  return text;
}

// Moves the last tenth of each class of `train`, one picture at least where there are two, to validation.
// Throws Error when there are two of no class.
void validate_on_last_frames(const Dataset& dataset, Split& split) {
  std::vector<Indices> of_class(dataset.class_names.size());
  for (const std::uint32_t i : split.train)
    of_class[static_cast<std::size_t>(dataset.labels[i])].push_back(i);
  split.train.clear();
  for (const Indices& images : of_class) {
    const std::size_t last = images.size() < 2 ? 0 : std::max<std::size_t>(1, images.size() / 10);
    const auto border = images.end() - static_cast<std::ptrdiff_t>(last);
    split.train.insert(split.train.end(), images.begin(), border);
    split.validation.insert(split.validation.end(), border, images.end());
  }
  if (split.validation.empty())
    fail("of no class are there two pictures to train on, so that none are left to validate on");
  std::ranges::sort(split.train);
  std::ranges::sort(split.validation);
}

Split to_split(const Dataset& dataset, const People& people, const Roles& roles) {
  Split split;
  for (std::size_t i = 0; i < dataset.size(); ++i) {
    const auto has = [&](const Subjects& subjects) {
      return std::ranges::find(subjects, people.of_picture[i]) != subjects.end();
    };
    (has(roles.test)         ? split.test
     : has(roles.validation) ? split.validation
                             : split.train)
        .push_back(static_cast<std::uint32_t>(i));
  }
  if (roles.validation.empty()) validate_on_last_frames(dataset, split);
  split.name = fmt::format("by {}: test {}, validation {}", people.are_sessions ? "session" : "subject",
                           describe(people, roles.test),
                           !roles.validation.empty() ? describe(people, roles.validation)
                           : people.are_sessions     ? "on the last tenth of the training sessions' frames"
                                                     : "on the last tenth of the training people's frames");
  return split;
}

void require_subjects(const Dataset& dataset) {
  require_labels(dataset);
  const auto unknown = static_cast<std::size_t>(std::ranges::count(dataset.subjects, kUnknownSubject));
  if (unknown > 0)
    fail(
        "{}: the subject of {} pictures is not known, so people cannot be split; --split random splits "
        "frames",
        dataset.name, unknown);
  if (count_present(dataset) < 2)
    fail("{}: there is one subject only, so nobody is left to test on; --split random splits frames",
         dataset.name);
}

// `percent` of `people`, rounded, one at least.
std::size_t share_of(std::size_t people, std::size_t percent) {
  return std::max<std::size_t>(1, (people * percent + 50) / 100);
}

}  // namespace

bool can_split_by_subject(const Dataset& dataset) {
  return std::ranges::find(dataset.subjects, kUnknownSubject) == dataset.subjects.end() &&
         count_present(dataset) >= 2;
}

Split split_by_subject(const Dataset& dataset, std::uint64_t seed, const std::vector<bool>& seen) {
  require_subjects(dataset);
  const People people(dataset);
  const Subjects all = people.all();
  const std::size_t tests = share_of(all.size(), 20);
  const std::size_t validations = all.size() == 2 ? 0 : share_of(all.size(), 10);
  return with_context(dataset.name, [&] {
    return to_split(dataset, people, Draw(dataset, people, seed, seen).best({}, all, tests, validations));
  });
}

std::vector<Split> leave_one_subject_out(const Dataset& dataset, std::uint64_t seed) {
  require_subjects(dataset);
  const People people(dataset);
  const Draw draw(dataset, people, seed);
  std::vector<Split> splits;
  for (const std::int32_t tester : people.all()) {
    Subjects others = people.all();
    std::erase(others, tester);
    const std::size_t validations = others.size() == 1 ? 0 : share_of(others.size(), 10);
    const std::string& name = people.names[static_cast<std::size_t>(tester)];
    splits.push_back(with_context(fmt::format("{}: leaving out {}", dataset.name, name), [&] {
      return to_split(dataset, people, draw.best({tester}, others, 0, validations));
    }));
    splits.back().left_out = name;
  }
  return splits;
}

bool can_split_as_given(const Dataset& dataset) {
  const auto counts = part_counts(dataset);
  return counts[0] > 0 && counts[1] + counts[2] > 0;
}

const char* default_split(const Dataset& dataset) {
  return can_split_as_given(dataset) ? "given" : "subject";
}

Split split_as_given(const Dataset& dataset) {
  require_labels(dataset);
  if (!dataset.states_split())
    fail("{}: states no split of its own, as folders train, valid and test do", dataset.name);
  Split split;
  for (std::size_t i = 0; i < dataset.size(); ++i)
    (dataset.parts[i] == Part::kTrain        ? split.train
     : dataset.parts[i] == Part::kValidation ? split.validation
                                             : split.test)
        .push_back(static_cast<std::uint32_t>(i));
  split.name = "as given: " + parts_text(dataset);
  if (split.test.empty()) {
    std::swap(split.test, split.validation);
    split.name += "; tested on valid";
  }
  if (split.train.empty() || split.test.empty())
    fail("{}: its split ({}) leaves nothing to {}", dataset.name, parts_text(dataset),
         split.train.empty() ? "train on" : "test on");
  std::vector<bool> shown(dataset.class_names.size());
  for (const std::uint32_t i : split.train) shown[static_cast<std::size_t>(dataset.labels[i])] = true;
  for (const auto& [part, does] : {std::pair{&split.test, "tests"}, {&split.validation, "validates"}})
    for (const std::uint32_t i : *part)
      if (const auto label = static_cast<std::size_t>(dataset.labels[i]); !shown[label])
        fail("{}: its split {} class '{}', of which it trains on no picture", dataset.name, does,
             dataset.class_names[label]);
  if (split.validation.empty()) {
    with_context(dataset.name, [&] { validate_on_last_frames(dataset, split); });
    split.name += "; validated on the last tenth of train";
  }
  return split;
}

Split split_random(const Dataset& dataset, const RandomShares& shares, std::uint64_t seed) {
  require_labels(dataset);
  const int train_percent = 100 - shares.validation_percent - shares.test_percent;
  if (shares.validation_percent < 1 || shares.test_percent < 1 || train_percent < 1)
    fail("shares of {}/{}/{} % leave a part empty", train_percent, shares.validation_percent,
         shares.test_percent);
  std::vector<Indices> of_class(dataset.class_names.size());
  for (std::size_t i = 0; i < dataset.size(); ++i)
    of_class[static_cast<std::size_t>(dataset.labels[i])].push_back(static_cast<std::uint32_t>(i));
  Split split;
  split.name = fmt::format("random {}/{}/{} (frames of the same people in train and test)", train_percent,
                           shares.validation_percent, shares.test_percent);
  for (std::size_t label = 0; label < of_class.size(); ++label) {
    Indices& images = of_class[label];
    if (images.empty()) continue;
    if (images.size() < 3)
      fail("{}: class '{}' has too few pictures ({}) for train, validation and test", dataset.name,
           dataset.class_names[label], images.size());
    shuffle(std::span(images), Random(seed, kImageStream, label));
    const auto tests =
        static_cast<std::ptrdiff_t>(share_of(images.size(), static_cast<std::size_t>(shares.test_percent)));
    const auto validations = static_cast<std::ptrdiff_t>(
        share_of(images.size(), static_cast<std::size_t>(shares.validation_percent)));
    const auto first = images.begin() + tests, second = first + validations;
    if (second >= images.end())
      fail("{}: class '{}' has too few pictures for these shares", dataset.name, dataset.class_names[label]);
    split.test.insert(split.test.end(), images.begin(), first);
    split.validation.insert(split.validation.end(), first, second);
    split.train.insert(split.train.end(), second, images.end());
  }
  for (Indices* part : {&split.train, &split.validation, &split.test}) std::ranges::sort(*part);
  return split;
}

}  // namespace mudra::data
