#include "mudra/cli/integer_run.hpp"

#include "mudra/cli/espdl_runner.hpp"
#include "mudra/format/espdl.hpp"

namespace mudra::cli {

quant::IntegerRun integer_run() {
  return [](const graph::Graph& integer, const quant::Pictures& pictures) {
    format::EspdlFile file;
    file.graph = integer;
    EspdlRunner runner(format::write_espdl(file));
    std::vector<float> outputs(pictures.size() * static_cast<std::size_t>(runner.classes()));
    runner.score(pictures.pixels, outputs);
    return outputs;
  };
}

}  // namespace mudra::cli
