#include "mudra/data/folder_scan.hpp"

#include <fmt/ranges.h>
#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/base/interrupt.hpp"
#include "mudra/data/image.hpp"
#include "mudra/data/layout.hpp"

namespace mudra::data {
namespace {

namespace fs = std::filesystem;

struct Picture {
  Names names;  // the folders' and the file's
  std::size_t place = 0;
};

// Every picture and every folder below a root.
struct Tree {
  std::vector<Picture> pictures;
  std::vector<Names> folders;
  std::size_t ignored_files = 0;
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
  void enter(const fs::path& folder, Names names) {
    stop_if_interrupted();
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

  void visit(const fs::path& entry, const Names& names) {
    struct stat info {};
    const bool exists = ::stat(entry.c_str(), &info) == 0;
    const bool hidden = names.back().starts_with('.');
    if (exists && S_ISDIR(info.st_mode)) {
      if (hidden || !seen_.insert({info.st_dev, info.st_ino}).second) return;
      tree_.folders.push_back(names);
      enter(entry, names);
    } else if (hidden || !has_image_extension(entry)) {
      ++tree_.ignored_files;
    } else {
      tree_.pictures.push_back({names});  // a broken link becomes an unreadable picture
    }
  }

  Tree tree_;
  std::set<std::pair<dev_t, ino_t>> seen_;  // folders
};

// The folders and the file of "a/b/c.png" or "./a/b/c.png".
Names split_name(const std::string& name) {
  Names names;
  for (std::size_t begin = 0; begin < name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    std::string part = name.substr(begin, end - begin);
    if (!part.empty() && part != ".") names.push_back(std::move(part));
    begin = end + 1;
  }
  return names;
}

Tree tree_of(std::span<const std::string> files) {
  Tree tree;
  std::set<Names> folders;
  for (std::size_t i = 0; i < files.size(); ++i) {
    Names names = split_name(files[i]);
    const bool is_folder = files[i].ends_with('/');
    const bool hidden = std::ranges::any_of(
        names, [](const std::string& name) { return name.starts_with('.') || name == "__MACOSX"; });
    if (names.empty() || (is_folder && hidden)) continue;
    for (std::size_t depth = 1; !hidden && depth < names.size() + (is_folder ? 1 : 0); ++depth)
      folders.insert(Names(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(depth)));
    if (is_folder) continue;
    if (hidden || !has_image_extension(names.back()))
      ++tree.ignored_files;
    else
      tree.pictures.push_back({std::move(names), i});
  }
  tree.folders.assign(folders.begin(), folders.end());
  return tree;
}

std::string path_of(const Names& names) { return fmt::format("{}", fmt::join(names, "/")); }

// Whether all classes but `none` are LeapGestRecog's folders, and not only its *_moved ones.
bool is_leap(const std::set<std::string>& classes) {
  const auto known = [](const std::string& name) {
    return leap_gesture(name) != nullptr || is_leap_moved(name) || name == kNoneName;
  };
  return std::ranges::all_of(classes, known) && std::ranges::any_of(classes, leap_gesture);
}

// Pictures by the number of their names, which is one more than that of the folders they lie in.
std::map<std::size_t, std::vector<Names>> by_depth(const Tree& tree) {
  std::map<std::size_t, std::vector<Names>> depths;
  for (const Picture& picture : tree.pictures) depths[picture.names.size()].push_back(picture.names);
  return depths;
}

// "20 in 3 folders (desk/images/cup/0.png), 4 in 1 folder (desk/overview0.png)"
std::string places(const std::map<std::size_t, std::vector<Names>>& depths) {
  std::vector<std::string> texts;
  for (const auto& [names, pictures] : depths)
    texts.push_back(fmt::format("{} in {} folder{} ({})", pictures.size(), names - 1, names == 2 ? "" : "s",
                                path_of(pictures.front())));
  return fmt::format("{}", fmt::join(texts, ", "));
}

Layout choose_layout(const Tree& tree, const std::string& given) {
  if (tree.pictures.empty()) fail("no pictures (.png, .jpg, .webp, .bmp) as CLASS/* or SUBJECT/CLASS/*");
  const auto depths = by_depth(tree);
  if (!given.empty()) {
    Layout layout = parse_layout(given);
    if (!depths.contains(layout.size() + 1))
      fail("no pictures as {}; there are {}", text_of(layout), places(depths));
    return layout;
  }
  const auto& most =
      std::ranges::max_element(depths, {}, [](const auto& depth) { return depth.second.size(); })->second;
  if (2 * most.size() < tree.pictures.size())
    fail(
        "pictures lie at different depths: {}; say which to take with --layout, for example person/class, as "
        "`mudra data prepare` takes it",
        places(depths));
  return guess_layout(most);
}

std::vector<FoundImage> images_as(const Tree& tree, const Layout& layout) {
  std::vector<FoundImage> images;
  for (const auto& [names, place] : tree.pictures) {
    if (names.size() != layout.size() + 1) continue;
    FoundImage image{.subject = {}, .class_name = {}, .part = {}, .path = path_of(names), .place = place};
    for (std::size_t i = 0; i < layout.size(); ++i) {
      if (layout[i] == Folder::kSubject) image.subject = names[i];
      if (layout[i] == Folder::kClass) image.class_name = class_called(names[i]);
      if (layout[i] != Folder::kSplit) continue;
      image.part = part_called(names[i]);
      if (!image.part) fail("'{}' is no part of a split (train, valid, test)", names[i]);
    }
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
  for (FoundImage& image : scan.images)
    if (const char* gesture = leap_gesture(image.class_name)) image.class_name = gesture;
  scan.class_names.assign(std::begin(kGestureNames), std::end(kGestureNames));
}

std::vector<std::string> ordered_classes(const std::set<std::string>& classes) {
  if (classes == std::set<std::string>(std::begin(kGestureNames), std::end(kGestureNames)))
    return {std::begin(kGestureNames), std::end(kGestureNames)};
  std::vector<std::string> names(classes.begin(), classes.end());
  std::ranges::sort(names, natural_less);
  return names;
}

// Folders without pictures at the depth where others have theirs.
std::vector<std::string> empty_folders(const Tree& tree, std::size_t depth) {
  std::set<Names> full;
  for (const Picture& picture : tree.pictures)
    full.insert(Names(picture.names.begin(), picture.names.end() - 1));
  std::vector<std::string> empty;
  for (const Names& names : tree.folders)
    if (depth > 0 && names.size() == depth && !full.contains(names)) empty.push_back(path_of(names));
  std::ranges::sort(empty, natural_less);
  return empty;
}

FolderScan scan_tree(const Tree& tree, const std::string& given) {
  const Layout layout = choose_layout(tree, given);
  FolderScan scan{.images = images_as(tree, layout), .class_names = {}, .report = {}};
  scan.report.layout = text_of(layout);
  scan.report.found = tree.pictures.size();
  scan.report.misplaced = tree.pictures.size() - scan.images.size();
  for (const Picture& picture : tree.pictures)
    if (scan.report.first_misplaced.empty() && picture.names.size() != layout.size() + 1)
      scan.report.first_misplaced = path_of(picture.names);
  scan.report.ignored_files = tree.ignored_files;
  scan.report.empty_folders = empty_folders(tree, layout.size());

  std::set<std::string> classes;
  for (const FoundImage& image : scan.images) classes.insert(image.class_name);
  if (std::ranges::find(layout, Folder::kClass) == layout.end()) return scan;
  const bool leap = is_leap(classes), has_none = classes.erase(kNoneName) > 0;
  if (leap)
    to_gestures(scan);
  else
    scan.class_names = ordered_classes(classes);
  if (has_none) scan.class_names.emplace_back(kNoneName);
  return scan;
}

}  // namespace

FolderScan scan_folder(const fs::path& root, const std::string& layout) {
  const Tree tree = Walk().of(root);
  return with_context(root.string(), [&] { return scan_tree(tree, layout); });
}

FolderScan scan_names(const std::string& root, std::span<const std::string> names,
                      const std::string& layout) {
  return with_context(root, [&] { return scan_tree(tree_of(names), layout); });
}

}  // namespace mudra::data
