#include "mudra/s3/counts.hpp"

#include <algorithm>
#include <functional>

namespace mudra::s3 {

Counts& Counts::operator+=(const Counts& more) {
  calls += more.calls;
  instructions += more.instructions;
  multiply_adds += more.multiply_adds;
  byte_products += more.byte_products;
  taken_branches += more.taken_branches;
  vector_stores += more.vector_stores;
  bubbles += more.bubbles;
  shifts_behind_products += more.shifts_behind_products;
  divisions += more.divisions;
  for (std::size_t i = 0; i < kKinds; ++i) by_kind[i] += more.by_kind[i];
  if (by_mnemonic.size() < more.by_mnemonic.size()) by_mnemonic.resize(more.by_mnemonic.size());
  for (std::size_t i = 0; i < more.by_mnemonic.size(); ++i) by_mnemonic[i] += more.by_mnemonic[i];
  return *this;
}

std::vector<std::pair<std::string_view, std::uint64_t>> most_frequent(const Counts& counts) {
  std::vector<std::pair<std::string_view, std::uint64_t>> all;
  for (std::size_t i = 0; i < counts.by_mnemonic.size(); ++i)
    if (counts.by_mnemonic[i] > 0) all.emplace_back(mnemonics()[i].name, counts.by_mnemonic[i]);
  std::ranges::stable_sort(all, std::greater<>(), &std::pair<std::string_view, std::uint64_t>::second);
  return all;
}

Cycles estimated_cycles(const Counts& counts) {
  const auto number = [](std::uint64_t count) { return static_cast<double>(count); };
  const double estimate = number(counts.instructions) + number(counts.bubbles) +
                          2 * number(counts.taken_branches) + 0.6 * number(counts.vector_stores) +
                          number(counts.shifts_behind_products) + 16 * number(counts.divisions);
  return {.estimate = estimate,
          .low = 0.95 * estimate,
          .high = 1.25 * estimate,
          .half_rate = estimate + number(counts.byte_products)};
}

}  // namespace mudra::s3
