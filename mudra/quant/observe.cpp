#include "mudra/quant/observe.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <string>

#include "mudra/base/error.hpp"
#include "mudra/base/interrupt.hpp"
#include "mudra/base/parallel.hpp"
#include "mudra/base/progress.hpp"
#include "mudra/graph/float_runner.hpp"
#include "mudra/quant/kernels/sweeps.hpp"

namespace mudra::quant {
namespace {

using graph::TensorIndex;

constexpr std::size_t kPercentileBatch = 32;  // the batches of the percentile
constexpr std::size_t kSmallBatch = 4;  // where batches mean nothing: so many pictures stay in the caches

// Calls take(i, values) with the values of tensors[i] for each batch, tensors shared among the threads.
void for_each_batch(const std::string& label, const graph::Graph& network, const Pictures& pictures,
                    const std::vector<TensorIndex>& tensors, std::size_t batch_size,
                    const std::function<void(std::size_t, std::span<const float>)>& take) {
  if (pictures.size() == 0) fail("no pictures to calibrate with");
  // The input is at hand anyway; kept, it would be copied once more.
  std::vector<TensorIndex> keep;
  std::ranges::copy_if(tensors, std::back_inserter(keep),
                       [&](TensorIndex tensor) { return tensor != network.input; });
  graph::FloatRunner runner(network, {.max_batch = static_cast<int>(batch_size), .keep = keep});
  std::vector<float> outputs(batch_size * runner.output_size());
  Progress progress(label, pictures.size());
  for (std::size_t first = 0; first < pictures.size(); first += batch_size) {
    stop_if_interrupted();
    const std::size_t count = std::min(batch_size, pictures.size() - first);
    const std::vector<float> inputs = real_values(pictures.part(first, count));
    runner.run(inputs, std::span(outputs).first(count * runner.output_size()));
    for_each_parallel(Schedule::kDynamic, tensors.size(), [&](std::size_t i) {
      take(i, tensors[i] == network.input ? std::span<const float>(inputs) : runner.kept(tensors[i]));
    });
    progress.advance(count);
  }
}

void check_finite(const graph::Graph& network, TensorIndex tensor, const Interval& interval) {
  if (!std::isfinite(interval.low) || !std::isfinite(interval.high))
    fail("tensor '{}' holds values that are not finite; its weights are broken", network.tensor(tensor).name);
}

// The least and the largest, also by how the compiler likes it: without branches.
Interval interval_of(std::span<const float> values) {
  constexpr std::size_t kLanes = 16;
  float low[kLanes] = {}, high[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= values.size(); i += kLanes)
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const float value = values[i + lane];
      low[lane] = value < low[lane] ? value : low[lane];
      high[lane] = value > high[lane] ? value : high[lane];
    }
  Interval interval{*std::ranges::min_element(low), *std::ranges::max_element(high)};
  for (; i < values.size(); ++i) interval.include(values[i]);
  return interval;
}

// Fills a histogram.
class Counter {
 public:
  Counter(float range, std::size_t bins)
      : bins_{.range = range,
              .scale = range > 0 ? static_cast<float>(bins) / range : 0.0f,
              .last = static_cast<std::int32_t>(bins - 1)},
        recent_(bins, 0),
        counts_(bins, 0) {}

  void count(std::span<const float> values) {
    constexpr std::size_t kBlock = 1024;
    std::array<std::int32_t, kBlock + kernels::kSlack> places;
    for (std::size_t first = 0; first < values.size(); first += kBlock) {
      const auto block = values.subspan(first, std::min(kBlock, values.size() - first));
      const kernels::Sorted sorted = kernels::sort_into_bins(block, bins_, places.data());
      counts_.front() += static_cast<std::int64_t>(sorted.first);
      counts_.back() += static_cast<std::int64_t>(sorted.last);
      reached_ = reached_ || sorted.reaches_range;
      for (std::size_t i = 0; i < sorted.listed; ++i) ++recent_[static_cast<std::size_t>(places[i])];
    }
    counted_ += values.size();
    if (counted_ > kMostRecent) take_in_recent();
  }

  Histogram histogram() {
    take_in_recent();
    return {bins_.range, counts_, reached_};
  }

 private:
  static constexpr std::size_t kMostRecent = std::size_t{1} << 31;  // in 32 bits

  void take_in_recent() {
    for (std::size_t i = 0; i < recent_.size(); ++i) counts_[i] += recent_[i];
    std::ranges::fill(recent_, 0u);
    counted_ = 0;
  }

  kernels::Bins bins_;
  bool reached_ = false;
  std::size_t counted_ = 0;
  std::vector<std::uint32_t> recent_;  // half the size of counts_, so that it stays in the first-level cache
  std::vector<std::int64_t> counts_;
};

}  // namespace

std::vector<Interval> observe_intervals(const graph::Graph& network, const Pictures& pictures,
                                        const std::vector<TensorIndex>& tensors) {
  std::vector<Interval> intervals(tensors.size());
  for_each_batch("ranges", network, pictures, tensors, kSmallBatch,
                 [&](std::size_t i, std::span<const float> values) {
                   const Interval seen = interval_of(values);
                   intervals[i].include(seen.low);
                   intervals[i].include(seen.high);
                 });
  for (std::size_t i = 0; i < tensors.size(); ++i) check_finite(network, tensors[i], intervals[i]);
  return intervals;
}

std::vector<Interval> observe_percentiles(const graph::Graph& network, const Pictures& pictures,
                                          const std::vector<TensorIndex>& tensors) {
  std::vector<double> lows(tensors.size(), 0.0), highs(tensors.size(), 0.0);
  for_each_batch("percentiles", network, pictures, tensors, kPercentileBatch,
                 [&](std::size_t i, std::span<const float> values) {
                   std::vector<float> sorted(values.begin(), values.end());
                   const Interval interval = percentile_interval(sorted);
                   lows[i] += double{interval.low};
                   highs[i] += double{interval.high};
                 });
  const std::size_t whole_batches = (pictures.size() + kPercentileBatch - 1) / kPercentileBatch;
  const auto batches = static_cast<double>(whole_batches);
  std::vector<Interval> intervals;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    intervals.push_back({static_cast<float>(lows[i] / batches), static_cast<float>(highs[i] / batches)});
    check_finite(network, tensors[i], intervals[i]);
  }
  return intervals;
}

std::vector<Histogram> observe_histograms(const graph::Graph& network, const Pictures& pictures,
                                          const std::vector<TensorIndex>& tensors,
                                          const std::vector<float>& ranges, std::size_t bins) {
  std::vector<Histogram> histograms;
  std::vector<Counter> counters;
  for (const float range : ranges) counters.emplace_back(range, bins);
  for_each_batch("histograms", network, pictures, tensors, kSmallBatch,
                 [&](std::size_t i, std::span<const float> values) { counters[i].count(values); });
  for (std::size_t i = 0; i < tensors.size(); ++i) histograms.push_back(counters[i].histogram());
  return histograms;
}

std::vector<float> float_outputs(const graph::Graph& network, const Pictures& pictures) {
  graph::FloatRunner runner(network, {.max_batch = static_cast<int>(kPercentileBatch), .keep = {}});
  const std::size_t outputs = runner.output_size();
  std::vector<float> results(pictures.size() * outputs);
  for (std::size_t first = 0; first < pictures.size(); first += kPercentileBatch) {
    stop_if_interrupted();
    const std::size_t count = std::min(kPercentileBatch, pictures.size() - first);
    runner.run(real_values(pictures.part(first, count)),
               std::span(results).subspan(first * outputs, count * outputs));
  }
  return results;
}

}  // namespace mudra::quant
