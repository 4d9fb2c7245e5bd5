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

// Returns the label.
std::int32_t render_example(const TrainingSet& set, int epoch, std::size_t picture, data::ImageOut out) {
  std::size_t part = 0;
  while (picture >= set.rendered[part].images()) picture -= set.rendered[part++].images();
  const data::SyntheticSet& hands = set.rendered[part];
  const bool is_none = picture >= hands.hands;
  const data::HandId id{.seed = Random(set.seed, kHandStream, part).bits(),
                        .person = static_cast<std::uint64_t>(epoch) * hands.images() + picture,
                        .gesture = is_none ? data::kGestures : static_cast<int>(picture % data::kGestures),
                        .frame = picture / data::kGestures};
  render_hand(id, hands.rendering, out);
  return set.rendered_labels.empty() ? id.gesture : set.rendered_labels[static_cast<std::size_t>(id.gesture)];
}

}  // namespace

std::size_t rendered_images(const std::vector<data::SyntheticSet>& rendered) {
  std::size_t sum = 0;
  for (const data::SyntheticSet& set : rendered) sum += set.images();
  return sum;
}

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
    label = render_example(set, epoch, example - pictures, rendered);
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
