#include <fmt/ranges.h>

#include <memory>
#include <string>

#include "mudra/base/error.hpp"
#include "mudra/cli/commands.hpp"
#include "mudra/cli/pth_model.hpp"
#include "mudra/format/espdl.hpp"
#include "mudra/format/onnx.hpp"
#include "mudra/format/pth.hpp"
#include "mudra/format/tflite.hpp"
#include "mudra/graph/describe.hpp"
#include "mudra/sim/diagnosis.hpp"
#include "mudra/train/network_graph.hpp"

namespace mudra::cli {
namespace {

std::string describe_pth(const std::filesystem::path& path) {
  const format::PthFile file = format::load_pth(path);
  std::string text;
  std::size_t values = 0;
  for (const graph::NamedTensor& tensor : file.state.tensors) {
    const std::size_t count = std::visit([](const auto& v) { return v.size(); }, tensor.values);
    const char* type = tensor.values.index() == 0 ? "float" : "int64";
    text += fmt::format("{}  {} [{}]\n", tensor.name, type, fmt::join(tensor.shape, ", "));
    values += count;
  }
  text += fmt::format("{} arrays of {} values\n", file.state.tensors.size(), values);
  if (!file.metadata.empty()) text += "mudra.json: " + file.metadata + "\n";
  try {
    text += "\n" + graph::describe(train::graph_of(load_pth_model(path).network));
  } catch (const Error& error) {
    text += fmt::format("\nnot LightGestureNet: {}\n", error.text);
  }
  return text;
}

std::string describe_espdl(const std::filesystem::path& path) {
  const format::EspdlFile file = format::load_espdl(path);
  std::string text = format::describe(file);
  const auto findings = sim::diagnose(file.graph);
  text += findings.empty() ? "\nnothing wrong found\n" : "\n";
  for (const sim::Finding& finding : findings)
    text += fmt::format("{}: {}: {}\n", sim::name_of(finding.gravity), finding.node, finding.text);
  return text;
}

std::string describe_file(const std::filesystem::path& path) {
  const std::string extension = path.extension().string();
  if (extension == ".pth") return describe_pth(path);
  if (extension == ".onnx") return graph::describe(format::load_onnx(path));
  if (extension == ".tflite") return format::describe(format::load_tflite(path));
  if (extension == ".espdl") return describe_espdl(path);
  fail("{}: not one of .pth, .onnx, .tflite and .espdl", path.string());
}

void run_inspect(const std::filesystem::path& path) {
  const std::string text = describe_file(path);
  fmt::print("{}: {} bytes\n{}", path.string(), std::filesystem::file_size(path), text);
}

}  // namespace

void add_inspect(CLI::App& app) {
  const auto path = std::make_shared<std::string>();
  CLI::App* command =
      app.add_subcommand("inspect", "Print what a model file holds: nodes, shapes, parameters, sizes");
  command->add_option("FILE", *path, "A .pth, .onnx, .tflite or .espdl file")->required();
  command->footer("\nExample:\n  mudra inspect run/model.onnx");
  command->callback([path] { run_inspect(*path); });
}

}  // namespace mudra::cli
