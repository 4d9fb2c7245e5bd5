#include "mudra/data/hand_none.hpp"

#include <cmath>

#include "mudra/data/hand_variation.hpp"

namespace mudra::data {

void paint_pattern(Random& random, FloatImage& image) {
  image.fill(random.uniform(0, 255));
  switch (random.below(9)) {
    case 0:  // plain
      if (random.chance(0.4f)) image.fill(random.chance(0.5f) ? 0.0f : 255.0f);
      return;
    case 1: {  // noise of every pixel
      const float strength = random.uniform(5, 128);
      for (float& level : image) level += random.uniform(-strength, strength);
      return;
    }
    case 2:
      add_grain(image, random.uniform(20, 160), uniform_ratio(random, 1, 5), random);
      return;
    case 3: {  // a gradient
      const float x = random.uniform(-255, 255), y = random.uniform(-255, 255);
      for (int row = 0; row < kImageSide; ++row)
        for (int column = 0; column < kImageSide; ++column) {
          const float u = static_cast<float>(column) / kImageSide, v = static_cast<float>(row) / kImageSide;
          image[static_cast<std::size_t>(row * kImageSide + column)] += x * (u - 0.5f) + y * (v - 0.5f);
        }
      return;
    }
    default: {
      Stripes stripes = {.amplitude = random.uniform(15, 190), .period = uniform_ratio(random, 2, 5.7f)};
      stripes.phase = random.uniform(0, stripes.period);
      stripes.turn =
          random.chance(0.6f) ? 90.0f * static_cast<float>(random.below(2)) : random.uniform(0, 180);
      stripes.edge = random.uniform();
      if (random.chance(0.5f)) {  // a test chart's: whole pixels, half of them black beside white
        constexpr float kMiddle = 127.5f;
        image.fill(kMiddle);
        stripes.amplitude = random.chance(0.5f) ? kMiddle : random.uniform(10, kMiddle);
        stripes.period = 2 * std::round(uniform_ratio(random, 1, 4.5f));
        stripes.phase = std::floor(random.uniform(0, stripes.period));
        stripes.turn = 90.0f * static_cast<float>(random.below(2));
        stripes.edge = 1;
      }
      stripes.is_chequered = random.chance(0.6f);
      add_stripes(stripes, image);
      return;
    }
  }
}

void paint_things_in_the_dark(Random& random, FloatImage& image) {
  const float brightness = random.uniform(60, 255);
  for (std::uint32_t i = 1 + random.below(4); i > 0; --i)
    paint({.middle = {random.uniform(5, 91), random.uniform(5, 100)},
           .half_width = uniform_ratio(random, 2.5f, 3.2f),
           .half_height = uniform_ratio(random, 4, 3.5f),
           .turn = random.uniform(0, 180),
           .is_round = random.chance(0.6f),
           .level = brightness * random.uniform(0.4f, 1),
           .slope = normal(random, 0, 40),
           .softness = uniform_ratio(random, 0.7f, 3.5f)},
          image);
}

}  // namespace mudra::data
