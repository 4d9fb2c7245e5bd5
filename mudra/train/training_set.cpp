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
  std::vector<std::uint32_t> examples(set.size()), order;
  std::iota(examples.begin(), examples.end(), 0u);
  const std::size_t pictures = set.pictures_an_epoch();
  for (const auto part : {std::span(examples).first(pictures), std::span(examples).subspan(pictures)})
    shuffle(part, Random(set.seed, kOrderStream, epoch));
  std::size_t taken = 0;  // pictures
  for (std::size_t i = 0; i < examples.size(); ++i)
    if ((i + 1) * pictures / examples.size() > taken)
      order.push_back(examples[taken++]);
    else
      order.push_back(examples[pictures + i - taken]);
  return order;
}

std::int32_t draw_example(const TrainingSet& set, int epoch, std::uint32_t example,
                          const graph::PixelValues& values, std::span<float> input) {
  std::vector<std::uint8_t> picture(set.shape.bytes());
  std::int32_t label = 0;
  const std::size_t pictures = set.pictures_an_epoch();
  if (example < pictures) {
    const std::size_t turn = static_cast<std::size_t>(epoch) * pictures + example;
    const std::size_t index = set.chosen[turn % set.chosen.size()];
    label = set.pictures->labels[index];
    data::augment(set.augmentation, set.pictures->image(index),
                  Random(set.seed, kAugmentStream, epoch, example), picture, set.shape);
  } else {
    std::array<std::uint8_t, data::kImagePixels> rendered;
    const std::uint64_t hand = example - pictures;
    label = static_cast<std::int32_t>(hand % data::kGestures);
    data::render_hand({.seed = Random(set.seed, kHandStream).bits(),
                       .person = static_cast<std::uint64_t>(epoch) * set.rendered + hand,
                       .gesture = label,
                       .frame = hand / data::kGestures},
                      rendered);
    if (!set.rendered_labels.empty()) label = set.rendered_labels[static_cast<std::size_t>(label)];
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
