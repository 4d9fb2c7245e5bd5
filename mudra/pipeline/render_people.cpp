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
#include "mudra/data/synthetic_hands.hpp"

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

fs::path class_folder(int person, int gesture) {
  return fs::path(fmt::format("s{:03}", person)) / data::kGestureNames[gesture];
}

// "DIR/" names the folder DIR.
fs::path without_slash(const std::string& text) {
  const fs::path path(text);
  return path.has_filename() ? path : path.parent_path();
}

}  // namespace

void render_people(const RenderSettings& settings) {
  set_threads(settings.threads);
  if (settings.images() > data::max_images())
    fail("{} pictures are more than the {} a set may have", settings.images(), data::max_images());
  const fs::path target = without_slash(settings.out);
  check_missing_or_empty(target);
  PendingFolder folder(target);
  for (int person = 0; person < settings.people; ++person)
    for (int gesture = 0; gesture < data::kGestures; ++gesture)
      make_folder(folder.path() / class_folder(person, gesture));
  const auto per_class = static_cast<std::size_t>(settings.per_class);
  for_each_parallel("rendering", settings.images(), [&](std::size_t i) {
    const data::HandId id{.seed = settings.seed,
                          .person = i / per_class / data::kGestures,
                          .gesture = static_cast<int>(i / per_class % data::kGestures),
                          .frame = i % per_class};
    std::array<std::uint8_t, data::kImagePixels> picture;
    data::render_hand(id, picture);
    const fs::path file =
        class_folder(static_cast<int>(id.person), id.gesture) / fmt::format("{:04}.png", id.frame);
    write_file(folder.path() / file, data::encode_png(picture, {}));
  });
  folder.commit();
}

}  // namespace mudra::pipeline
