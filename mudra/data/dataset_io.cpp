#include "mudra/data/dataset_io.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/parallel.hpp"
#include "mudra/data/image.hpp"
#include "mudra/data/npz.hpp"
#include "mudra/data/synthetic_hands.hpp"
#include "mudra/data/synthetic_set.hpp"

namespace mudra::data {
namespace {

using Arrays = std::span<const NpzArray>;

std::int64_t ssize(std::size_t size) { return static_cast<std::int64_t>(size); }

// The pictures of an array [N, height, width] or [N, height, width, channels].
void take_images(NpzArray& array, Dataset& set) {
  if (!std::holds_alternative<std::vector<std::uint8_t>>(array.values)) fail_type(array);
  std::vector<std::int64_t> sizes = array.shape;
  if (sizes.size() == 3) sizes.push_back(1);
  const std::int64_t count = sizes.empty() ? 0 : std::exchange(sizes[0], 1);
  const auto shape = device::picture_shape(sizes);
  if (!shape)
    fail("images must have the shape [N, height, width] or [N, height, width, 3], with sides of {} to {}",
         device::kMinPictureSide, device::kMaxPictureSide);
  if (count == 0) fail("there are no images in it");
  set.shape = *shape;
  set.images = std::move(std::get<std::vector<std::uint8_t>>(array.values));
}

void check_length(const NpzArray& array, std::size_t count) {
  if (array.shape != std::vector<std::int64_t>{ssize(count)})
    fail("the array '{}' must have one entry for each of the {} images", array.name, count);
}

// `count` indices of [least, end), given as int32 or int64.
std::vector<std::int32_t> indices_of(const NpzArray& array, std::size_t count, std::int64_t least,
                                     std::size_t end) {
  check_length(array, count);
  std::vector<std::int32_t> indices;
  const auto take = [&](const auto& values) {
    for (const auto value : values) {
      if (value < least || value >= ssize(end))
        fail("the array '{}' has the value {}, which is not in {} to {}", array.name, value, least,
             ssize(end) - 1);
      indices.push_back(static_cast<std::int32_t>(value));
    }
  };
  if (const auto* narrow = std::get_if<std::vector<std::int32_t>>(&array.values))
    take(*narrow);
  else if (const auto* wide = std::get_if<std::vector<std::int64_t>>(&array.values))
    take(*wide);
  else
    fail_type(array);
  return indices;
}

// The names in an array, each once; none when it is missing and `optional`.
std::vector<std::string> names_of(Arrays arrays, std::string_view name, bool optional) {
  if (optional && find(arrays, name) == nullptr) return {};
  const auto& names = values_of<std::string>(arrays, name);
  if (std::set<std::string>(names.begin(), names.end()).size() != names.size())
    fail("the array '{}' has a name twice", name);
  for (const std::string& entry : names) check_printable(entry, "name of a class or person");
  return names;
}

Dataset to_dataset(std::vector<NpzArray>& arrays) {
  const auto images = std::ranges::find(arrays, "images", &NpzArray::name);
  if (images == arrays.end()) fail_missing("images");
  Dataset set;
  take_images(*images, set);
  const std::size_t count = set.images.size() / set.shape.bytes();
  set.class_names = names_of(arrays, "class_names", false);
  if (set.class_names.empty()) fail("the array 'class_names' is empty");
  const NpzArray* labels = find(arrays, "labels");
  if (labels == nullptr) fail_missing("labels");
  set.labels = indices_of(*labels, count, 0, set.class_names.size());
  set.subject_names = names_of(arrays, "subject_names", true);
  const NpzArray* subjects = find(arrays, "subjects");
  set.subjects = subjects == nullptr
                     ? std::vector<std::int32_t>(count, kUnknownSubject)
                     : indices_of(*subjects, count, kUnknownSubject, set.subject_names.size());
  set.paths.resize(count);
  if (find(arrays, "paths") != nullptr) {
    check_length(array_of<std::string>(arrays, "paths"), count);
    set.paths = values_of<std::string>(arrays, "paths");
  }
  if (const NpzArray* parts = find(arrays, "parts")) {
    check_length(*parts, count);
    for (const std::uint8_t part : values_of<std::uint8_t>(arrays, "parts")) {
      if (part > static_cast<std::uint8_t>(Part::kTest))
        fail("the array 'parts' has the value {}, which is not 0 (train), 1 (validation) or 2 (test)", part);
      set.parts.push_back(static_cast<Part>(part));
    }
  }
  return set;
}

Dataset load_synthetic(const std::string& text, const SyntheticSet& rendered, const PictureShape& wanted) {
  const SyntheticSize size = with_context(text, [&] { return synthetic_size(rendered.hands); });
  Dataset set = render_dataset({.people = size.people,
                                .images_per_class = size.images_per_class,
                                .seed = 1,
                                .rendering = rendered.rendering});
  set.name = text;
  if (set.shape != wanted) resize_pictures(set, wanted);
  return set;
}

Dataset load_folder(const std::filesystem::path& path, const std::string& layout,
                    const PictureShape& wanted) {
  FolderConfig config;
  config.layout = layout;
  config.shape = wanted;
  auto [set, report] = read_folder(path, config);
  if (!report.unreadable.empty())
    set.notes.push_back(fmt::format("{}: left out {} unreadable pictures, the first {}: {}", set.name,
                                    report.unreadable.size(), report.unreadable[0].path,
                                    report.unreadable[0].reason));
  if (report.misplaced > 0)
    set.notes.push_back(fmt::format("{}: left out {} of {} pictures that do not lie as {}, the first {}",
                                    set.name, report.misplaced, report.found, report.layout,
                                    report.first_misplaced));
  if (report.without_end > 0)
    set.notes.push_back(fmt::format("{}: {} JPEGs have no end marker; their pixels are all there", set.name,
                                    report.without_end));
  if (report.left_out > 0)
    set.notes.push_back(
        fmt::format("{}: left out {} pictures of *_moved classes", set.name, report.left_out));
  return std::move(set);
}

}  // namespace

void resize_pictures(Dataset& set, const PictureShape& shape) {
  if (set.size() > max_images(shape))
    fail("{}: {} pictures of {} are more than the {} a set may have", set.name, set.size(), text_of(shape),
         max_images(shape));
  Dataset resized;
  resized.shape = shape;
  resized.images.resize(set.size() * shape.bytes());
  for_each_parallel(Schedule::kStatic, set.size(), [&](std::size_t i) {
    const auto picture = std::as_const(set).image(i);
    prepare(Image{.width = set.shape.width,
                  .height = set.shape.height,
                  .channels = set.shape.channels,
                  .pixels = {picture.begin(), picture.end()}},
            shape, resized.image(i));
  });
  set.notes.push_back(fmt::format("{}: hands are rendered {} and resized to {}", set.name, text_of(set.shape),
                                  text_of(shape)));
  set.shape = shape;
  set.images = std::move(resized.images);
}

void write_dataset(const std::filesystem::path& path, const Dataset& dataset) {
  require_labels(dataset);
  const std::int64_t count = ssize(dataset.size());
  std::vector<NpzArray> arrays;
  std::vector<std::int64_t> sizes = {count, dataset.shape.height, dataset.shape.width};
  if (dataset.shape.is_color()) sizes.push_back(dataset.shape.channels);
  arrays.push_back({"images", std::move(sizes), dataset.images});
  arrays.push_back({"labels", {count}, dataset.labels});
  arrays.push_back({"subjects", {count}, dataset.subjects});
  arrays.push_back({"paths", {count}, dataset.paths});
  arrays.push_back({"class_names", {ssize(dataset.class_names.size())}, dataset.class_names});
  arrays.push_back({"subject_names", {ssize(dataset.subject_names.size())}, dataset.subject_names});
  if (dataset.states_split()) {
    std::vector<std::uint8_t> parts;
    for (const Part part : dataset.parts) parts.push_back(static_cast<std::uint8_t>(part));
    arrays.push_back({"parts", {count}, std::move(parts)});
  }
  write_npz(path, arrays);
}

Dataset read_dataset(const std::filesystem::path& path) {
  auto arrays = read_npz(path);
  Dataset set = with_context(path.string(), [&] { return to_dataset(arrays); });
  set.name = path.string();
  return set;
}

Dataset read_images(const std::filesystem::path& path) {
  const auto file = read_file(path);
  return with_context(path.string(), [&] {
    NpzArray array = read_npy(file);
    array.name = "images";
    Dataset set;
    set.name = path.string();
    take_images(array, set);
    const std::size_t count = set.images.size() / set.shape.bytes();
    set.labels.assign(count, kUnknownLabel);
    set.subjects.assign(count, kUnknownSubject);
    set.paths.resize(count);
    return set;
  });
}

namespace {

Dataset read_arrays(const std::filesystem::path& path) {
  if (path.extension() == ".npy") return read_images(path);
  std::error_code error;
  if (path.extension() == ".npz" || !std::filesystem::exists(path, error)) return read_dataset(path);
  fail("{}: is no data set (a .npz, a .npy, a folder or a .zip of pictures, or synthetic:N)", path.string());
}

}  // namespace

Dataset load_set(const std::string& text, const std::string& layout,
                 const std::optional<PictureShape>& wanted) {
  const auto rendered = synthetic_set(text);
  const std::filesystem::path path(text);
  std::error_code error;
  if (!rendered && (std::filesystem::is_directory(path, error) || path.extension() == ".zip"))
    return load_folder(path, layout, wanted.value_or(PictureShape{}));
  if (!layout.empty() && (rendered || std::filesystem::exists(path, error)))
    fail("{}: only pictures in folders have a layout; leave --layout out", text);
  if (rendered) return load_synthetic(text, *rendered, wanted.value_or(PictureShape{}));
  Dataset set = read_arrays(path);
  if (wanted) require_shape(set, *wanted);
  return set;
}

Dataset load_sets(const std::vector<std::string>& texts, const std::optional<PictureShape>& wanted,
                  const std::vector<std::string>& known) {
  std::vector<Dataset> sets;
  for (const std::string& text : texts) sets.push_back(load_set(text, {}, wanted));
  return merge(std::move(sets), known);
}

}  // namespace mudra::data
