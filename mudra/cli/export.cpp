#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/interrupt.hpp"
#include "mudra/base/output.hpp"
#include "mudra/cli/commands.hpp"
#include "mudra/cli/json_output.hpp"
#include "mudra/cli/option_table.hpp"
#include "mudra/format/onnx.hpp"
#include "mudra/graph/light_gesture_net.hpp"
#include "mudra/pipeline/model.hpp"
#include "mudra/pipeline/sets.hpp"

namespace mudra::cli {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

// A float file may differ from the model by this share of the largest logit (at least of 1), an int8 file may
// choose another class for this share of the pictures.
constexpr float kFloatTolerance = 1e-4f;
constexpr double kInt8Disagreement = 0.1;
constexpr std::size_t kMostPictures = 512;  // for calibration, and as many others for comparison

struct ExportOptions {
  std::string model, out, classes;
  std::vector<std::string> sets = {"synthetic:512"};
  bool keep_going = false, json = false;
};

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

std::vector<float> logits_of(const pipeline::Model& model, const std::vector<std::uint8_t>& pictures) {
  const report::Predictor predictor = pipeline::predictor_of(model);
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

struct Comparison {
  float largest_difference = 0;  // of two logits
  float largest_logit = 0;
  double agreement = 0;  // share of pictures with the same best class
};

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

// What was not kept, and why.
struct LeftOut {
  fs::path file;
  const char* name;
  std::string reason;
};

struct Exported {
  fs::path file;
  const char* name;
  std::uint64_t bytes;
  Comparison comparison;
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
    const pipeline::Model back = pipeline::load_model(candidate.path());
    const Comparison comparison = compare(expected, logits_of(back, pictures), back.class_names.size());
    check(comparison, format.numbers);
    candidate.keep();
    return Exported{file, format.name, back.bytes, comparison};
  });
}

std::vector<float> real_values(const std::vector<std::uint8_t>& pictures) {
  std::vector<float> values(pictures.size());
  std::ranges::transform(pictures, values.begin(),
                         [](std::uint8_t pixel) { return static_cast<float>(pixel) / 255.0f; });
  return values;
}

// The formats a float graph can be written in.
std::vector<Format> formats_of(const pipeline::Model& model, const graph::Graph& graph,
                               const std::vector<std::uint8_t>& calibration) {
  std::vector<Format> formats;
  const auto write_pth = [&model, &graph](const fs::path& file) {
    pipeline::save_model(file, model.trained ? *model.trained : as_light_gesture_net(graph),
                         graph.class_names);
  };
  formats.push_back({"model.pth", "PyTorch", Numbers::kFloat, write_pth});
  formats.push_back({"model.onnx", "ONNX", Numbers::kFloat,
                     [&graph](const fs::path& file) { write_file(file, format::write_onnx(graph)); }});
  formats.push_back({"model.tflite", "TFLite float32", Numbers::kFloat, [&graph](const fs::path& file) {
                       write_file(file, write_tflite(format::tflite_of(graph)));
                     }});
  formats.push_back(
      {"model_int8.tflite", "TFLite int8", Numbers::kInt8, [&graph, &calibration](const fs::path& file) {
         write_file(file, write_tflite(format::quantized_tflite_of(graph, real_values(calibration))));
       }});
  return formats;
}

// LightGestureNet or not: only that has a .pth.
bool has_pth(const pipeline::Model& model, const graph::Graph& graph) {
  if (model.trained) return true;
  try {
    (void)as_light_gesture_net(graph);
    return true;
  } catch (const Error& error) {
    print_err("no model.pth: {}\n", error.text);
    return false;
  }
}

Json json_of(const Exported& exported) {
  return {{"file", exported.file.string()},
          {"format", exported.name},
          {"bytes", exported.bytes},
          {"largest_difference", exported.comparison.largest_difference},
          {"agreement", exported.comparison.agreement}};
}

void print_table(const std::vector<Exported>& files, std::size_t pictures, const std::string& set) {
  print_out("Each file read back and run on {} pictures of {}:\n\n", pictures, set);
  print_out("{:<18}  {:<14}  {:>8}  {:>24}  {:>14}\n", "file", "format", "bytes", "largest logit difference",
            "same class");
  for (const Exported& exported : files)
    print_out("{:<18}  {:<14}  {:>8}  {:>24.2g}  {:>12.2f} %\n", exported.file.filename().string(),
              exported.name, exported.bytes, exported.comparison.largest_difference,
              100 * exported.comparison.agreement);
}

// A chip needs no .tflite: where only its int8 form fails, all others are kept.
void export_int8(const Format& format, const fs::path& folder, const Pictures& pictures,
                 const std::vector<float>& expected, std::vector<Exported>& files,
                 std::vector<LeftOut>& left_out) {
  try {
    files.push_back(export_format(format, folder, pictures.comparison, expected));
  } catch (const Error& error) {
    if (error.kind == ErrorKind::kInterrupted || error.kind == ErrorKind::kIo) throw;
    left_out.push_back({folder / format.file, format.name, error.text});
  }
}

void run_export(const ExportOptions& options) {
  const pipeline::Model model = pipeline::load_model(options.model, pipeline::listed_names(options.classes));
  const auto* loaded = std::get_if<graph::Graph>(&model.network);
  if (loaded == nullptr) fail("{}: an int8 model cannot be exported; export the float one", options.model);
  graph::Graph graph = *loaded;
  graph.metadata["preprocessing"] = pipeline::preprocessing_of(model.picture);
  graph.metadata["version"] = MUDRA_VERSION;
  const data::Dataset set = pipeline::load_calibration_sets(options.sets, model.picture);
  const Pictures pictures = choose_pictures(set);
  const std::vector<float> expected = logits_of(model, pictures.comparison);

  make_folder(options.out);
  std::vector<Exported> files;
  std::vector<LeftOut> left_out;
  const bool writes_pth = has_pth(model, graph);
  for (const Format& format : formats_of(model, graph, pictures.calibration)) {
    if (!writes_pth && std::string_view(format.file) == "model.pth") continue;
    stop_if_interrupted();
    if (format.numbers == Numbers::kInt8)
      export_int8(format, options.out, pictures, expected, files, left_out);
    else
      files.push_back(export_format(format, options.out, pictures.comparison, expected));
  }
  const std::size_t count = pictures.comparison.size() / model.picture.bytes();
  if (options.json) {
    Json list = Json::array(), missing = Json::array();
    for (const Exported& exported : files) list.push_back(json_of(exported));
    for (const LeftOut& file : left_out)
      missing.push_back({{"file", file.file.string()}, {"format", file.name}, {"reason", file.reason}});
    print_json({{"data", set.name},
                {"images", count},
                {"files", std::move(list)},
                {"left_out", std::move(missing)}});
  } else {
    print_table(files, count, set.name);
  }
  flush_stdout();
  pipeline::tell_notes(model, options.model);
  for (const LeftOut& file : left_out) {
    if (!options.keep_going) fail("{}", file.reason);
    print_err("left out: {}\n", file.reason);
  }
}

}  // namespace

void add_export(CLI::App& app) {
  const auto options = std::make_shared<ExportOptions>();
  CLI::App* command = app.add_subcommand(
      "export", "Write a network as .pth, .onnx and .tflite (float32 and int8), each proven");
  command->add_option("MODEL", options->model, "A .pth, .onnx or float .tflite file, or a RUN folder")
      ->required();
  command->add_option("--out", options->out, "The folder to write to")->type_name("DIR")->required();
  command
      ->add_option("--data", options->sets,
                   "Pictures to calibrate the int8 file with, and to compare all files on: a .npz, a .npy, a "
                   "folder, or synthetic[:N]")
      ->type_name("SET")
      ->capture_default_str();
  add_classes_option(*command, options->classes);
  command->add_flag(
      "--keep-going", options->keep_going,
      "Leave out an int8 .tflite that names other classes than the network, saying so, and exit 0");
  command->add_flag("--json", options->json, "Print one JSON document");
  command->footer("\nExample:\n  mudra export run --out run --data leap.npz");
  command->callback([options] { run_export(*options); });
}

}  // namespace mudra::cli
