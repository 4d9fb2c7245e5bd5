#include "mudra/quant/judge.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/quant/observe.hpp"

namespace mudra::quant {

OutputError compare(std::span<const float> expected, std::span<const float> found, std::size_t outputs) {
  assert(!expected.empty() && expected.size() == found.size());
  const std::size_t count = expected.size() / outputs;
  OutputError error;
  for (std::size_t i = 0; i < count; ++i) {
    const auto wanted = expected.subspan(i * outputs, outputs), got = found.subspan(i * outputs, outputs);
    double noise = 0, signal = 0;
    for (std::size_t c = 0; c < outputs; ++c) {
      const double difference = double{got[c]} - double{wanted[c]};
      noise += difference * difference;
      signal += double{wanted[c]} * double{wanted[c]};
    }
    error.noise += noise_ratio(noise, signal);
    const auto best = [](std::span<const float> row) { return std::ranges::max_element(row) - row.begin(); };
    if (best(wanted) == best(got)) error.agreement += 1;
  }
  error.noise /= static_cast<double>(count);
  error.agreement /= static_cast<double>(count);
  return error;
}

Judge::Judge(const graph::Graph& network, const Pictures& pictures, std::size_t most, IntegerRun run)
    : outputs_(static_cast<std::size_t>(graph::element_count(network.tensor(network.output).shape))),
      pictures_(pictures, most),
      run_(std::move(run)) {
  if (this->pictures().size() == 0) fail("no pictures to calibrate with");
  expected_ = float_outputs(network, this->pictures());
}

OutputError Judge::operator()(const graph::Graph& integer) const {
  return compare(expected_, run_(integer, pictures()), outputs_);
}

}  // namespace mudra::quant
