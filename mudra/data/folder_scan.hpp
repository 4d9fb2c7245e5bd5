// Finding the pictures of a folder and what their folders say about them, before any is opened.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mudra/data/folders.hpp"

namespace mudra::data {

struct FoundImage {
  std::string subject;       // folder name; empty when the layout has no subjects
  std::string class_name;    // folder name; empty when the layout has no classes
  std::optional<Part> part;  // when the layout has a split
  std::string path;          // relative to the root
  std::size_t place = 0;     // among the names given to scan_names
};

struct FolderScan {
  std::vector<FoundImage> images;  // in natural order of subject, class and file
  std::vector<std::string> class_names;
  FolderReport report;
};

// As read_folder, without reading pictures. Class names are the data set's already (palm, not 01_palm).
FolderScan scan_folder(const std::filesystem::path& root, const std::string& layout = {});

// The same of the files that these names say, with '/' between folders and behind a folder, as archives have
// them. `root` is for messages. Hidden names (.x, __MACOSX) and what would lead out (..) are ignored.
FolderScan scan_names(const std::string& root, std::span<const std::string> names,
                      const std::string& layout = {});

}  // namespace mudra::data
