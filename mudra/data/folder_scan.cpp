#include "mudra/data/folder_scan.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/data/image.hpp"

namespace mudra::data {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostLevels = 3;  // SUBJECT/CLASS/file

// LeapGestRecog's class folders and the gestures they are, in the order of kGestureNames.
struct LeapClass {
  const char* folder;
  const char* gesture;
};
constexpr std::array<LeapClass, kGestures> kLeapClasses = {{{"01_palm", "palm"},
                                                            {"02_l", "l"},
                                                            {"03_fist", "fist"},
                                                            {"05_thumb", "thumb"},
                                                            {"06_index", "index"},
                                                            {"07_ok", "ok"},
                                                            {"09_c", "c"},
                                                            {"10_down", "down"}}};
constexpr std::array<const char*, 2> kLeapMoved = {"04_fist_moved", "08_palm_moved"};

// Every picture and every folder below a root, by their names on the way.
struct Tree {
  std::vector<std::vector<std::string>> images;   // 1 to kMostLevels names, the last is the file's
  std::vector<std::vector<std::string>> folders;  // 1 to kMostLevels - 1 names
  std::size_t ignored_files = 0;
  fs::path deeper;  // some folder below kMostLevels, where pictures may be
};

class Walk {
 public:
  Tree of(const fs::path& root) {
    struct stat info {};
    if (::stat(root.c_str(), &info) == 0) seen_.insert({info.st_dev, info.st_ino});
    enter(root, {});
    return std::move(tree_);
  }

 private:
  void enter(const fs::path& folder, std::vector<std::string> names) {
    std::error_code error;
    std::vector<fs::path> entries;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
      entries.push_back(it->path());
    if (error) throw Error(ErrorKind::kIo, fmt::format("{}: {}", folder.string(), error.message()));
    std::ranges::sort(entries);  // so that of two links to one folder the same is read everywhere
    names.emplace_back();
    for (const fs::path& entry : entries) {
      names.back() = entry.filename().string();
      visit(entry, names);
    }
  }

  void visit(const fs::path& entry, const std::vector<std::string>& names) {
    struct stat info {};
    const bool exists = ::stat(entry.c_str(), &info) == 0;
    const bool hidden = names.back().starts_with('.');
    if (exists && S_ISDIR(info.st_mode)) {
      if (hidden || !seen_.insert({info.st_dev, info.st_ino}).second) return;
      if (names.size() >= kMostLevels) {
        tree_.deeper = entry;
        return;
      }
      tree_.folders.push_back(names);
      enter(entry, names);
    } else if (hidden || !has_image_extension(entry)) {
      ++tree_.ignored_files;
    } else {
      tree_.images.push_back(names);  // a broken link becomes an unreadable picture
    }
  }

  Tree tree_;
  std::set<std::pair<dev_t, ino_t>> seen_;  // folders
};

bool is_leap_moved(const std::string& folder) {
  return std::ranges::find(kLeapMoved, folder) != kLeapMoved.end();
}

const LeapClass* find_leap_class(const std::string& folder) {
  const auto it = std::ranges::find(kLeapClasses, folder, &LeapClass::folder);
  return it == kLeapClasses.end() ? nullptr : &*it;
}

// Whether all class folders are LeapGestRecog's, and not only its *_moved ones.
bool is_leap(const std::set<std::string>& folders) {
  const auto known = [](const std::string& name) {
    return find_leap_class(name) != nullptr || is_leap_moved(name);
  };
  return std::ranges::all_of(folders, known) && !std::ranges::all_of(folders, is_leap_moved);
}

// The number of names most pictures have: 3 for SUBJECT/CLASS/*, 2 for CLASS/*, 1 for *.
std::size_t most_frequent_level(const Tree& tree) {
  std::array<std::size_t, kMostLevels + 1> count{};
  for (const auto& names : tree.images) ++count[names.size()];
  return static_cast<std::size_t>(std::ranges::max_element(count) - count.begin());
}

[[noreturn]] void fail_empty(const fs::path& root, const Tree& tree) {
  if (!tree.deeper.empty())
    fail("{}: no pictures as CLASS/* or SUBJECT/CLASS/*; folders go deeper, such as {}", root.string(),
         tree.deeper.string());
  fail("{}: no .png or .jpg pictures as CLASS/* or SUBJECT/CLASS/*", root.string());
}

std::vector<FoundImage> images_at(const Tree& tree, std::size_t level) {
  std::vector<FoundImage> images;
  for (const auto& names : tree.images) {
    if (names.size() != level) continue;
    FoundImage image{.subject = {}, .class_name = {}, .path = names.front()};
    for (std::size_t i = 1; i < level; ++i) image.path += "/" + names[i];
    if (level >= 2) image.class_name = names[level - 2];
    if (level == 3) image.subject = names[0];
    images.push_back(std::move(image));
  }
  std::ranges::sort(images, [](const FoundImage& a, const FoundImage& b) {
    if (a.subject != b.subject) return natural_less(a.subject, b.subject);
    if (a.class_name != b.class_name) return natural_less(a.class_name, b.class_name);
    return natural_less(a.path, b.path);
  });
  return images;
}

// Names the classes of a LeapGestRecog tree by their gestures and leaves its *_moved ones out.
void to_gestures(FolderScan& scan) {
  const std::size_t before = scan.images.size();
  std::erase_if(scan.images, [](const FoundImage& image) { return is_leap_moved(image.class_name); });
  scan.report.left_out = before - scan.images.size();
  for (FoundImage& image : scan.images) image.class_name = find_leap_class(image.class_name)->gesture;
  scan.class_names.assign(std::begin(kGestureNames), std::end(kGestureNames));
}

std::vector<std::string> ordered_classes(const std::set<std::string>& folders) {
  if (folders == std::set<std::string>(std::begin(kGestureNames), std::end(kGestureNames)))
    return {std::begin(kGestureNames), std::end(kGestureNames)};
  std::vector<std::string> names(folders.begin(), folders.end());
  std::ranges::sort(names, natural_less);
  return names;
}

std::vector<std::string> empty_class_folders(const Tree& tree, std::size_t level) {
  std::set<std::vector<std::string>> full;
  for (auto names : tree.images) {
    names.pop_back();
    full.insert(std::move(names));
  }
  std::vector<std::string> empty;
  for (const auto& names : tree.folders)
    if (names.size() + 1 == level && !full.contains(names))
      empty.push_back(names.size() == 2 ? names[0] + "/" + names[1] : names[0]);
  std::ranges::sort(empty, natural_less);
  return empty;
}

}  // namespace

FolderScan scan_folder(const fs::path& root) {
  const Tree tree = Walk().of(root);
  if (tree.images.empty()) fail_empty(root, tree);
  constexpr std::array<const char*, kMostLevels + 1> kLayouts = {"", "*", "CLASS/*", "SUBJECT/CLASS/*"};
  const std::size_t level = most_frequent_level(tree);
  FolderScan scan{.images = images_at(tree, level), .class_names = {}, .report = {}};
  scan.report.layout = kLayouts[level];
  scan.report.misplaced = tree.images.size() - scan.images.size();
  scan.report.ignored_files = tree.ignored_files;
  scan.report.empty_folders = level > 1 ? empty_class_folders(tree, level) : std::vector<std::string>{};

  std::set<std::string> folders;
  for (const FoundImage& image : scan.images) folders.insert(image.class_name);
  if (level > 1 && is_leap(folders))
    to_gestures(scan);
  else if (level > 1)
    scan.class_names = ordered_classes(folders);
  return scan;
}

}  // namespace mudra::data
