#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mudra/format/onnx.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/fold_batch_normalization.hpp"
#include "mudra/graph/reference_run.hpp"
#include "tests/format/onnx_files.hpp"
#include "tests/graph/small_nets.hpp"

namespace mudra::format {
namespace {

using graph::random_net;
using ::testing::ElementsAre;

TEST(OnnxWriter, comes_back_as_the_same_network) {
  for (const bool folds : {false, true}) {
    const graph::Graph graph = folds ? fold_batch_normalization(random_net({})) : random_net({});
    const graph::Graph back = read_onnx(write_onnx(graph));
    EXPECT_EQ(result_of(back), result_of(graph));
    ASSERT_EQ(back.nodes.size(), graph.nodes.size());
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      EXPECT_EQ(back.nodes[i].name, graph.nodes[i].name);
      EXPECT_EQ(back.nodes[i].operation, graph.nodes[i].operation) << graph.nodes[i].name;
    }
  }
}

TEST(OnnxWriter, keeps_class_names_and_metadata) {
  graph::Graph graph = random_net({});
  graph.class_names = {"fist", "\"quoted\"", "l, long"};
  graph.metadata = {{"preprocessing", "gray, 96x96"}, {"version", "1.2"}};
  const graph::Graph back = read_onnx(write_onnx(graph));
  EXPECT_EQ(back.class_names, graph.class_names);
  EXPECT_EQ(back.metadata, graph.metadata);
}

TEST(OnnxWriter, gives_equal_bytes_for_equal_graphs) {
  EXPECT_EQ(write_onnx(random_net({})), write_onnx(random_net({})));
}

TEST(OnnxWriter, leaves_the_batch_size_free_and_puts_channels_first) {
  onnx::ModelProto model;
  const auto bytes = write_onnx(fold_batch_normalization(random_net({})));
  ASSERT_TRUE(model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  const auto& dims = model.graph().input(0).type().tensor_type().shape().dim();
  ASSERT_EQ(dims.size(), 4);
  EXPECT_EQ(dims[0].dim_param(), "batch");
  EXPECT_THAT((std::vector{dims[1].dim_value(), dims[2].dim_value(), dims[3].dim_value()}),
              ElementsAre(1, 16, 16));
  EXPECT_GE(model.opset_import(0).version(), 13);
}

TEST(OnnxWriter, splits_fused_activations_off) {
  graph::Graph graph = fold_batch_normalization(random_net({}));
  std::get<graph::Conv>(graph.nodes[0].operation).fused_relu = true;
  std::get<graph::Gemm>(graph.nodes.back().operation).fused_relu = true;
  const graph::Graph back = read_onnx(write_onnx(graph));
  EXPECT_EQ(back.nodes.size(), graph.nodes.size() + 2);
  EXPECT_EQ(result_of(back), result_of(graph));
}

}  // namespace
}  // namespace mudra::format
