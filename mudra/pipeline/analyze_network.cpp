#include "mudra/pipeline/analyze_network.hpp"

#include "mudra/base/error.hpp"
#include "mudra/base/threads.hpp"
#include "mudra/format/espdl.hpp"
#include "mudra/graph/fold_batch_normalization.hpp"
#include "mudra/pipeline/float_network.hpp"
#include "mudra/pipeline/sets.hpp"
#include "mudra/quant/lower.hpp"
#include "mudra/sim/integer_run.hpp"

namespace mudra::pipeline {
namespace {

// The float network as it takes the pixels of the integer one, which may have been folded into the weights.
graph::Graph with_pixels_of(const graph::Graph& integer, const graph::Graph& network) {
  const graph::Normalization wanted = normalization_of(integer);
  if (normalization_of(network) == wanted) return network;
  graph::Graph folded = fold_pixel_normalization(network);
  if (normalization_of(folded) != wanted)
    fail("its pixels are normalized with {}, those of the float network with {}: they do not belong together",
         graph::text_of(wanted), graph::text_of(normalization_of(network)));
  return folded;
}

}  // namespace

Analyzed analyze_network(const AnalyzeSettings& settings) {
  set_threads(settings.threads);
  const Model model = load_model(settings.model, {}, settings.normalize);
  tell_notes(ClassNames::kKnown, {}, model.notes, settings.model);
  const format::EspdlFile file = format::load_espdl(settings.espdl);
  const graph::Graph loaded = with_context(
      settings.espdl, [&] { return with_pixels_of(file.graph, float_network(model, settings.model)); });
  const graph::Graph network = with_context(settings.model, [&] { return quant::lowered(loaded); });
  const data::Dataset set = load_other_sets(settings.sets, model);
  const quant::Pictures pictures = pictures_of(set);
  const quant::Analysis analysis =
      with_context(settings.espdl, [&] { return quant::analyze(network, file.graph, pictures); });
  const quant::OutputError error = with_context(settings.espdl, [&] {
    return quant::Judge(network, pictures, pictures.size(), sim::integer_run())(file.graph);
  });
  return {analysis, error, set.name, pictures.size()};
}

}  // namespace mudra::pipeline
