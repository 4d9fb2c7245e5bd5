#include "mudra/pipeline/analyze_network.hpp"

#include "mudra/base/error.hpp"
#include "mudra/base/threads.hpp"
#include "mudra/format/espdl.hpp"
#include "mudra/pipeline/float_network.hpp"
#include "mudra/pipeline/sets.hpp"
#include "mudra/quant/lower.hpp"
#include "mudra/sim/integer_run.hpp"

namespace mudra::pipeline {

Analyzed analyze_network(const AnalyzeSettings& settings) {
  set_threads(settings.threads);
  const Model model = load_model(settings.model);
  const graph::Graph loaded = float_network(model, settings.model);
  const graph::Graph network = with_context(settings.model, [&] { return quant::lowered(loaded); });
  const format::EspdlFile file = format::load_espdl(settings.espdl);
  const data::Dataset set = load_other_sets(settings.sets, model.picture);
  const quant::Pictures pictures = pictures_of(set);
  const quant::Analysis analysis =
      with_context(settings.espdl, [&] { return quant::analyze(network, file.graph, pictures); });
  const quant::OutputError error = with_context(settings.espdl, [&] {
    return quant::Judge(network, pictures, pictures.size(), sim::integer_run())(file.graph);
  });
  return {analysis, error, set.name, pictures.size()};
}

}  // namespace mudra::pipeline
