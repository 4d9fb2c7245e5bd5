#include "mudra/train/training_set.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "mudra/base/random.hpp"
#include "mudra/data/image.hpp"
#include "mudra/data/synthetic_hands.hpp"

namespace mudra::train {
namespace {

// Names of streams; rendered training hands have a seed of their own, so that no rendered data set of the
// same seed shows the same people.
enum Stream : std::uint64_t { kOrderStream = 1, kAugmentStream, kHandStream };

}  // namespace

std::vector<std::uint32_t> epoch_order(const TrainingSet& set, int epoch) {
  std::vector<std::uint32_t> order(set.size());
  std::iota(order.begin(), order.end(), 0u);
  shuffle(std::span(order), Random(set.seed, kOrderStream, epoch));
  return order;
}

std::int32_t draw_example(const TrainingSet& set, int epoch, std::uint32_t example,
                          const graph::PixelValues& values, std::span<float> input) {
  std::vector<std::uint8_t> picture(set.shape.bytes());
  std::int32_t label = 0;
  if (example < set.chosen.size()) {
    const std::size_t index = set.chosen[example];
    label = set.pictures->labels[index];
    data::augment(set.augmentation, set.pictures->image(index),
                  Random(set.seed, kAugmentStream, epoch, example), picture, set.shape);
  } else {
    std::array<std::uint8_t, data::kImagePixels> rendered;
    const std::uint64_t hand = example - set.chosen.size();
    label = static_cast<std::int32_t>(hand % data::kGestures);
    data::render_hand({.seed = Random(set.seed, kHandStream).bits(),
                       .person = static_cast<std::uint64_t>(epoch) * set.rendered + hand,
                       .gesture = label,
                       .frame = hand / data::kGestures},
                      rendered);
    if (set.shape == data::PictureShape{})
      std::ranges::copy(rendered, picture.begin());
    else
      data::prepare({.width = data::kImageSide,
                     .height = data::kImageSide,
                     .channels = 1,
                     .pixels = {rendered.begin(), rendered.end()}},
                    set.shape, picture);
  }
  values.convert(picture, input);
  return label;
}

}  // namespace mudra::train
