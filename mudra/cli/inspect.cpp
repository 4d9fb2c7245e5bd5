#include <fmt/ranges.h>

#include <memory>
#include <string>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/output.hpp"
#include "mudra/base/printable.hpp"
#include "mudra/cli/commands.hpp"
#include "mudra/format/espdl.hpp"
#include "mudra/format/onnx.hpp"
#include "mudra/format/pth.hpp"
#include "mudra/format/tflite.hpp"
#include "mudra/graph/describe.hpp"
#include "mudra/pipeline/pth_model.hpp"
#include "mudra/quant/chip_rules.hpp"
#include "mudra/quant/lower.hpp"
#include "mudra/sim/diagnosis.hpp"
#include "mudra/sim/packed_model.hpp"

namespace mudra::cli {
namespace {

std::string text_of_limits(const graph::Graph& network) {
  std::string text;
  for (const std::string& limit : quant::beyond_engine(network))
    text += fmt::format("too large for mudra's engine on the chip: {}\n", limit);
  return text;
}

// Of a float network; limits are those of what it becomes when quantized.
std::string text_of(const graph::Graph& network, const std::vector<std::string>& notes) {
  std::string text = graph::describe(network);
  for (const std::string& note : notes) text += printable(note) + "\n";
  try {
    text += text_of_limits(quant::lowered(network));
  } catch (const Error& error) {
    text += fmt::format("it cannot be quantized: {}\n", error.text);
  }
  return text;
}

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
  if (!file.metadata.empty()) text += "mudra.json: " + printable(file.metadata) + "\n";
  try {
    text += "\n" + text_of(pipeline::load_pth_model(path).network, {});
  } catch (const Error& error) {
    text += fmt::format("\nnot LightGestureNet: {}\n", error.text);
  }
  return text;
}

std::string describe_onnx(const std::filesystem::path& path) {
  format::Notes notes;
  const graph::Graph network = format::load_onnx(path, &notes);
  return text_of(network, notes);
}

std::string describe_tflite(const std::filesystem::path& path) {
  const format::TfliteModel model = format::load_tflite(path);
  std::string text = format::describe(model);
  for (const std::string& note : model.notes) text += printable(note) + "\n";
  return text;
}

std::string text_of(const format::EspdlReport& report) {
  std::string text = report.name.empty() ? report.text : report.name + ": " + report.text;
  for (const std::string& remark : report.remarks) text += "\n" + remark + "\n";
  if (!report.file) return text;
  text += text_of_limits(report.file->graph);
  const auto findings = sim::diagnose(report.file->graph);
  text += findings.empty() ? "\nnothing wrong found\n" : "\n";
  for (const sim::Finding& finding : findings)
    text += fmt::format("{}: {}: {}\n", sim::name_of(finding.gravity), finding.node, finding.text);
  return text;
}

std::string describe_espdl(const std::filesystem::path& path) {
  const auto bytes = read_file(path);
  return with_context(path.string(), [&] {
    const std::vector<format::EspdlReport> reports = format::inspect_espdl(bytes);
    std::string text;
    for (const format::EspdlReport& report : reports) text += text_of(report);
    if (reports.size() == 1 && reports[0].name.empty() && reports[0].file)
      text += sim::describe_packed_weights(bytes);
    return text;
  });
}

std::string describe_file(const std::filesystem::path& path) {
  const std::string extension = path.extension().string();
  if (extension == ".pth") return describe_pth(path);
  if (extension == ".onnx") return describe_onnx(path);
  if (extension == ".tflite") return describe_tflite(path);
  if (extension == ".espdl") return describe_espdl(path);
  fail("{}: not one of .pth, .onnx, .tflite and .espdl", path.string());
}

void run_inspect(const std::filesystem::path& path) {
  const std::string text = describe_file(path);
  print_out("{}: {} bytes\n", path.string(), std::filesystem::file_size(path));
  print_out(text);
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
