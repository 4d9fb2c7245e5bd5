// Networks of the vendor's, larger than ours: read, computed by the simulator and by the engine.
#include <gtest/gtest.h>

#include <vector>

#include "mudra/base/files.hpp"
#include "mudra/base/random.hpp"
#include "mudra/format/espdl.hpp"
#include "mudra/graph/operations.hpp"
#include "mudra/sim/espdl_runner.hpp"
#include "mudra/sim/simulator.hpp"
#include "tests/shared_data.hpp"

namespace mudra::sim {
namespace {

struct VendorModel {
  const char *name, *file;
  graph::Shape input;
  std::int64_t outputs, multiply_adds;
};

class VendorModels : public testing::TestWithParam<VendorModel> {};

TEST_P(VendorModels, give_the_same_integers_in_the_simulator_and_in_the_engine) {
  const auto path = shared_folder("vendor-models") / GetParam().file;
  if (shared_folder("vendor-models").empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  const format::EspdlFile file = format::load_espdl(path);
  const graph::Tensor& input = file.graph.tensor(file.graph.input);
  EXPECT_EQ(input.shape, GetParam().input);
  EXPECT_EQ(graph::element_count(file.graph.tensor(file.graph.output).shape), GetParam().outputs);
  EXPECT_EQ(graph::multiply_adds(file.graph), GetParam().multiply_adds);
  const Simulator simulator(file.graph);
  EspdlRunner engine(model_in(read_file(path)));
  Random random(1);
  for (int picture = 0; picture < 2; ++picture) {
    std::vector<std::int8_t> pixels(static_cast<std::size_t>(graph::element_count(input.shape)));
    for (std::int8_t& pixel : pixels) pixel = static_cast<std::int8_t>(random.bits());
    const graph::Values values(pixels);
    EXPECT_TRUE(engine.run(values) == simulator.run(values)[static_cast<std::size_t>(file.graph.output)]);
  }
}

INSTANTIATE_TEST_SUITE_P(
    of_the_s3, VendorModels,
    testing::Values(
        VendorModel{"gesture", "s3_mobilenetv2_0_5_128_128_gesture.espdl", {1, 128, 128, 3}, 11, 31312640},
        VendorModel{
            "imagenet", "s3_imagenet_cls_mobilenetv2_s8_v1.espdl", {1, 224, 224, 3}, 1000, 300774272}),
    [](const auto& parameter) { return parameter.param.name; });

}  // namespace
}  // namespace mudra::sim
