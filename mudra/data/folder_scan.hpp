// Finding the pictures of a folder and what their folders say about them, before any is opened.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mudra/data/folders.hpp"

namespace mudra::data {

struct FoundImage {
  std::string subject;     // folder name; empty when the layout has no subjects
  std::string class_name;  // folder name; empty when the layout has no classes
  std::string path;        // relative to the root
};

struct FolderScan {
  std::vector<FoundImage> images;  // in natural order of subject, class and file
  std::vector<std::string> class_names;
  FolderReport report;
};

// As read_folder, without reading pictures. Class names are the data set's already (palm, not 01_palm).
FolderScan scan_folder(const std::filesystem::path& root);

}  // namespace mudra::data
