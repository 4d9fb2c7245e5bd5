#include <fmt/format.h>

#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/threads.hpp"
#include "mudra/cli/commands.hpp"
#include "mudra/cli/integer_run.hpp"
#include "mudra/cli/json_output.hpp"
#include "mudra/cli/model.hpp"
#include "mudra/data/dataset_io.hpp"
#include "mudra/format/espdl.hpp"
#include "mudra/quant/best.hpp"
#include "mudra/quant/lower.hpp"
#include "mudra/quant/quantize.hpp"

namespace mudra::cli {
namespace {

using Json = nlohmann::ordered_json;

struct QuantizeOptions {
  std::string model, out, recipe = "int8", calibration = "search";
  std::vector<std::string> sets, bits;
  int threads = 0;
  bool json = false;
};

void run_quantize(const QuantizeOptions& options) {
  set_threads(options.threads);
  const Model model = load_model(options.model);
  const auto* loaded = std::get_if<graph::Graph>(&model.network);
  const graph::Graph network = quant::lowered(*loaded);
  const data::Dataset set = data::load_sets(options.sets);
  const quant::Pictures pictures{set.images, data::kImagePixels};
  const quant::IntegerRun run = integer_run();
  quant::Quantized q = options.recipe == "best" ? quant::quantize_best(network, pictures, run) :
    quant::quantize(network, quant::node_bits(network, {}), pictures, quant::calibration_named(options.calibration), run);
  format::EspdlFile file;
  file.graph = q.integer;
  write_file(options.out, format::write_espdl(file));
  fmt::print("cpu {}\n", (double)std::clock() / CLOCKS_PER_SEC);
}

}  // namespace

void add_quantize(CLI::App& app) {
  const auto options = std::make_shared<QuantizeOptions>();
  CLI::App* command = app.add_subcommand("quantize", "Make an integer .espdl of a float network");
  command->add_option("MODEL", options->model, "")->required();
  command->add_option("--data", options->sets, "")->required();
  command->add_option("--out", options->out, "")->required();
  command->add_option("--recipe", options->recipe, "");
  command->add_option("--calibration", options->calibration, "");
  command->add_option("--threads", options->threads, "");
  command->callback([options] { run_quantize(*options); });
}

}  // namespace mudra::cli
