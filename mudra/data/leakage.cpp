#include "mudra/data/leakage.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <numeric>
#include <unordered_map>
#include <vector>

#include "mudra/base/hash.hpp"
#include "mudra/base/parallel.hpp"

namespace mudra::data {
namespace {

// Sums of gray over 8x8 blocks, of each channel, and over the picture. The distance of two pictures is at
// least that of their sums (triangle inequality), so most pairs are told apart without looking at pixels.
constexpr std::size_t kBlock = 8;

struct Signature {
  std::uint32_t image = 0;  // index in the data set
  std::int32_t total = 0;
  std::vector<std::int16_t> sums;  // by block and channel, at most 64 * 255
};

Signature sign(const Dataset& dataset, std::uint32_t i) {
  const auto width = static_cast<std::size_t>(dataset.shape.width);
  const auto height = static_cast<std::size_t>(dataset.shape.height);
  const auto channels = static_cast<std::size_t>(dataset.shape.channels);
  const std::size_t across = (width + kBlock - 1) / kBlock, down = (height + kBlock - 1) / kBlock;
  Signature signature{.image = i, .total = 0, .sums = std::vector<std::int16_t>(across * down * channels)};
  const auto image = dataset.image(i);
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x)
      for (std::size_t c = 0; c < channels; ++c) {
        std::int16_t& sum = signature.sums[(y / kBlock * across + x / kBlock) * channels + c];
        sum = static_cast<std::int16_t>(sum + image[(y * width + x) * channels + c]);
      }
  for (const std::int16_t sum : signature.sums) signature.total += sum;
  return signature;
}

std::int32_t distance(const Signature& a, const Signature& b) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < a.sums.size(); ++i) sum += std::abs(a.sums[i] - b.sums[i]);
  return sum;
}

// Whether the sum of absolute differences is at most `limit`; stops as soon as it is not.
bool within(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b, std::int32_t limit) {
  constexpr std::size_t kStep = std::size_t{8} * kImageSide;
  std::int32_t sum = 0;
  for (std::size_t start = 0; start < a.size(); start += kStep) {
    const std::size_t end = std::min(start + kStep, a.size());
    for (std::size_t i = start; i < end; ++i) sum += std::abs(a[i] - b[i]);
    if (sum > limit) return false;
  }
  return true;
}

std::vector<Signature> sign_all(const Dataset& dataset, const std::vector<std::uint32_t>& images) {
  std::vector<Signature> signatures(images.size());
  for_each_parallel(Schedule::kStatic, images.size(),
                    [&](std::size_t i) { signatures[i] = sign(dataset, images[i]); });
  return signatures;
}

// How many of `test` have a picture in `train` within `levels` that they may be compared with.
template <typename MayCompare>
Leakage count_leaks(const Dataset& dataset, std::vector<Signature> train, const std::vector<Signature>& test,
                    double levels, const MayCompare& may_compare) {
  const auto limit = static_cast<std::int32_t>(levels * static_cast<double>(dataset.shape.bytes()));
  std::ranges::sort(train, {}, &Signature::total);
  const auto leaks = [&](const Signature& tested) {
    auto candidate = std::ranges::lower_bound(train, tested.total - limit, {}, &Signature::total);
    for (; candidate != train.end() && candidate->total <= tested.total + limit; ++candidate)
      if (may_compare(candidate->image, tested.image) && distance(*candidate, tested) <= limit &&
          within(dataset.image(candidate->image), dataset.image(tested.image), limit))
        return true;
    return false;
  };
  std::atomic<std::size_t> leaked = 0;
  for_each_parallel("near-copies", test.size(), [&](std::size_t i) { leaked += leaks(test[i]) ? 1 : 0; });
  return {.tested = test.size(), .leaked = leaked};
}

}  // namespace

Duplicates find_duplicates(const Dataset& dataset) {
  Duplicates duplicates;
  std::unordered_multimap<std::uint64_t, std::uint32_t> originals;  // by fingerprint
  std::vector<bool> has_copy(dataset.size());
  for (std::uint32_t i = 0; i < dataset.size(); ++i) {
    const auto image = dataset.image(i);
    const auto [first, last] = originals.equal_range(fingerprint(image));
    const auto original = std::find_if(first, last, [&](const auto& entry) {
      return std::ranges::equal(dataset.image(entry.second), image);
    });
    if (original == last) {
      originals.emplace(fingerprint(image), i);
      continue;
    }
    ++duplicates.copies;
    duplicates.conflicting += dataset.labels[i] != dataset.labels[original->second];
    if (!has_copy[original->second]) ++duplicates.originals;
    has_copy[original->second] = true;
  }
  return duplicates;
}

Leakage measure_leakage(const Dataset& dataset, const Split& split, double levels) {
  return count_leaks(dataset, sign_all(dataset, split.train), sign_all(dataset, split.test), levels,
                     [](std::uint32_t, std::uint32_t) { return true; });
}

Leakage leakage_between_subjects(const Dataset& dataset, double levels) {
  std::vector<std::uint32_t> all(dataset.size());
  std::iota(all.begin(), all.end(), 0u);
  const std::vector<Signature> signatures = sign_all(dataset, all);
  return count_leaks(dataset, signatures, signatures, levels, [&](std::uint32_t a, std::uint32_t b) {
    return dataset.subjects[a] != dataset.subjects[b];
  });
}

}  // namespace mudra::data
