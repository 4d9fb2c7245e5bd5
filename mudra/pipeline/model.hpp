// A MODEL of the command line: the network in a .pth, .onnx or .tflite file or in a RUN folder, with the
// names of its classes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "mudra/format/espdl.hpp"
#include "mudra/format/tflite.hpp"
#include "mudra/graph/graph.hpp"
#include "mudra/pipeline/pth_model.hpp"
#include "mudra/report/predictor.hpp"

namespace mudra::pipeline {

enum class ClassNames {
  kKnown,    // stored in the file, or given by the user
  kAssumed,  // the eight gestures: it is the article's network
  kUnknown,  // "class 0", "class 1", ...
};

struct Model {
  std::string format;  // "pth", "onnx", "tflite"
  std::variant<graph::Graph, format::TfliteModel>
      network;                               // a float graph with folded normalisations, or int8
  std::optional<graph::Graph> trained;       // of a .pth: as it was trained
  data::PictureShape picture;                // that it takes
  device::Normalization normalization = {};  // of its pixels, as the network's metadata states
  std::vector<std::string> class_names;      // in the order of the outputs
  ClassNames names_are = ClassNames::kKnown;
  std::vector<std::string> notes;  // what a user should know of how it was read
  std::uint64_t bytes = 0;         // of the file
};

// `path`: a file of one of these formats, told by its extension (.pth where it has another one), or a RUN
// folder. Classes without stored names are called `class_names`; without those too the
// eight of the article's network, and of any .pth, are the gestures, and others have numbers. The graph has
// names only where they are more than numbers. Pixels of a network that does not state how they become
// numbers are normalized as `normalize` says ("": value / 255); of one that does a note tells where that is
// not the same. Throws Error with the path in front, for networks that do not take one picture and weights
// that are not finite too.
Model load_model(const std::filesystem::path& path, const std::vector<std::string>& class_names = {},
                 const std::string& normalize = {});

// The file meant by `path`: itself, or the model.pth or model.onnx of a RUN folder.
std::filesystem::path model_file(const std::filesystem::path& path);

// Judges with the weights as they are now.
report::Predictor predictor_of(const Model& model);

// A MODEL ready to judge pictures.
struct LoadedPredictor {
  report::Predictor predictor;
  ClassNames names_are = ClassNames::kKnown;
  std::vector<std::string> notes;
};

// As load_model, and of an .espdl file.
LoadedPredictor load_predictor(const std::filesystem::path& path,
                               const std::vector<std::string>& class_names = {},
                               const std::string& normalize = {});

// The names of a network's classes and where they come from.
struct NamedClasses {
  std::vector<std::string> names;
  ClassNames are = ClassNames::kKnown;
  std::vector<std::string> notes;
};

// Whether the network, float or integer, has the weights' shapes of the article's, in its order.
bool is_articles_network(const graph::Graph& network);

// `stored`: in the file; `given`: by the user; `of_article`: eight outputs without names are the gestures.
// Throws Error for names that do not suit `outputs`.
NamedClasses name_classes(std::vector<std::string> stored, const std::vector<std::string>& given,
                          bool of_article, std::int64_t outputs);

// States in `metadata`, of a network that takes these pictures, the normalization that it states itself or,
// where it does not, `given` ("": none); adds a note where both differ. Throws Error for what does not suit
// them.
device::Normalization settle_normalization(std::map<std::string, std::string>& metadata,
                                           const data::PictureShape& picture, const std::string& given,
                                           std::vector<std::string>& notes);

// The same in the metadata of an integer model that takes pictures; whether that changed the file.
bool give_normalization(format::EspdlFile& file, const std::string& given, std::vector<std::string>& notes);

// "a,b,c" as a list.
std::vector<std::string> listed_names(const std::string& text);

// Prints on stderr how the file at `path` was read, where that is not a matter of course.
void tell_notes(ClassNames names_are, const std::vector<std::string>& class_names,
                const std::vector<std::string>& notes, const std::filesystem::path& path);
inline void tell_notes(const LoadedPredictor& model, const std::filesystem::path& path) {
  tell_notes(model.names_are, model.predictor.class_names, model.notes, path);
}
inline void tell_notes(const Model& model, const std::filesystem::path& path) {
  tell_notes(model.names_are, model.class_names, model.notes, path);
}

}  // namespace mudra::pipeline
