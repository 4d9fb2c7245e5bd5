#include "mudra/pipeline/deploy_model.hpp"

#include <vector>

#include "mudra/base/error.hpp"
#include "mudra/deploy/firmware_project.hpp"
#include "mudra/format/class_names.hpp"
#include "mudra/pipeline/model.hpp"
#include "mudra/sim/packed_model.hpp"

namespace mudra::pipeline {
namespace {

// Writes the names that were given into a model that has none.
void give_class_names(deploy::DeployModel& model, const std::vector<std::string>& names) {
  if (names.empty() || names == model.file.graph.class_names) return;
  graph::Graph& graph = model.file.graph;
  if (!graph.class_names.empty()) fail("it names its classes itself, otherwise; leave --classes out");
  with_context("--classes", [&] {
    format::check_class_names(names, graph::element_count(graph.tensor(graph.output).shape));
  });
  graph.class_names = names;
  model.bytes = format::write_espdl(model.file);
}

// As give_class_names, of how pixels become numbers.
void state_given_normalization(deploy::DeployModel& model, const DeploySettings& settings) {
  std::vector<std::string> notes;
  if (give_normalization(model.file, settings.normalize, notes))
    model.bytes = format::write_espdl(model.file);
  tell_notes(ClassNames::kKnown, {}, notes, settings.model);
}

}  // namespace

deploy::Deployment deploy_model(const DeploySettings& settings) {
  const deploy::DeployConfig config{
      .board = deploy::board_named(settings.board),
      .flash_bytes = settings.flash_size.empty() ? 0 : deploy::flash_bytes_named(settings.flash_size),
      .engine = deploy::engine_named(settings.engine),
      .weights = settings.weights.empty() ? std::nullopt
                                          : std::optional(sim::packed_weights_named(settings.weights))};
  deploy::DeployModel model = deploy::load_deploy_model(settings.model);
  with_context(settings.model, [&] {
    give_class_names(model, listed_names(settings.classes));
    state_given_normalization(model, settings);
  });
  deploy::Deployment plan =
      with_context(settings.model, [&] { return deploy::plan_deployment(model, config); });
  if (plan.fits())
    deploy::write_project(settings.out, deploy::firmware_project(model, plan),
                          settings.replace ? deploy::Existing::kReplace : deploy::Existing::kRefuse);
  return plan;
}

}  // namespace mudra::pipeline
