#include "mudra/data/leakage.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <numeric>
#include <unordered_map>
#include <vector>

#include "mudra/base/hash.hpp"
#include "mudra/base/parallel.hpp"

namespace mudra::data {
namespace {

// Sums of gray over 8x8 blocks and over the picture. The distance of two pictures is at least that of their
// sums (triangle inequality), so most pairs are told apart without looking at pixels.
constexpr int kBlock = 8, kBlocksAcross = kImageSide / kBlock;
constexpr std::size_t kBlocks = std::size_t{kBlocksAcross} * kBlocksAcross;

struct Signature {
  std::uint32_t image = 0;  // index in the data set
  std::int32_t total = 0;
  std::array<std::int16_t, kBlocks> sums{};  // at most 64 * 255
};

Signature sign(const Dataset& dataset, std::uint32_t i) {
  Signature signature{.image = i, .total = 0, .sums = {}};
  const ImageView image = dataset.image(i);
  for (std::size_t y = 0; y < kImageSide; ++y)
    for (std::size_t x = 0; x < kImageSide; ++x)
      signature.sums[y / kBlock * kBlocksAcross + x / kBlock] = static_cast<std::int16_t>(
          signature.sums[y / kBlock * kBlocksAcross + x / kBlock] + image[y * kImageSide + x]);
  for (const std::int16_t sum : signature.sums) signature.total += sum;
  return signature;
}

std::int32_t distance(const Signature& a, const Signature& b) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < kBlocks; ++i) sum += std::abs(a.sums[i] - b.sums[i]);
  return sum;
}

// Whether the sum of absolute differences is at most `limit`; stops as soon as it is not.
bool within(ImageView a, ImageView b, std::int32_t limit) {
  constexpr std::size_t kStep = std::size_t{8} * kImageSide;
  std::int32_t sum = 0;
  for (std::size_t start = 0; start < kImagePixels; start += kStep) {
    for (std::size_t i = start; i < start + kStep; ++i) sum += std::abs(a[i] - b[i]);
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
  const auto limit = static_cast<std::int32_t>(levels * static_cast<double>(kImagePixels));
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
    const ImageView image = dataset.image(i);
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
