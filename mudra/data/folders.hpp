// Pictures in folders, one folder per class, with or without a level of subjects above, as LeapGestRecog has
// them, or of the parts of a split.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "mudra/data/dataset.hpp"

namespace mudra::data {

struct FolderConfig {
  double unreadable_limit = 0.01;  // the share of pictures that may be unreadable
  std::string layout = {};         // as parse_layout takes it; empty: guessed
  PictureShape shape = {};         // that the pictures get
};

struct UnreadableImage {
  std::string path;
  std::string reason;
};

// What a folder held beside the pictures of the data set.
struct FolderReport {
  std::string layout;                       // "SUBJECT/CLASS/*", "SPLIT/CLASS/*", "*"
  std::vector<UnreadableImage> unreadable;  // in the order of the data set
  std::size_t left_out = 0;                 // pictures of LeapGestRecog's *_moved classes
  std::size_t found = 0;                    // pictures in all
  std::size_t misplaced = 0;                // pictures below more or fewer folders than the layout has
  std::string first_misplaced;              // one of them
  std::size_t without_end = 0;              // JPEGs without their end marker, read nevertheless
  std::size_t ignored_files = 0;            // hidden files and files that are no pictures by their name
  std::vector<std::string> empty_folders;   // class folders without pictures
};

struct FolderContents {
  Dataset dataset;
  FolderReport report;
};

// Reads the pictures of a folder, or of a .zip of one, on all threads, as guess_layout says of those that lie
// as deep as most, or as the layout given. The pictures come in natural order of subject, class and file ("2"
// before "10"), their paths relative to `root`. Links are followed, but no folder is read twice. Classes:
// folders called as LeapGestRecog's (01_palm ... 10_down) are its eight gestures in the order of
// kGestureNames, all eight even where some have no pictures, and its *_moved folders are left out and
// counted. Folders called exactly as the eight gestures are ordered so too; any others by natural order of
// their names. Folders called none or as class_called says are the class `none`, the last. Throws Error: no
// pictures, most of them at other depths (unless a layout is given), a layout that cannot be guessed, or more
// than the limit unreadable (naming the first); kInterrupted on Ctrl-C.
FolderContents read_folder(const std::filesystem::path& root, const FolderConfig& config = {});

// Whether `a` comes before `b` when runs of digits count as numbers.
bool natural_less(const std::string& a, const std::string& b);

}  // namespace mudra::data
