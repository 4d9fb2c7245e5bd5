// Data sets as files, and what a user may give for one on the command line.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "mudra/data/dataset.hpp"
#include "mudra/data/folders.hpp"

namespace mudra::data {

// The .npz of a labelled data set: images uint8 [N,height,width] of gray and [N,height,width,3]
// of colour pictures, labels int32 [N], subjects int32 [N] (-1:
// unknown), paths, class_names and subject_names as strings, and parts uint8 [N] (0 train, 1 validation, 2
// test) of a set that states a split. The file is replaced as a whole or not at all.
void write_dataset(const std::filesystem::path& path, const Dataset& dataset);

// Reads such a .npz, written here or by NumPy; labels and subjects may be int64, subjects, paths,
// subject_names and parts may be missing. Throws Error with the path in front for anything inconsistent.
Dataset read_dataset(const std::filesystem::path& path);

// A bare .npy of such images: pictures without labels and subjects.
Dataset read_images(const std::filesystem::path& path);

// The set's pictures in another shape, which a note says. Throws Error for more than a set may have.
void resize_pictures(Dataset& set, const PictureShape& shape);

// A SET of the command line: a .npz, a bare .npy, a folder of pictures or a .zip of one, or a SyntheticSet,
// which is rendered. Its pictures get the shape that is wanted: those in folders are prepared so,
// rendered ones resized, which a note says; of arrays another shape is an Error. Where none is wanted, arrays
// keep theirs and all others have the default. Throws Error saying what was wrong with it, also with a layout
// for another SET than pictures in folders.
Dataset load_set(const std::string& text, const std::string& layout = {},
                 const std::optional<PictureShape>& wanted = {});

// As load_set, each of them, merged as classes `known` where these are all.
Dataset load_sets(const std::vector<std::string>& texts, const std::optional<PictureShape>& wanted = {},
                  const std::vector<std::string>& known = {});

}  // namespace mudra::data
