#include "mudra/pipeline/export_network.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string_view>
#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/interrupt.hpp"
#include "mudra/base/output.hpp"
#include "mudra/format/onnx.hpp"
#include "mudra/graph/light_gesture_net.hpp"
#include "mudra/pipeline/model.hpp"
#include "mudra/pipeline/sets.hpp"

namespace mudra::pipeline {
namespace {

namespace fs = std::filesystem;

// A float file may differ from the model by this share of the largest logit (at least of 1), an int8 file may
// choose another class for this share of the pictures.
constexpr float kFloatTolerance = 1e-4f;
constexpr double kInt8Disagreement = 0.1;
constexpr std::size_t kMostPictures = 512;  // for calibration, and as many others for comparison

// Pictures for calibration and others for comparison, spread over the sets.
struct Pictures {
  std::vector<std::uint8_t> calibration, comparison;  // [N, height, width, channels]
};

Pictures choose_pictures(const data::Dataset& set) {
  const std::size_t count = std::min(set.size(), 2 * kMostPictures);
  if (count < 2) fail("{} has {} pictures; two are needed", set.name, set.size());
  Pictures pictures;
  for (std::size_t i = 0; i < count; ++i) {
    const auto image = set.image(i * set.size() / count);
    auto& part = i % 2 == 0 ? pictures.calibration : pictures.comparison;
    part.insert(part.end(), image.begin(), image.end());
  }
  return pictures;
}

std::vector<float> logits_of(const Model& model, const std::vector<std::uint8_t>& pictures) {
  const report::Predictor predictor = predictor_of(model);
  const std::size_t picture = model.picture.bytes(), count = pictures.size() / picture;
  std::vector<float> logits;
  for (std::size_t first = 0; first < count; first += predictor.max_batch) {
    stop_if_interrupted();
    const std::size_t batch = std::min(predictor.max_batch, count - first);
    const auto scores = predictor.score(std::span(pictures).subspan(first * picture, batch * picture));
    const auto& reals = std::get<std::vector<float>>(scores.values);
    logits.insert(logits.end(), reals.begin(), reals.end());
  }
  return logits;
}

Comparison compare(const std::vector<float>& expected, const std::vector<float>& logits,
                   std::size_t classes) {
  Comparison comparison;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    comparison.largest_difference =
        std::max(comparison.largest_difference, std::abs(expected[i] - logits[i]));
    comparison.largest_logit = std::max(comparison.largest_logit, std::abs(expected[i]));
  }
  const auto wanted = report::best_classes({expected}, classes),
             found = report::best_classes({logits}, classes);
  std::size_t agreeing = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) agreeing += wanted[i] == found[i] ? 1 : 0;
  comparison.agreement = static_cast<double>(agreeing) / static_cast<double>(wanted.size());
  return comparison;
}

enum class Numbers { kFloat, kInt8 };

struct Format {
  const char* file;
  const char* name;
  Numbers numbers;
  std::function<void(const fs::path&)> write;
};

void check(const Comparison& comparison, Numbers numbers) {
  const float tolerance = kFloatTolerance * std::max(1.0f, comparison.largest_logit);
  if (numbers == Numbers::kFloat && !(comparison.largest_difference <= tolerance))
    fail("read back, its logits differ by {:.2g}, more than {:.2g}; it was not kept",
         comparison.largest_difference, tolerance);
  if (numbers == Numbers::kInt8 && comparison.agreement < 1 - kInt8Disagreement)
    fail(
        "read back, it agrees with the model on {:.1f} % of the pictures, less than {:.0f} %; it was not "
        "kept",
        100 * comparison.agreement, 100 * (1 - kInt8Disagreement));
}

// A name beside `file` with the same extension, so that it can be loaded; removed unless keep() renames it.
class Candidate {
 public:
  explicit Candidate(fs::path file)
      : file_(std::move(file)),
        candidate_(file_.parent_path() / fmt::format(".{}.{}", ::getpid(), file_.filename().string())) {}
  Candidate(const Candidate&) = delete;
  Candidate& operator=(const Candidate&) = delete;
  ~Candidate() {
    std::error_code ignored;
    fs::remove(candidate_, ignored);
  }

  const fs::path& path() const { return candidate_; }
  void keep() {
    std::error_code error;
    fs::rename(candidate_, file_, error);
    if (error) throw Error(ErrorKind::kIo, error.message());
  }

 private:
  fs::path file_, candidate_;
};

// Writes the file, reads it back, runs it and compares; the file is there only when all that went well.
Exported export_format(const Format& format, const fs::path& folder,
                       const std::vector<std::uint8_t>& pictures, const std::vector<float>& expected) {
  const fs::path file = folder / format.file;
  return with_context(file.string(), [&] {
    Candidate candidate(file);
    format.write(candidate.path());
    const Model back = load_model(candidate.path());
    const Comparison comparison = compare(expected, logits_of(back, pictures), back.class_names.size());
    check(comparison, format.numbers);
    candidate.keep();
    return Exported{file, format.name, back.bytes, comparison};
  });
}

// The formats a float graph can be written in.
std::vector<Format> formats_of(const Model& model, const graph::Graph& graph,
                               const std::vector<std::uint8_t>& calibration) {
  std::vector<Format> formats;
  const auto write_pth = [&model, &graph](const fs::path& file) {
    save_model(file, model.trained ? *model.trained : as_light_gesture_net(graph), graph.class_names);
  };
  formats.push_back({"model.pth", "PyTorch", Numbers::kFloat, write_pth});
  formats.push_back({"model.onnx", "ONNX", Numbers::kFloat,
                     [&graph](const fs::path& file) { write_file(file, format::write_onnx(graph)); }});
  formats.push_back({"model.tflite", "TFLite float32", Numbers::kFloat, [&graph](const fs::path& file) {
                       write_file(file, write_tflite(format::tflite_of(graph)));
                     }});
  formats.push_back(
      {"model_int8.tflite", "TFLite int8", Numbers::kInt8, [&graph, &calibration](const fs::path& file) {
         write_file(file, write_tflite(format::quantized_tflite_of(
                              graph, graph::PixelValues(normalization_of(graph)).of(calibration))));
       }});
  return formats;
}

// LightGestureNet or not: only that has a .pth.
bool has_pth(const Model& model, const graph::Graph& graph) {
  if (model.trained) return true;
  try {
    (void)as_light_gesture_net(graph);
    return true;
  } catch (const Error& error) {
    print_err("no model.pth: {}\n", error.text);
    return false;
  }
}

// A chip needs no .tflite: where only its int8 form fails, all others are kept.
void export_int8(const Format& format, const fs::path& folder, const Pictures& pictures,
                 const std::vector<float>& expected, Exports& exports) {
  try {
    exports.files.push_back(export_format(format, folder, pictures.comparison, expected));
  } catch (const Error& error) {
    if (error.kind == ErrorKind::kInterrupted || error.kind == ErrorKind::kIo) throw;
    exports.left_out.push_back({folder / format.file, format.name, error.text});
  }
}

}  // namespace

Exports export_network(const ExportSettings& settings) {
  const Model model = load_model(settings.model, listed_names(settings.classes), settings.normalize);
  const auto* loaded = std::get_if<graph::Graph>(&model.network);
  if (loaded == nullptr) fail("{}: an int8 model cannot be exported; export the float one", settings.model);
  graph::Graph graph = *loaded;
  state_preprocessing(graph, model.picture);
  const data::Dataset set = calibration_part(load_known_sets(settings.sets, model));
  const Pictures pictures = choose_pictures(set);
  const std::vector<float> expected = logits_of(model, pictures.comparison);

  make_folder(settings.out);
  Exports exports{.files = {},
                  .left_out = {},
                  .set = set.name,
                  .pictures = pictures.comparison.size() / model.picture.bytes()};
  const bool writes_pth = has_pth(model, graph);
  for (const Format& format : formats_of(model, graph, pictures.calibration)) {
    if (!writes_pth && std::string_view(format.file) == "model.pth") continue;
    stop_if_interrupted();
    if (format.numbers == Numbers::kInt8)
      export_int8(format, settings.out, pictures, expected, exports);
    else
      exports.files.push_back(export_format(format, settings.out, pictures.comparison, expected));
  }
  tell_notes(model, settings.model);
  return exports;
}

}  // namespace mudra::pipeline
