#include "mudra/pipeline/render_people.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/parallel.hpp"
#include "mudra/base/temporary_folder.hpp"
#include "mudra/base/threads.hpp"
#include "mudra/data/image.hpp"
#include "mudra/data/synthetic_set.hpp"

namespace mudra::pipeline {
namespace {

namespace fs = std::filesystem;

void check_missing_or_empty(const fs::path& folder) {
  std::error_code ignored;
  if (folder.empty()) fail("an empty path names no folder");
  if (fs::exists(folder, ignored) && !fs::is_directory(folder, ignored))
    fail("{}: is no folder", folder.string());
  if (fs::exists(folder, ignored) && !fs::is_empty(folder, ignored))
    fail("{}: is not empty", folder.string());
}

fs::path class_folder(std::uint64_t person, const std::string& name) {
  return fs::path(fmt::format("s{:03}", person)) / name;
}

// "DIR/" names the folder DIR.
fs::path without_slash(const std::string& text) {
  const fs::path path(text);
  return path.has_filename() ? path : path.parent_path();
}

}  // namespace

data::SyntheticConfig RenderSettings::config() const {
  return {.people = people,
          .images_per_class = per_class,
          .seed = seed,
          .rendering = {
              .light = data::lighting_named(light),
              .hands = data::hands_named(hands),
              .none = without_none ? 0 : with_context("--none", [&] { return data::share_of_none(none); })}};
}

void render_people(const RenderSettings& settings) {
  set_threads(settings.threads);
  const data::SyntheticConfig hands = settings.config();
  if (hands.images() > data::max_images())
    fail("{} pictures are more than the {} a set may have", hands.images(), data::max_images());
  const fs::path target = without_slash(settings.out);
  check_missing_or_empty(target);
  PendingFolder folder(target);
  const std::vector<std::string> classes = class_names(hands.rendering);
  for (int person = 0; person < hands.people; ++person)
    for (const std::string& name : classes)
      make_folder(folder.path() / class_folder(static_cast<std::uint64_t>(person), name));
  for_each_parallel("rendering", hands.images(), [&](std::size_t i) {
    const data::HandId id = hands.id(i);
    std::array<std::uint8_t, data::kImagePixels> picture;
    data::render_hand(id, hands.rendering, picture);
    const std::string& name = classes[static_cast<std::size_t>(id.gesture)];
    write_file(folder.path() / class_folder(id.person, name) / fmt::format("{:04}.png", id.frame),
               data::encode_png(picture, {}));
  });
  folder.commit();
}

}  // namespace mudra::pipeline
