#include "mudra/data/sitting.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/base/file_name.hpp"
#include "mudra/base/files.hpp"
#include "mudra/data/image.hpp"
#include "mudra/data/layout.hpp"

namespace mudra::data {
namespace {

namespace fs = std::filesystem;

// 12 of "0012", without a sign and of nine digits at most.
std::optional<int> number_of(std::string_view text) {
  constexpr std::size_t kMostDigits = 9;
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.size() > kMostDigits || number < 0)
    return std::nullopt;
  return number;
}

// Calls `take` with the name of each entry of a folder, which may be missing.
template <typename Take>
void for_each_name(const fs::path& folder, const Take& take) {
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    take(it->path().filename().string());
  if (error && error != std::errc::no_such_file_or_directory)
    throw Error(ErrorKind::kIo, fmt::format("{}: {}", folder.string(), error.message()));
}

int next_session(const fs::path& root, const std::string& person) {
  int highest = 0;
  for_each_name(root, [&](const std::string& name) {
    if (!name.starts_with(person + "-")) return;
    if (const auto number = number_of(std::string_view(name).substr(person.size() + 1)))
      highest = std::max(highest, *number);
  });
  return highest + 1;
}

std::string shown_folder(const std::string& name, const char* role) {
  if (name.starts_with('.')) fail("{} '{}' would be hidden: it begins with a '.'", role, name);
  return safe_file_name(name, role);
}

}  // namespace

double mean_difference(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<std::uint64_t>(std::abs(a[i] - b[i]));
  return a.empty() ? 0 : static_cast<double>(sum) / static_cast<double>(a.size());
}

std::string class_folder(const std::string& name) {
  shown_folder(name, "the class");
  if (part_called(name)) fail("the class '{}' would be read as a part of a split", name);
  if (is_leap_moved(name)) fail("the class '{}' would be left out when the set is read", name);
  return name;
}

Sitting::Sitting(fs::path root, const std::string& person, const std::string& session,
                 const PictureShape& shape)
    : root_(std::move(root)),
      person_(shown_folder(person, "the person")),
      numbered_(session.empty()),
      shape_(shape) {
  if (session.find('-') != std::string::npos)
    fail("the session '{}' has a '-', behind which its name would begin", session);
  subject_ = fmt::format(
      "{}-{}", person_,
      numbered_ ? std::to_string(next_session(root_, person_)) : safe_file_name(session, "the session"));
  safe_file_name(subject_, "the person with the session");
  if (is_numbered_person(subject_))
    fail("'{}' would be read as a person in a row, not as a session of '{}'; call the person otherwise",
         subject_, person_);
}

Sitting::~Sitting() {
  std::error_code error;
  if (begun_ && kept_.empty()) fs::remove(folder(), error);
}

// The folder is made for the first picture, so that none stays empty; a number that somebody else took
// meanwhile is left to them.
void Sitting::begin() {
  make_folder(root_);
  for (std::error_code error; !fs::create_directory(folder(), error);) {
    if (error) throw Error(ErrorKind::kIo, fmt::format("{}: {}", folder().string(), error.message()));
    if (!numbered_) break;
    subject_ = fmt::format("{}-{}", person_, next_session(root_, person_));
  }
  lock_ = FolderLock(folder());
  begun_ = true;
}

fs::path Sitting::file_of(const Name& name) const {
  return folder() / name.class_name / fmt::format("{:04}.png", name.number);
}

int Sitting::next_number(const std::string& class_name) {
  const auto known = numbers_.find(class_name);
  if (known != numbers_.end()) return known->second + 1;
  const fs::path place = folder() / class_name;
  remove_abandoned_files(place);
  int highest = 0;
  for_each_name(place, [&](const std::string& name) {
    if (const auto number = number_of(fs::path(name).stem().string())) highest = std::max(highest, *number);
  });
  return highest + 1;
}

bool Sitting::keep(const std::string& class_name, std::span<const std::uint8_t> pixels) {
  class_folder(class_name);
  if (last_.size() == pixels.size() && mean_difference(last_, pixels) < kTwinLevels) {
    ++twins_;
    return false;
  }
  if (!begun_) begin();
  const Name name = {.class_name = class_name, .number = next_number(class_name)};
  const fs::path file = file_of(name);
  make_folder(file.parent_path());
  const std::size_t before = count(class_name);
  write_file(file, encode_png(pixels, shape_));
  counts_[class_name] = before + 1;
  numbers_[class_name] = name.number;
  kept_.push_back(name);
  last_.assign(pixels.begin(), pixels.end());
  return true;
}

bool Sitting::take_back() {
  if (kept_.empty()) return false;
  const fs::path file = file_of(kept_.back());
  std::error_code error;
  fs::remove(file, error);
  if (error) throw Error(ErrorKind::kIo, fmt::format("{}: {}", file.string(), error.message()));
  --numbers_[last_class()];
  --counts_[last_class()];
  fs::remove(file.parent_path(), error);  // where it is empty now
  kept_.pop_back();
  last_.clear();
  if (!kept_.empty()) last_ = load_picture(file_of(kept_.back()), shape_);
  return true;
}

std::size_t Sitting::count(const std::string& class_name) {
  const auto known = counts_.try_emplace(class_name, 0);
  std::size_t& pictures = known.first->second;
  if (known.second && (begun_ || !numbered_))
    for_each_name(folder() / class_name,
                  [&](const std::string& name) { pictures += has_image_extension(name) ? 1 : 0; });
  return pictures;
}

}  // namespace mudra::data
