#include "mudra/studio/pictures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/hash.hpp"
#include "mudra/data/layout.hpp"
#include "mudra/data/png.hpp"
#include "mudra/studio/names.hpp"

namespace mudra::studio {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// The entries of a folder whose names `good` takes, sorted; no symbolic links.
std::vector<std::string> names_in(const fs::path& folder, bool (*good)(std::string_view)) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::string name = it->path().filename().string();
    if (good(name) && !it->is_symlink()) names.push_back(std::move(name));
  }
  std::ranges::sort(names);
  return names;
}

// Of a class and sitting; joined() alone would let a class have a picture's name.
fs::path folder_in(const fs::path& root, const std::string& subject, const std::string& label) {
  if (is_picture_name(label)) fail("'{}' is a picture's name, not a class's", label);
  return joined(root, {subject, label});
}

// Before memory is taken for it: of a file that begins as a PNG does.
void check_sides(std::span<const std::uint8_t> png) {
  constexpr std::size_t kWidthAt = 16, kHeightAt = 20, kHeader = 24;
  constexpr std::uint32_t kMostSide = 1024;
  if (png.size() < kHeader || !data::is_png(png)) fail("that is no PNG");
  const auto side_at = [&](std::size_t at) {
    std::uint32_t side = 0;
    for (std::size_t i = at; i < at + 4; ++i) side = side << 8 | png[i];
    return side;
  };
  if (side_at(kWidthAt) > kMostSide || side_at(kHeightAt) > kMostSide)
    fail("a picture has sides of at most {} here", kMostSide);
}

std::vector<std::uint8_t> as_kept(std::span<const std::uint8_t> file) {
  std::vector<std::uint8_t> pixels(kKeptShape.bytes());
  data::prepare(data::decode_image(file), kKeptShape, pixels);
  return pixels;
}

std::vector<std::uint8_t> kept_pixels(std::span<const std::uint8_t> png) {
  check_sides(png);
  return as_kept(png);
}

// Of a file that is there, whoever put it there; empty: it shows nothing.
std::vector<std::uint8_t> pixels_in(const fs::path& file) {
  try {
    return as_kept(read_file(file));
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

Pictures::Kept Pictures::keep(const std::string& person, const std::string& label,
                              std::span<const std::uint8_t> png) {
  folder_in(pictures_, person, label);
  return keep_whole(person, label, kKeptShape, kept_pixels(png));
}

Pictures::Kept Pictures::keep_whole(const std::string& person, const std::string& label,
                                    const data::PictureShape& shape, std::span<const std::uint8_t> pixels) {
  folder_in(pictures_, person, label);
  const std::lock_guard lock(mutex_);
  if (!sitting_ || imports_ || person_ != person || shape_ != shape) {
    close_sitting();
    sitting_ = std::make_unique<data::Sitting>(pictures_, person, sessions_[person], shape);
    person_ = person;
    shape_ = shape;
  }
  return keep_in(label, pixels);
}

Pictures::Kept Pictures::import(const std::string& subject, const std::string& label,
                                std::span<const std::uint8_t> png) {
  folder_in(pictures_, subject, label);
  const std::vector<std::uint8_t> pixels = kept_pixels(png);
  const std::size_t dash = std::min(subject.rfind('-'), subject.size());
  const std::lock_guard lock(mutex_);
  if (!sitting_ || !imports_ || sitting_->subject() != subject) {
    close_sitting();
    person_ = subject.substr(0, dash);
    sitting_ = std::make_unique<data::Sitting>(
        pictures_, person_, subject.substr(std::min(dash + 1, subject.size())), kKeptShape);
    imports_ = true;
  }
  const std::string name = data::class_called(label);
  Known& known = known_of(name);
  const std::uint64_t print = fingerprint(pixels);
  if (const auto twin = known.find(print); twin != known.end() && pixels_in(twin->second) == pixels) {
    sitting_->pass(pixels);
    return {.subject = sitting_->subject(), .label = name, .count = sitting_->count(name)};
  }
  Kept kept = keep_in(name, pixels);
  if (kept.kept) known[print] = sitting_->last_file();
  return kept;
}

Pictures::Known& Pictures::known_of(const std::string& label) {
  if (std::exchange(known_person_, person_) != person_) known_.clear();
  const auto [known, is_new] = known_.try_emplace(label);
  if (!is_new) return known->second;
  for (const std::string& subject : names_in(pictures_, is_name)) {
    if (!subject.starts_with(person_ + "-")) continue;
    for (const std::string& name : files_of(subject, label)) {
      const fs::path file = pictures_ / subject / label / name;
      known->second[fingerprint(pixels_in(file))] = file;
    }
  }
  return known->second;
}

Pictures::Kept Pictures::keep_in(const std::string& label, std::span<const std::uint8_t> pixels) {
  const bool kept = sitting_->keep(label, pixels);
  return {.kept = kept, .subject = sitting_->subject(), .label = label, .count = sitting_->count(label)};
}

void Pictures::end_sitting(const std::string& person) {
  const std::lock_guard lock(mutex_);
  if (person_ == person) close_sitting();
  sessions_.erase(person);
}

Pictures::TakenBack Pictures::take_back(const std::string& person) {
  const std::lock_guard lock(mutex_);
  if (!sitting_ || imports_ || person_ != person) return {};
  TakenBack taken = {.subject = sitting_->subject(), .label = sitting_->last_class()};
  taken.taken_back = sitting_->take_back();
  return taken;
}

void Pictures::close_sitting() {
  if (sitting_ && !imports_ && sitting_->kept() > 0)
    sessions_[person_] = sitting_->subject().substr(person_.size() + 1);
  sitting_.reset();
  imports_ = false;
}

const std::vector<std::string>& Pictures::files_of(const std::string& subject, const std::string& label) {
  constexpr auto kCertain = std::chrono::seconds(3);  // the coarsest file systems count in steps of two
  const fs::path folder = pictures_ / subject / label;
  Listed& listed = listed_[{subject, label}];
  std::error_code error;
  const auto changed = fs::last_write_time(folder, error);
  if (!error && listed.certain && listed.changed == changed) return listed.files;
  const auto now = fs::file_time_type::clock::now();
  listed = {.changed = changed,
            .certain = !error && now - changed > kCertain,
            .files = names_in(folder, is_picture_name)};
  return listed.files;
}

// take(subject, label, files) of every folder that has pictures; false ends it.
template <typename Take>
void Pictures::for_each_folder(const Take& take) {
  const std::lock_guard lock(mutex_);
  for (const std::string& subject : names_in(pictures_, is_name))
    for (const std::string& label : names_in(pictures_ / subject, is_name)) {
      const std::vector<std::string>& files = files_of(subject, label);
      if (!files.empty() && !take(subject, label, files)) return;
    }
}

Json Pictures::list() {
  Json all = Json::object();
  for_each_folder([&](const auto& subject, const auto& label, const auto& files) {
    all[subject][label] = files;
    return true;
  });
  return all;
}

Json Pictures::list(const std::string& subject, const std::string& label) {
  folder_in(pictures_, subject, label);
  const std::lock_guard lock(mutex_);
  return files_of(subject, label);
}

bool Pictures::empty() {
  bool none = true;
  for_each_folder([&](const auto&, const auto&, const auto&) { return none = false; });
  return none;
}

Json Pictures::counts() {
  std::map<std::string, std::size_t> counts;
  for_each_folder([&](const auto&, const auto& label, const auto& files) {
    counts[label] += files.size();
    return true;
  });
  return counts;
}

std::vector<std::uint8_t> Pictures::bytes(const PicturePlace& place) {
  if (!is_picture_name(place.file)) fail("'{}' is no picture's name", place.file.substr(0, 60));
  return read_file(joined(pictures_, {place.subject, place.label, place.file}));
}

PicturePlace Pictures::relabel(const PicturePlace& place, const std::string& label) {
  data::class_folder(label);
  return move(pictures_, place, pictures_, label);
}
PicturePlace Pictures::discard(const PicturePlace& place) {
  return move(pictures_, place, trash_, place.label);
}
PicturePlace Pictures::restore(const PicturePlace& place) {
  return move(trash_, place, pictures_, place.label);
}

PicturePlace Pictures::move(const fs::path& from, const PicturePlace& place, const fs::path& to,
                            const std::string& label) {
  if (!is_picture_name(place.file)) fail("'{}' is no picture's name", place.file.substr(0, 60));
  const std::lock_guard lock(mutex_);
  const fs::path source = joined(from, {place.subject, place.label, place.file});
  if (!fs::is_regular_file(source)) fail("{}: there is no such picture any more", source.string());
  close_sitting();  // its numbers would be others afterwards; it goes on with its next picture
  PicturePlace moved = {.subject = place.subject, .label = label, .file = place.file};
  const fs::path folder = folder_in(to, moved.subject, moved.label);
  make_folder(folder);
  for (int number = 1; fs::exists(folder / moved.file); ++number)
    moved.file = fmt::format("{:04}{}", number, fs::path(place.file).extension().string());
  fs::rename(source, folder / moved.file);
  std::error_code used;
  if (fs::remove(source.parent_path(), used)) fs::remove(source.parent_path().parent_path(), used);
  return moved;
}

}  // namespace mudra::studio
