#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/interrupt.hpp"
#include "mudra/base/output.hpp"
#include "mudra/cli/commands.hpp"
#include "mudra/cli/json_output.hpp"
#include "mudra/cli/option_table.hpp"
#include "mudra/data/image.hpp"
#include "mudra/pipeline/model.hpp"
#include "mudra/report/terminal_image.hpp"

namespace mudra::cli {
namespace {

using Json = nlohmann::ordered_json;
using Pixels = std::vector<std::uint8_t>;

struct PredictOptions {
  std::string model, classes, normalize;
  std::vector<std::string> images;
  bool json = false, picture = false;
};

struct Prediction {
  std::string image;                  // the file's name
  report::Scores scores;              // by class
  std::vector<double> probabilities;  // of the classes, adding up to 1
  std::size_t best = 0;               // class
};

Prediction predict(const report::Predictor& predictor, const std::string& path, const Pixels& pixels) {
  const report::Scores scores = predictor.score(pixels);
  return {.image = path,
          .scores = scores,
          .probabilities = report::softmax(scores),
          .best = report::best_classes(scores, predictor.class_names.size()).front()};
}

std::string text_of(const Prediction& prediction, const std::vector<std::string>& class_names) {
  constexpr double kBarWidth = 30;
  std::size_t width = 0;
  for (const std::string& name : class_names) width = std::max(width, name.size());
  std::string text = fmt::format("{}: {}\n", prediction.image, class_names[prediction.best]);
  for (std::size_t c = 0; c < class_names.size(); ++c) {
    const auto bar = static_cast<std::size_t>(prediction.probabilities[c] * kBarWidth + 0.5);
    text += fmt::format("  {:<{}} {:6.2f} %{}{:#<{}}\n", class_names[c], width,
                        100 * prediction.probabilities[c], bar > 0 ? "  " : "", "", bar);
  }
  return text;
}

Json json_of(const Prediction& prediction, const std::vector<std::string>& class_names) {
  Json scores = Json::object();
  for (std::size_t c = 0; c < class_names.size(); ++c) scores[class_names[c]] = prediction.probabilities[c];
  Json json = {
      {"image", prediction.image}, {"class", class_names[prediction.best]}, {"scores", std::move(scores)}};
  if (!std::holds_alternative<std::vector<float>>(prediction.scores.values)) {
    std::visit([&](const auto& integers) { json["integer"] = integers; }, prediction.scores.values);
    json["exponent"] = prediction.scores.exponent;
  }
  return json;
}

// Pictures that cannot be read do not keep the others from being judged, but make the command fail.
void run_predict(const PredictOptions& options) {
  const pipeline::LoadedPredictor model =
      pipeline::load_predictor(options.model, pipeline::listed_names(options.classes), options.normalize);
  const report::Predictor& predictor = model.predictor;
  Json document = Json::array();
  std::vector<Error> failures;
  for (const std::string& path : options.images) {
    stop_if_interrupted();
    Pixels pixels;
    try {
      pixels = data::load_picture(path, predictor.picture);
    } catch (const Error& error) {
      failures.push_back(error);
      continue;
    }
    const Prediction prediction = predict(predictor, path, pixels);
    if (options.json) {
      document.push_back(json_of(prediction, predictor.class_names));
      continue;
    }
    if (options.picture)
      draw_out(report::terminal_image(pixels, predictor.picture, report::terminal_style()));
    print_out(text_of(prediction, predictor.class_names));
  }
  if (options.json) print_json(document);
  if (failures.empty()) return pipeline::tell_notes(model, options.model);
  if (options.images.size() == 1) throw failures.front();
  throw Error(failures.front().kind,
              fmt::format("{} of {} images cannot be read, the first: {}", failures.size(),
                          options.images.size(), failures.front().text));
}

}  // namespace

void add_predict(CLI::App& app) {
  const auto options = std::make_shared<PredictOptions>();
  CLI::App* command = app.add_subcommand("predict", "Say which gesture pictures show");
  command
      ->add_option("MODEL", options->model,
                   "A .pth, .onnx, .tflite or .espdl file, or a RUN folder of mudra train")
      ->required();
  command->add_option("IMAGE", options->images, "PNG, JPEG, WebP or BMP pictures of any size")->required();
  add_classes_option(*command, options->classes);
  add_normalize_option(*command, options->normalize);
  CLI::Option* json = command->add_flag(
      "--json", options->json,
      "Print a list of {image, class, scores}; scores add up to 1; of an .espdl also {integer, exponent}");
  command->add_flag("--picture", options->picture, "Show each picture as the network sees it")
      ->excludes(json);
  command->footer("\nExample:\n  mudra predict run/model.pth hand.png --picture");
  command->callback([options] { run_predict(*options); });
}

}  // namespace mudra::cli
