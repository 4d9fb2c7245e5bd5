// How much memory a model needs: exact, so that any change shows, for better or worse.
#include <gtest/gtest.h>

#include <vector>

#include "mudra/base/files.hpp"
#include "mudra/device/engine.hpp"
#include "tests/device/network_dags.hpp"
#include "tests/device/network_family.hpp"
#include "tests/shared_data.hpp"

namespace mudra::device {
namespace {

struct Budget {
  const char* model;
  std::size_t arena_bytes;
};

// Input and streamed rows included. The vendor's planner needs 322,560 bytes for the int8 models.
constexpr Budget kBudgets[] = {
    {"published/models/gesture_model_int8.espdl", 27'744},
    {"published/models/gesture_model_int8_2024-11-29.espdl", 27'744},
    {"published/models/gesture_model_balanced.espdl", 27'744},
    {"published/models/gesture_model_mixed.espdl", 32'368},  // its picture is int16
    {"reference-quantizer/int8_50/int8.espdl", 27'744},
    {"reference-quantizer/int8_percentile_50/int8_percentile.espdl", 27'744},
    {"reference-quantizer/eq_relu_50/eq_relu.espdl", 27'744},
    {"reference-quantizer/mixed_layers3clip_50/mixed_layers3clip.espdl", 27'744},
};

TEST(EngineMemory, is_for_every_known_model_what_it_was) {
  if (shared_data().empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  for (const Budget& budget : kBudgets) {
    const auto model = read_file(shared_data(budget.model));
    Engine engine;
    EXPECT_EQ(engine.prepare(model, {}), Status::kArenaTooSmall);
    EXPECT_EQ(engine.arena_bytes(), budget.arena_bytes) << budget.model;
  }
}

TEST(EngineMemory, of_the_vendors_networks_is_what_it_was) {
  if (shared_data().empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  constexpr Budget kVendors[] = {{"vendor-models/s3_mobilenetv2_0_5_128_128_gesture.espdl", 52'240},
                                 {"vendor-models/s3_imagenet_cls_mobilenetv2_s8_v1.espdl", 233'056}};
  for (const Budget& budget : kVendors) {
    Engine engine;
    EXPECT_EQ(engine.prepare(read_file(shared_folder(budget.model)), {}), Status::kArenaTooSmall);
    EXPECT_EQ(engine.arena_bytes(), budget.arena_bytes) << budget.model;
  }
}

TEST(EngineMemory, holds_no_picture_that_is_only_pooled) {
  format::IntegerGraph g(5);
  g.graph.input = g.activation("picture", {1, 48, 48, 1}, graph::Type::kInt8, -7);
  const auto w = g.constant<std::int8_t>("w", {64, 1, 3, 3}, graph::Layout::kOihw, -6, 20);
  const auto wide = g.activation("wide", {1, 48, 48, 64}, graph::Type::kInt8, -5);
  g.node("conv", graph::Conv{.window = {3, 3, 1, 1, 1, 1, 1, 1}}, {g.graph.input, w}, wide);
  const auto halved = g.activation("halved", {1, 24, 24, 64}, graph::Type::kInt8, -5);
  g.node("max", graph::MaxPool{.window = {2, 2, 2, 2}}, {wide}, halved);
  const auto pooled = g.activation("pooled", {1, 1, 1, 64}, graph::Type::kInt8, -5);
  g.node("pool", graph::GlobalAveragePool{}, {halved}, pooled);
  format::EspdlFile file;
  file.graph = std::move(g.graph);
  Engine engine;
  EXPECT_EQ(engine.prepare(format::write_espdl(file), {}), Status::kArenaTooSmall);
  // The input, a row of maxima, a row that is pooled, sums and output, a pixel.
  EXPECT_LE(engine.arena_bytes(), 48u * 48 + 2 * 24 * 64 + 5 * 64 + 64 + 64);
}

TEST(EngineMemory, of_the_engine_itself_fits_beside_it) { EXPECT_LE(sizeof(Engine), 33'600u); }

// A network of every operation, a small one of the family, and one joined in any way.
std::vector<std::vector<std::uint8_t>> small_models() {
  return {format::write_espdl(format::small_espdl()), format::write_espdl(random_network(4)),
          format::write_espdl(random_dag(7))};
}

TEST(EngineMemory, grown_byte_by_byte_from_zero_is_refused_with_the_figure_until_it_suffices) {
  for (const auto& model : small_models()) {
    Engine engine;
    ASSERT_EQ(engine.prepare(model, {}), Status::kArenaTooSmall);
    const std::size_t needed = engine.arena_bytes();
    std::vector<std::max_align_t> memory(needed / sizeof(std::max_align_t) + 1);
    const auto arena = std::as_writable_bytes(std::span(memory));
    for (std::size_t bytes = 0; bytes < needed; ++bytes) {
      ASSERT_EQ(engine.prepare(model, arena.first(bytes)), Status::kArenaTooSmall) << bytes;
      ASSERT_EQ(engine.problem().needed_bytes, needed);
      ASSERT_EQ(engine.run(), Status::kNotPrepared);
    }
    EXPECT_EQ(engine.prepare(model, arena.first(needed)), Status::kOk);
    EXPECT_EQ(engine.run(), Status::kOk);
  }
}

TEST(EngineMemory, that_is_too_small_is_explained_by_the_node_that_needs_most) {
  if (shared_data().empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  const auto model = read_file(shared_data(kBudgets[0].model));
  std::vector<std::max_align_t> memory(100);
  Engine engine;
  EXPECT_EQ(engine.prepare(model, std::as_writable_bytes(std::span(memory))), Status::kArenaTooSmall);
  EXPECT_EQ(engine.problem().node, "/layers/layers.0/conv/conv.0/Conv");  // the ring of expanded rows
  EXPECT_EQ(engine.problem().needed_bytes, 27'744u);
}

TEST(EngineMemory, that_is_misaligned_is_refused) {
  const auto model = format::write_espdl(format::small_espdl());
  std::vector<std::max_align_t> memory(10000);
  Engine engine;
  EXPECT_EQ(engine.prepare(model, std::as_writable_bytes(std::span(memory)).subspan(8)), Status::kMisaligned);
}

}  // namespace
}  // namespace mudra::device
