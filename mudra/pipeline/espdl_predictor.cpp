#include "mudra/pipeline/espdl_predictor.hpp"

#include <memory>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/graph/decision_rule.hpp"
#include "mudra/graph/operations.hpp"
#include "mudra/sim/espdl_runner.hpp"

namespace mudra::pipeline {

LoadedPredictor espdl_predictor(format::EspdlFile file, std::span<const std::uint8_t> bytes,
                                const std::vector<std::string>& class_names, const std::string& normalize) {
  constexpr std::size_t kBatch = 64;
  std::vector<std::string> notes;
  const auto model =
      give_normalization(file, normalize, notes) ? format::write_espdl(file) : sim::model_in(bytes);
  const auto runner = std::make_shared<sim::EspdlRunner>(model);
  runner->check_takes_pictures();
  NamedClasses classes =
      name_classes(file.graph.class_names, class_names, is_articles_network(file.graph), runner->classes());
  LoadedPredictor loaded{.predictor = {}, .names_are = classes.are, .notes = std::move(notes)};
  loaded.notes.insert(loaded.notes.end(), classes.notes.begin(), classes.notes.end());
  report::Predictor& predictor = loaded.predictor;
  predictor.format = "espdl";
  predictor.class_names = std::move(classes.names);
  predictor.bytes = bytes.size();
  predictor.test_vector_bytes = format::test_vector_bytes(file);
  predictor.picture = runner->picture();
  predictor.max_batch = kBatch;
  predictor.threshold =
      graph::threshold_of(graph::stated_decision_rule(file.graph.metadata).value_or(device::SmoothingRule{}));
  predictor.arena_bytes = sim::arena_bytes_of(model);
  predictor.multiply_adds = graph::multiply_adds(file.graph);
  predictor.score = [runner](std::span<const std::uint8_t> images) {
    return report::Scores{runner->score(images), runner->exponent()};
  };
  return loaded;
}

LoadedPredictor load_espdl_predictor(const std::filesystem::path& path,
                                     const std::vector<std::string>& class_names,
                                     const std::string& normalize) {
  format::EspdlFile file = format::load_espdl(path);
  const auto bytes = read_file(path);
  return with_context(path.string(),
                      [&] { return espdl_predictor(std::move(file), bytes, class_names, normalize); });
}

}  // namespace mudra::pipeline
