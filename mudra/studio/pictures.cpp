#include "mudra/studio/pictures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
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

}  // namespace

Pictures::Kept Pictures::keep(const std::string& person, const std::string& label,
                              std::span<const std::uint8_t> png) {
  joined(pictures_, {person, label});
  check_sides(png);
  const std::lock_guard lock(mutex_);
  std::vector<std::uint8_t> pixels(kKeptShape.bytes());
  data::prepare(data::decode_image(png), kKeptShape, pixels);
  if (!sitting_ || person_ != person) {
    close_sitting();
    sitting_ = std::make_unique<data::Sitting>(pictures_, person, sessions_[person], kKeptShape);
    person_ = person;
  }
  const bool kept = sitting_->keep(label, pixels);
  return {.kept = kept, .subject = sitting_->subject(), .count = sitting_->count(label)};
}

void Pictures::end_sitting(const std::string& person) {
  const std::lock_guard lock(mutex_);
  if (person_ == person) close_sitting();
  sessions_.erase(person);
}

bool Pictures::take_back(const std::string& person) {
  const std::lock_guard lock(mutex_);
  return sitting_ && person_ == person && sitting_->take_back();
}

void Pictures::close_sitting() {
  if (sitting_ && sitting_->kept() > 0) sessions_[person_] = sitting_->subject().substr(person_.size() + 1);
  sitting_.reset();
}

Json Pictures::list() {
  const std::lock_guard lock(mutex_);
  Json all = Json::object();
  for (const std::string& subject : names_in(pictures_, is_name))
    for (const std::string& label : names_in(pictures_ / subject, is_name)) {
      const auto files = names_in(pictures_ / subject / label, is_picture_name);
      if (!files.empty()) all[subject][label] = files;
    }
  return all;
}

bool Pictures::empty() {
  const std::lock_guard lock(mutex_);
  for (const std::string& subject : names_in(pictures_, is_name))
    for (const std::string& label : names_in(pictures_ / subject, is_name))
      if (!names_in(pictures_ / subject / label, is_picture_name).empty()) return false;
  return true;
}

Json Pictures::counts() {
  const Json all = list();
  std::map<std::string, std::size_t> counts;
  for (const auto& [subject, labels] : all.items())
    for (const auto& [label, files] : labels.items()) counts[label] += files.size();
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
  const fs::path folder = joined(to, {moved.subject, moved.label});
  make_folder(folder);
  for (int number = 1; fs::exists(folder / moved.file); ++number)
    moved.file = fmt::format("{:04}{}", number, fs::path(place.file).extension().string());
  fs::rename(source, folder / moved.file);
  std::error_code used;
  if (fs::remove(source.parent_path(), used)) fs::remove(source.parent_path().parent_path(), used);
  return moved;
}

}  // namespace mudra::studio
