#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

#include "mudra/base/output.hpp"
#include "mudra/cli/commands.hpp"
#include "mudra/cli/step_commands.hpp"

namespace mudra::cli {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const pipeline::Exported& exported) {
  return {{"file", exported.file.string()},
          {"format", exported.format},
          {"bytes", exported.bytes},
          {"largest_difference", exported.comparison.largest_difference},
          {"agreement", exported.comparison.agreement}};
}

Json json_of(const pipeline::LeftOut& file) {
  return {{"file", file.file.string()}, {"format", file.format}, {"reason", file.reason}};
}

template <typename Files>
Json list_of(const Files& files) {
  Json list = Json::array();
  for (const auto& file : files) list.push_back(json_of(file));
  return list;
}

std::string text_of(const pipeline::Exports& exports) {
  std::string text =
      printed("Each file read back and run on {} pictures of {}:\n\n", exports.pictures, exports.set) +
      fmt::format("{:<18}  {:<14}  {:>8}  {:>24}  {:>14}\n", "file", "format", "bytes",
                  "largest logit difference", "same class");
  for (const pipeline::Exported& exported : exports.files)
    text += printed("{:<18}  {:<14}  {:>8}  {:>24.2g}  {:>12.2f} %\n", exported.file.filename().string(),
                    exported.format, exported.bytes, exported.comparison.largest_difference,
                    100 * exported.comparison.agreement);
  return text;
}

}  // namespace

void add_options(OptionTable& command, pipeline::ExportSettings& settings) {
  command.add_option("MODEL", settings.model, "A .pth, .onnx or float .tflite file, or a RUN folder")
      ->required();
  command.add_option("--out", settings.out, "The folder to write to")->type_name("DIR")->required();
  command
      .add_option("--data", settings.sets,
                  "Pictures to calibrate the int8 file with, and to compare all files on: a .npz, a .npy, a "
                  "folder, or synthetic[:N]")
      ->type_name("SET")
      ->capture_default_str();
  add_classes_option(command, settings.classes);
  add_normalize_option(command, settings.normalize);
  command.add_flag(
      "--keep-going", settings.keep_going,
      "Leave out an int8 .tflite that names other classes than the network, saying so, and exit 0");
}

Answer run(const pipeline::ExportSettings& settings) {
  const pipeline::Exports exports = pipeline::export_network(settings);
  Answer answer{.text = text_of(exports),
                .json = {{"data", exports.set},
                         {"images", exports.pictures},
                         {"files", list_of(exports.files)},
                         {"left_out", list_of(exports.left_out)}}};
  for (const pipeline::LeftOut& file : exports.left_out) {
    if (settings.keep_going)
      print_err("left out: {}\n", file.reason);
    else
      answer.failure = file.reason;
  }
  return answer;
}

void add_export(CLI::App& app) {
  add_command<pipeline::ExportSettings>(
      app, "export", "Write a network as .pth, .onnx and .tflite (float32 and int8), each proven")
      .footer("\nExample:\n  mudra export run --out run --data leap.npz");
}

}  // namespace mudra::cli
