#include "mudra/graph/pixel_values.hpp"

#include <gtest/gtest.h>

#include "mudra/base/error.hpp"
#include "tests/refusal.hpp"

namespace mudra::graph {
namespace {

std::vector<std::uint8_t> every_pixel() {
  std::vector<std::uint8_t> pixels(256);
  for (std::size_t p = 0; p < pixels.size(); ++p) pixels[p] = static_cast<std::uint8_t>(p);
  return pixels;
}

TEST(PixelValues, are_value_by_255_unless_said_otherwise) {
  const std::vector<float> values = PixelValues().of(every_pixel());
  for (std::size_t p = 0; p < 256; ++p) ASSERT_EQ(values[p], static_cast<float>(p) / 255.0f) << p;
}

TEST(PixelValues, are_normalized_by_channel) {
  const std::vector<float> values =
      PixelValues(normalization_named("imagenet", 3)).of(std::vector<std::uint8_t>{0, 0, 0, 255, 51, 255});
  const float expected[] = {-0.485f / 0.229f,      -0.456f / 0.224f,         -0.406f / 0.225f,
                            (1 - 0.485f) / 0.229f, (0.2f - 0.456f) / 0.224f, (1 - 0.406f) / 0.225f};
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(values[i], expected[i], 1e-6f);
}

TEST(PixelNormalization, has_names_and_a_text_that_is_read_back) {
  EXPECT_EQ(normalization_named("none", 1), Normalization{});
  EXPECT_EQ(text_of(Normalization{}), "none");
  EXPECT_EQ(text_of(normalization_named("imagenet", 1)), "0.449/0.226");
  for (const char* text : {"0.485,0.456,0.406/0.229,0.224,0.225", "0.5/0.5", "-10/0.001", "0/0.003921569",
                           "0.5/0.1,0.2,0.3", "-0.000000001/10"}) {
    std::map<std::string, std::string> metadata;
    state_normalization(metadata, normalization_named(text, 3));
    EXPECT_EQ(metadata.at("normalization"), text);
    EXPECT_EQ(normalization_of(metadata), normalization_named(text, 3));
    state_normalization(metadata, {});
    EXPECT_TRUE(metadata.empty());
  }
  EXPECT_EQ(normalization_of(Graph{}), Normalization{});
}

TEST(PixelNormalization, refuses_what_is_none) {
  EXPECT_EQ(refusal([] { normalization_named("nan/1", 3); }).substr(0, 52),
            "'nan/1' is neither none nor imagenet nor MEAN/STD, o");
  EXPECT_EQ(refusal([] { normalization_named("0,1,2/1", 1); }),
            "'0,1,2/1' is of three channels, and the pictures are gray");
  const std::map<std::string, std::string> metadata{{"normalization", "often"}};
  EXPECT_EQ(refusal([&] { (void)normalization_of(metadata); }), "its normalization is 'often', not MEAN/STD");
}

}  // namespace
}  // namespace mudra::graph
