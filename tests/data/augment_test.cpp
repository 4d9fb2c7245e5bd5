#include "mudra/data/augment.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "mudra/base/error.hpp"
#include "mudra/base/hash.hpp"

namespace mudra::data {
namespace {

using Picture = std::array<std::uint8_t, kImagePixels>;

Picture random_picture(std::uint64_t seed) {
  Picture picture;
  Random random(seed);
  for (auto& pixel : picture) pixel = static_cast<std::uint8_t>(random.below(256));
  return picture;
}

// A bright disc of radius 6 at (x, y).
Picture disc(double x, double y) {
  Picture picture{};
  for (int row = 0; row < kImageSide; ++row)
    for (int column = 0; column < kImageSide; ++column)
      if (std::hypot(column - x, row - y) < 6)
        picture[static_cast<std::size_t>(row * kImageSide + column)] = 200;
  return picture;
}

struct Centre {
  double x, y, mass;
};

Centre centre_of(const Picture& picture) {
  Centre centre{};
  for (int y = 0; y < kImageSide; ++y)
    for (int x = 0; x < kImageSide; ++x) {
      const double value = picture[static_cast<std::size_t>(y * kImageSide + x)];
      centre.x += value * x;
      centre.y += value * y;
      centre.mass += value;
    }
  centre.x /= centre.mass;
  centre.y /= centre.mass;
  return centre;
}

Picture augmented(const Augmentation& augmentation, const Picture& picture, std::uint64_t seed) {
  Picture out;
  augment(augmentation, picture, Random(seed), out);
  return out;
}

TEST(Augment, none_changes_nothing) {
  const Picture picture = random_picture(1);
  EXPECT_EQ(augmented(augmentation_preset("none"), picture, 1), picture);
}

TEST(Augment, the_same_stream_gives_the_same_bytes_on_every_machine) {
  EXPECT_EQ(fingerprint(augmented(augmentation_preset("mild"), random_picture(1), 7)), 1603686390085030051u);
  EXPECT_EQ(fingerprint(augmented(augmentation_preset("seed"), random_picture(1), 7)), 10312872966927637972u);
}

// Colours are changed as three gray pictures are, by one movement, whatever the sides.
TEST(Augment, changes_colours_of_any_sides_alike) {
  const PictureShape gray{.height = 37, .width = 50, .channels = 1}, colour{37, 50, 3};
  Random random(4);
  std::vector<std::uint8_t> picture(colour.bytes()), changed(colour.bytes());
  for (auto& value : picture) value = static_cast<std::uint8_t>(random.below(256));
  augment(augmentation_preset("seed"), picture, Random(5), changed, colour);
  EXPECT_NE(changed, picture);
  for (std::size_t c = 0; c < 3; ++c) {
    std::vector<std::uint8_t> plane(gray.bytes()), expected(gray.bytes());
    for (std::size_t i = 0; i < plane.size(); ++i) plane[i] = picture[3 * i + c];
    augment(augmentation_preset("seed"), plane, Random(5), expected, gray);
    for (std::size_t i = 0; i < plane.size(); ++i)
      ASSERT_EQ(changed[3 * i + c], expected[i]) << c << ' ' << i;
  }
}

// A move by so many of the width and of the height, of a picture that is wider than high.
TEST(Augment, moves_by_the_share_of_each_side) {
  const PictureShape shape{.height = 20, .width = 60, .channels = 1};
  std::vector<std::uint8_t> picture(shape.bytes()), out(shape.bytes());
  picture[10 * 60 + 30] = 255;
  int most_x = 0, most_y = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    augment({.translation = 0.25f}, picture, Random(seed), out, shape);
    const auto at = static_cast<int>(std::ranges::max_element(out) - out.begin());
    most_x = std::max(most_x, std::abs(at % 60 - 30));
    most_y = std::max(most_y, std::abs(at / 60 - 10));
  }
  EXPECT_NEAR(most_x, 15, 1);
  EXPECT_NEAR(most_y, 5, 1);
}

TEST(Augment, adds_noise_to_every_value_of_a_size_that_is_no_multiple_of_four) {
  const PictureShape shape{.height = 9, .width = 9, .channels = 1};
  const std::vector<std::uint8_t> picture(shape.bytes(), 128);
  std::vector<std::uint8_t> out(shape.bytes());
  augment({.noise = 60}, picture, Random(1), out, shape);
  EXPECT_GT(std::ranges::count_if(out, [](std::uint8_t value) { return value != 128; }), 60);
}

TEST(Augment, a_picture_may_be_changed_in_place) {
  Picture picture = random_picture(2);
  const Picture apart = augmented(augmentation_preset("mild"), picture, 3);
  augment(augmentation_preset("mild"), picture, Random(3), picture);
  EXPECT_EQ(picture, apart);
}

TEST(Augment, rotation_keeps_the_distance_from_the_centre_within_its_angle) {
  const Augmentation turn{.rotation_degrees = 30};
  double least = 90, most = -90;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const Centre centre = centre_of(augmented(turn, disc(47.5 + 25, 47.5), seed));
    EXPECT_NEAR(std::hypot(centre.x - 47.5, centre.y - 47.5), 25, 0.2);
    const double degrees = std::atan2(centre.y - 47.5, centre.x - 47.5) * 180 / std::numbers::pi;
    least = std::min(least, degrees);
    most = std::max(most, degrees);
  }
  EXPECT_NEAR(least, -30, 1.5);
  EXPECT_NEAR(most, 30, 1.5);
}

TEST(Augment, angles_are_exact_all_around) {
  for (const float degrees : {90.0f, 180.0f}) {
    // An angle drawn from a range of no width but its sign.
    int quarter_turns = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      const Centre centre = centre_of(augmented({.rotation_degrees = degrees}, disc(47.5 + 25, 47.5), seed));
      EXPECT_NEAR(std::hypot(centre.x - 47.5, centre.y - 47.5), 25, 0.2);
      quarter_turns += std::abs(centre.x - 47.5) < 5;
    }
    EXPECT_GT(quarter_turns, 3);
  }
}

TEST(Augment, scale_changes_the_area_and_moves_from_the_centre) {
  double least = 10, most = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const Picture before = disc(57.5, 47.5);
    const Centre centre = centre_of(augmented({.scale_low = 0.5f, .scale_high = 2}, before, seed));
    const double scale = (centre.x - 47.5) / 10;
    EXPECT_NEAR(centre.mass / centre_of(before).mass, scale * scale, 0.1 * scale * scale + 0.02);
    least = std::min(least, scale);
    most = std::max(most, scale);
  }
  EXPECT_NEAR(least, 0.5, 0.03);
  EXPECT_NEAR(most, 2, 0.03);
}

TEST(Augment, translation_reaches_its_share_of_the_side_in_each_direction) {
  double least_x = 96, most_x = 0, least_y = 96, most_y = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const Centre centre = centre_of(augmented({.translation = 0.2f}, disc(47.5, 47.5), seed));
    least_x = std::min(least_x, centre.x);
    most_x = std::max(most_x, centre.x);
    least_y = std::min(least_y, centre.y);
    most_y = std::max(most_y, centre.y);
  }
  EXPECT_NEAR(least_x, 47.5 - 19.2, 0.5);
  EXPECT_NEAR(most_x, 47.5 + 19.2, 0.5);
  EXPECT_NEAR(least_y, 47.5 - 19.2, 0.5);
  EXPECT_NEAR(most_y, 47.5 + 19.2, 0.5);
}

TEST(Augment, flips_mirror_the_picture_half_of_the_time) {
  const Picture picture = random_picture(3);
  int left = 0, both = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Picture out = augmented({.horizontal_flip = 0.5f, .vertical_flip = 0.5f}, picture, seed);
    const bool horizontal = out[0] == picture[95] && out[kImagePixels - 96] == picture[kImagePixels - 1];
    const bool turned = std::equal(out.begin(), out.end(), picture.rbegin());
    left += horizontal;
    both += turned;
  }
  EXPECT_NEAR(left, 50, 20);
  EXPECT_NEAR(both, 50, 20);
}

TEST(Augment, the_seed_preset_crops_between_rotation_and_scaling) {
  Picture white;
  white.fill(255);
  Augmentation turn_and_shrink{.rotation_degrees = 180, .scale_low = 0.5f, .scale_high = 0.5f};
  std::size_t at_once = 0, cropped = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    turn_and_shrink.order = WarpOrder::kAtOnce;
    const Picture whole = augmented(turn_and_shrink, white, seed);
    turn_and_shrink.order = WarpOrder::kRotationCropped;
    const Picture corners_cut = augmented(turn_and_shrink, white, seed);
    at_once += static_cast<std::size_t>(std::ranges::count(whole, 255));
    cropped += static_cast<std::size_t>(std::ranges::count(corners_cut, 255));
    for (std::size_t i = 0; i < kImagePixels; ++i) {
      // The turned picture's frame, half as large, is the middle of the sheet.
      const std::size_t x = i % kImageSide, y = i / kImageSide;
      const bool in_frame = x >= 24 && x < 72 && y >= 24 && y < 72;
      ASSERT_EQ(corners_cut[i], in_frame ? whole[i] : 0) << x << ", " << y;
    }
  }
  EXPECT_LT(cropped, at_once);
}

TEST(Augment, brightness_and_contrast_change_gray_values_as_stated) {
  Picture gray;
  gray.fill(100);
  EXPECT_EQ(augmented({.brightness_low = 1.5f, .brightness_high = 1.5f}, gray, 1)[50], 150);
  EXPECT_EQ(augmented({.brightness_low = 3, .brightness_high = 3}, gray, 1)[50], 255);
  EXPECT_EQ(augmented({.contrast_low = 0.5f, .contrast_high = 0.5f}, gray, 1)[50], 114);
}

TEST(Augment, noise_has_its_deviation_and_no_bias) {
  Picture gray;
  gray.fill(128);
  const Picture noisy = augmented({.noise = 6}, gray, 1);
  double sum = 0, squares = 0;
  for (const std::uint8_t pixel : noisy) {
    sum += pixel - 128;
    squares += (pixel - 128) * (pixel - 128);
  }
  EXPECT_NEAR(sum / kImagePixels, 0, 0.2);
  EXPECT_NEAR(std::sqrt(squares / kImagePixels), 6, 0.2);
}

TEST(Augment, extreme_but_allowed_values_stay_within_the_picture) {
  const Augmentation wild{.rotation_degrees = 180,
                          .scale_low = 0.1f,
                          .scale_high = 10,
                          .translation = 1,
                          .order = WarpOrder::kRotationCropped,
                          .horizontal_flip = 0.5f,
                          .vertical_flip = 0.5f,
                          .brightness_low = 0,
                          .brightness_high = 10,
                          .contrast_low = 0,
                          .contrast_high = 10,
                          .noise = 100};
  const Picture picture = random_picture(4);
  std::uint64_t sum = 0;
  for (std::uint64_t seed = 0; seed < 500; ++seed) sum += fingerprint(augmented(wild, picture, seed));
  EXPECT_NE(sum, 0u);
}

TEST(Presets, are_found_by_name_only) {
  for (const std::string& name : augmentation_preset_names()) EXPECT_NO_THROW(augmentation_preset(name));
  EXPECT_FLOAT_EQ(augmentation_preset("seed").rotation_degrees, 90);
  EXPECT_FLOAT_EQ(augmentation_preset("mild").horizontal_flip, 0);
  try {
    augmentation_preset("wild");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.text, "there is no augmentation 'wild' (there are none, mild, seed)");
  }
}

}  // namespace
}  // namespace mudra::data
