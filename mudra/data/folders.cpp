#include "mudra/data/folders.hpp"

#include <algorithm>
#include <string_view>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/parallel.hpp"
#include "mudra/base/zip.hpp"
#include "mudra/data/folder_scan.hpp"
#include "mudra/data/image.hpp"

namespace mudra::data {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The digits `text` begins with, without leading zeros; removes them from it.
std::string_view take_number(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && is_digit(text[end])) ++end;
  std::string_view number = text.substr(0, end);
  text.remove_prefix(end);
  while (!number.empty() && number.front() == '0') number.remove_prefix(1);
  return number;
}

// The files below a folder, or the entries of a .zip, all of which are in memory.
struct Files {
  std::filesystem::path root;
  bool zipped = false;
  std::vector<ZipEntry> entries;
};

Files open_files(const std::filesystem::path& root) {
  std::error_code error;
  if (root.extension() != ".zip" || std::filesystem::is_directory(root, error)) return {root, false, {}};
  const auto archive = read_file(root);
  return {root, true, with_context(root.string(), [&] { return read_zip(archive, kMaxFileBytes); })};
}

FolderScan scan_files(const Files& files, const std::string& layout) {
  if (!files.zipped) return scan_folder(files.root, layout);
  std::vector<std::string> names;
  for (const ZipEntry& entry : files.entries) names.push_back(entry.name);
  return scan_names(files.root.string(), names, layout);
}

struct Decoded {
  std::string reason;  // why the picture could not be read; empty when it was
  bool lacks_end = false;
};

Decoded decode_into(const Files& files, const FoundImage& found, const PictureShape& shape,
                    std::span<std::uint8_t> out) {
  const std::filesystem::path path = files.root / found.path;
  try {
    const Image image =
        files.zipped ? decode_image(files.entries[found.place].bytes) : decode_image(read_file(path));
    prepare(image, shape, out);
    return {{}, image.lacks_end};
  } catch (const Error& error) {
    const std::string prefix = path.string() + ": ";  // the report names the path itself
    return {error.text.starts_with(prefix) ? error.text.substr(prefix.size()) : error.text, false};
  }
}

// Decodes every image of the scan into the set's images.
std::vector<Decoded> decode_all(const Files& files, const std::vector<FoundImage>& found, Dataset& set) {
  std::vector<Decoded> decoded(found.size());
  set.images.resize(found.size() * set.shape.bytes());
  for_each_parallel("reading", found.size(), [&](std::size_t i) {
    decoded[i] = decode_into(files, found[i], set.shape, set.image(i));
  });
  return decoded;
}

void check_share(const FolderReport& report, std::size_t found, double limit) {
  const std::size_t bad = report.unreadable.size();
  if (bad == 0 || (bad < found && static_cast<double>(bad) <= limit * static_cast<double>(found))) return;
  const UnreadableImage& first = report.unreadable.front();
  fail("{} of {} pictures are unreadable, more than {:g} %; the first is {}: {}", bad, found, 100 * limit,
       first.path, first.reason);
}

std::int32_t index_in(const std::vector<std::string>& names, const std::string& name) {
  const auto it = std::ranges::find(names, name);
  return it == names.end() ? -1 : static_cast<std::int32_t>(it - names.begin());
}

}  // namespace

bool natural_less(const std::string& a, const std::string& b) {
  std::string_view left = a, right = b;
  while (!left.empty() && !right.empty()) {
    if (is_digit(left.front()) && is_digit(right.front())) {
      const std::string_view x = take_number(left), y = take_number(right);
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
    } else {
      if (left.front() != right.front())
        return static_cast<unsigned char>(left.front()) < static_cast<unsigned char>(right.front());
      left.remove_prefix(1);
      right.remove_prefix(1);
    }
  }
  if (left.empty() != right.empty()) return left.empty();
  return a < b;  // equal but for leading zeros
}

FolderContents read_folder(const std::filesystem::path& root, const FolderConfig& config) {
  const Files files = open_files(root);
  FolderScan scan = scan_files(files, config.layout);
  const std::vector<FoundImage>& found = scan.images;
  if (found.size() > max_images(config.shape))
    fail("{}: {} pictures are more than {}", root.string(), found.size(), max_images(config.shape));
  for (const FoundImage& image : found)
    if (!is_printable(image.subject) || !is_printable(image.class_name))
      fail("{}: the name of a folder of {} has control characters", root.string(), image.path);
  FolderContents contents{.dataset = {}, .report = std::move(scan.report)};
  Dataset& set = contents.dataset;
  set.name = root.string();
  set.class_names = std::move(scan.class_names);
  set.shape = config.shape;
  const auto decoded = decode_all(files, found, set);

  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!decoded[i].reason.empty()) {
      contents.report.unreadable.push_back({found[i].path, decoded[i].reason});
      continue;
    }
    contents.report.without_end += decoded[i].lacks_end ? 1 : 0;
    const std::size_t place = set.size();
    if (place != i) std::ranges::copy(set.image(i), set.image(place).begin());
    set.labels.push_back(index_in(set.class_names, found[i].class_name));
    const std::string& subject = found[i].subject;
    if (!subject.empty() && (set.subject_names.empty() || set.subject_names.back() != subject))
      set.subject_names.push_back(subject);  // subjects come one after the other
    set.subjects.push_back(static_cast<std::int32_t>(set.subject_names.size()) - 1);
    set.paths.push_back(found[i].path);
    if (found[i].part) set.parts.push_back(*found[i].part);
  }
  set.images.resize(set.size() * set.shape.bytes());
  with_context(root.string(), [&] { check_share(contents.report, found.size(), config.unreadable_limit); });
  return contents;
}

}  // namespace mudra::data
