#include "mudra/data/folders.hpp"

#include <algorithm>
#include <string_view>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/parallel.hpp"
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

// Why the picture could not be read, empty when it was.
std::string decode_into(const std::filesystem::path& path, ImageOut out) {
  try {
    prepare(decode_image(read_file(path)), out);
    return {};
  } catch (const Error& error) {
    const std::string prefix = path.string() + ": ";  // the report names the path itself
    return error.text.starts_with(prefix) ? error.text.substr(prefix.size()) : error.text;
  }
}

// Decodes every image of the scan into `images`; reasons[i] is why image i could not be, or empty.
std::vector<std::string> decode_all(const std::filesystem::path& root, const std::vector<FoundImage>& found,
                                    std::vector<std::uint8_t>& images) {
  std::vector<std::string> reasons(found.size());
  for_each_parallel("reading", found.size(), [&](std::size_t i) {
    reasons[i] = decode_into(root / found[i].path, ImageOut(images.data() + i * kImagePixels, kImagePixels));
  });
  return reasons;
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
  FolderScan scan = scan_folder(root);
  const std::vector<FoundImage>& found = scan.images;
  if (found.size() > kMaxImages)
    fail("{}: {} pictures are more than {}", root.string(), found.size(), kMaxImages);
  FolderContents contents{.dataset = {}, .report = std::move(scan.report)};
  Dataset& set = contents.dataset;
  set.name = root.string();
  set.class_names = std::move(scan.class_names);
  set.images.resize(found.size() * kImagePixels);
  const auto reasons = decode_all(root, found, set.images);

  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!reasons[i].empty()) {
      contents.report.unreadable.push_back({found[i].path, reasons[i]});
      continue;
    }
    const std::size_t place = set.size();
    if (place != i)
      std::copy_n(set.images.begin() + static_cast<std::ptrdiff_t>(i * kImagePixels), kImagePixels,
                  set.images.begin() + static_cast<std::ptrdiff_t>(place * kImagePixels));
    set.labels.push_back(index_in(set.class_names, found[i].class_name));
    const std::string& subject = found[i].subject;
    if (!subject.empty() && (set.subject_names.empty() || set.subject_names.back() != subject))
      set.subject_names.push_back(subject);  // subjects come one after the other
    set.subjects.push_back(static_cast<std::int32_t>(set.subject_names.size()) - 1);
    set.paths.push_back(found[i].path);
  }
  set.images.resize(set.size() * kImagePixels);
  with_context(root.string(), [&] { check_share(contents.report, found.size(), config.unreadable_limit); });
  return contents;
}

}  // namespace mudra::data
