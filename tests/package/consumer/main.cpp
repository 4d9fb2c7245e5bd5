// A program of someone else's: makes the chip's integers of the network in a file, and asks them which
// gestures rendered hands show.
#include <cstdio>

#include "mudra/data/synthetic_hands.hpp"
#include "mudra/device/engine.hpp"
#include "mudra/pipeline/float_network.hpp"
#include "mudra/pipeline/model.hpp"
#include "mudra/pipeline/quantize_network.hpp"
#include "mudra/report/predictor.hpp"
#include "mudra/sim/espdl_runner.hpp"

int main(int, char** arguments) {
  const mudra::data::Dataset hands =
      mudra::data::render_dataset({.people = 8, .images_per_class = 1, .seed = 1, .rendering = {.none = 0}});
  const auto model = mudra::pipeline::load_model(arguments[1]);
  const auto quantized =
      mudra::pipeline::quantize_network(mudra::pipeline::float_network(model, arguments[1]),
                                        mudra::pipeline::pictures_of(hands), {.name = "best"});

  mudra::sim::EspdlRunner runner(quantized.bytes);
  runner.check_takes_pictures();
  const auto said =
      mudra::report::best_classes({runner.score(hands.images), runner.exponent()}, model.class_names.size());
  const mudra::report::Predictor real = mudra::pipeline::predictor_of(model);
  const auto expected = mudra::report::best_classes(real.score(hands.images), model.class_names.size());
  int same = 0;
  for (std::size_t i = 0; i < said.size(); ++i) same += said[i] == expected[i] ? 1 : 0;
  std::printf("%s\n%d of %d\n", model.class_names[said.front()].c_str(), same, static_cast<int>(said.size()));

  mudra::device::Engine engine;
  return engine.prepare({}, {}) == mudra::device::Status::kOk ? 1 : 0;  // there is no model in no bytes
}
