#include "mudra/device/espdl_view.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "tests/format/espdl_files.hpp"

namespace mudra::device {
namespace {

using format::EspdlGeneration;

std::vector<std::uint8_t> model(EspdlGeneration generation) {
  return format::write_espdl(format::small_espdl(generation));
}

class EspdlView : public testing::TestWithParam<EspdlGeneration> {};
INSTANTIATE_TEST_SUITE_P(generations, EspdlView,
                         testing::Values(EspdlGeneration::kEdl1, EspdlGeneration::kEdl2));

TEST_P(EspdlView, shows_the_nodes_as_they_were_written) {
  const auto bytes = model(GetParam());
  const graph::Graph graph = format::small_espdl(GetParam()).graph;
  ModelView view;
  ASSERT_EQ(view.open(bytes), Status::kOk);
  EXPECT_EQ(view.input_name(), "input");
  EXPECT_EQ(view.output_name(), "scores");
  ASSERT_EQ(view.node_count(), static_cast<int>(graph.nodes.size()));
  for (int i = 0; i < view.node_count(); ++i) {
    const graph::Node& node = graph.nodes[static_cast<std::size_t>(i)];
    EXPECT_EQ(view.node(i).name(), node.name);
    EXPECT_EQ(view.node(i).operation(), graph::name_of(node.operation));
    EXPECT_EQ(view.node(i).output(), graph.tensor(node.output).name);
    for (std::size_t input = 0; input < node.inputs.size(); ++input)
      EXPECT_EQ(view.node(i).input(static_cast<int>(input)), graph.tensor(node.inputs[input]).name);
  }
  const NodeView depthwise = view.node(2);
  EXPECT_EQ(depthwise.text_attribute("activation"), "Relu");
  EXPECT_EQ(depthwise.integer_attribute("group", 0), 20);
  EXPECT_EQ(depthwise.integer_attribute("no such attribute", 7), 7);
  ASSERT_EQ(depthwise.integers_attribute("pads").size(), 4);
  EXPECT_EQ(depthwise.integers_attribute("pads").integer<std::int64_t>(2), 1);
  EXPECT_FALSE(depthwise.has_attribute("alpha"));
  EXPECT_EQ(view.status(), Status::kOk);
}

TEST_P(EspdlView, shows_activations_and_initializers) {
  const auto bytes = model(GetParam());
  ModelView view;
  ASSERT_EQ(view.open(bytes), Status::kOk);
  const TensorView wide = view.activation("wide");
  EXPECT_EQ(wide.type, DataType::kInt16);
  EXPECT_EQ(wide.exponent, -11);
  ASSERT_EQ(wide.dimensions.rank, 4);
  EXPECT_EQ(wide.dimensions.size[1], 3);
  EXPECT_EQ(wide.dimensions.size[3], 20);
  EXPECT_FALSE(view.activation("no such tensor"));

  const TensorView weights = view.initializer("w2");
  EXPECT_EQ(weights.type, DataType::kInt16);
  EXPECT_GE(weights.data.size(), 2u * 20 * 13);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(weights.data.data()) % 4, 0u);
  // 13 channels: a block of 8, then one by one. Channel 12 stands last, its inputs together.
  const graph::Graph graph = format::small_espdl(GetParam()).graph;
  const auto& expected = std::get<std::vector<std::int16_t>>(*graph.tensor(*find_tensor(graph, "w2")).values);
  std::int16_t last[20];
  std::memcpy(last, weights.data.data() + 2 * 20 * 12, sizeof last);
  EXPECT_TRUE(std::equal(last, last + 20, expected.begin() + 20 * 12));
  EXPECT_EQ(view.initializer("b2").type,
            GetParam() == EspdlGeneration::kEdl1 ? DataType::kInt32 : DataType::kInt64);
  EXPECT_FALSE(view.initializer("wide"));
}

TEST_P(EspdlView, shows_test_vectors_and_metadata) {
  const auto file = format::small_espdl(GetParam());
  const auto bytes = model(GetParam());
  ModelView view;
  ASSERT_EQ(view.open(bytes), Status::kOk);
  EXPECT_EQ(view.metadata("preprocessing"), "gray");
  EXPECT_EQ(view.metadata("no such key"), "");
  ASSERT_EQ(view.test_count(), 3);
  const auto& output = std::get<std::vector<std::int8_t>>(file.tests[2].output);
  ASSERT_GE(view.test_output(2).data.size(), output.size());
  EXPECT_EQ(std::memcmp(view.test_output(2).data.data(), output.data(), output.size()), 0);
}

TEST(PackView, finds_each_model_of_every_generation_and_a_model_alone) {
  using format::EspdlPackGeneration;
  for (const auto pack :
       {EspdlPackGeneration::kPdl1, EspdlPackGeneration::kPdl2, EspdlPackGeneration::kPdl3}) {
    const auto generation =
        pack == EspdlPackGeneration::kPdl1 ? EspdlGeneration::kEdl1 : EspdlGeneration::kEdl2;
    const format::EspdlFile file = format::small_espdl(generation);
    const auto bytes = format::write_espdl_pack(
        std::vector<format::EspdlPackEntry>{{"a.espdl", file}, {"hand.espdl", file}}, pack);
    PackView view;
    ASSERT_EQ(view.open(bytes), Status::kOk);
    ASSERT_EQ(view.size(), 2);
    EXPECT_EQ(view.name(0), "a.espdl");
    EXPECT_EQ(view.name(1), "hand.espdl");
    const auto expected = model(generation);
    for (int i = 0; i < 2; ++i) {
      ASSERT_GE(view.model(i).size(), expected.size());
      EXPECT_TRUE(std::equal(expected.begin(), expected.end(), view.model(i).begin()));
    }
  }
  const auto alone = model(EspdlGeneration::kEdl2);
  PackView view;
  ASSERT_EQ(view.open(alone), Status::kOk);
  EXPECT_EQ(view.size(), 1);
  EXPECT_EQ(view.model(0).data(), alone.data());
}

TEST(PackView, refuses_entries_that_lie_outside) {
  auto bytes =
      format::write_espdl_pack(std::vector<format::EspdlPackEntry>{{"a.espdl", format::small_espdl()}});
  for (const std::size_t field : {std::size_t{60}, std::size_t{64}, std::size_t{68}}) {
    auto changed = bytes;
    changed[field + 3] = 0x7F;
    PackView view;
    EXPECT_EQ(view.open(changed), Status::kBadOffset) << field;
    EXPECT_EQ(view.size(), 0);
  }
  bytes[59] = 1;  // 2^24 models
  PackView view;
  EXPECT_EQ(view.open(bytes), Status::kTooLarge);
}

// A buffer of a root table with one text, written by hand.
TEST(FlatBuffer, reads_what_is_there_and_marks_what_is_not) {
  const std::vector<std::uint8_t> good = {
      12, 0, 0, 0,                  // root at 12
      6,  0, 8, 0, 4,   0,   0, 0,  // vtable: 6 bytes, table 8, field 0 at 4
      8,  0, 0, 0, 4,   0,   0, 0,  // table: vtable 8 before, text 4 after
      2,  0, 0, 0, 'h', 'i', 0, 0};
  flatbuffer::Buffer buffer(good);
  EXPECT_EQ(flatbuffer::root(buffer).text(0), "hi");
  EXPECT_EQ(flatbuffer::root(buffer).text(1), "");
  EXPECT_EQ(buffer.status(), Status::kOk);
  for (std::size_t size = 0; size < good.size() - 2; ++size) {
    flatbuffer::Buffer cut(std::span<const std::uint8_t>(good).first(size));
    EXPECT_EQ(flatbuffer::root(cut).text(0), "");
    EXPECT_EQ(cut.status(), Status::kBadOffset) << size;
  }
  for (std::size_t i : {0u, 3u, 4u, 5u, 15u, 16u, 19u, 23u}) {
    auto changed = good;
    changed[i] = 0xFF;
    flatbuffer::Buffer broken(changed);
    EXPECT_EQ(flatbuffer::root(broken).text(0), "") << i;
  }
  auto longer = good;
  longer[21] = 4;  // 1,026 bytes
  flatbuffer::Buffer buffer_of_long_text(longer);
  EXPECT_EQ(flatbuffer::root(buffer_of_long_text).text(0), "");
  EXPECT_EQ(buffer_of_long_text.status(), Status::kTooLarge);
}

}  // namespace
}  // namespace mudra::device
