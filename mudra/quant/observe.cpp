#include "mudra/quant/observe.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <functional>
#include <mutex>
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

constexpr std::size_t kPicturesTogether = 32;  // of the percentile too

// Calls run(inputs, outputs) for each batch of up to `batch` pictures.
void for_each_batch(const std::string& label, const graph::Graph& network, const graph::FloatRunner& runner,
                    const Pictures& pictures, std::size_t batch,
                    const std::function<void(std::span<const float>, std::span<float>)>& run) {
  if (pictures.size() == 0) fail("no pictures to calibrate with");
  std::vector<float> outputs(batch * runner.output_size());
  Progress progress(label, pictures.size());
  for (std::size_t first = 0; first < pictures.size(); first += batch) {
    stop_if_interrupted();
    const std::size_t count = std::min(batch, pictures.size() - first);
    run(real_values(pictures.part(first, count), network),
        std::span(outputs).first(count * runner.output_size()));
    progress.advance(count);
  }
}

// Calls take(i, values) with every value of tensors[i], some of one picture at a time, from several threads.
void watch(const std::string& label, const graph::Graph& network, const Pictures& pictures,
           const std::vector<TensorIndex>& tensors,
           const std::function<void(std::size_t, std::span<const float>)>& take) {
  std::vector<std::size_t> places(network.tensors.size());
  for (std::size_t i = 0; i < tensors.size(); ++i) places[static_cast<std::size_t>(tensors[i])] = i;
  graph::FloatRunner runner(network, {.max_batch = kPicturesTogether, .keep = {}, .watched = tensors});
  for_each_batch(label, network, runner, pictures, kPicturesTogether,
                 [&](std::span<const float> inputs, std::span<float> outputs) {
                   runner.run(inputs, outputs, [&](TensorIndex tensor, std::span<const float> values) {
                     take(places[static_cast<std::size_t>(tensor)], values);
                   });
                 });
}

void check_finite(const graph::Graph& network, TensorIndex tensor, const Interval& interval) {
  if (!std::isfinite(interval.low) || !std::isfinite(interval.high))
    fail("tensor '{}' holds values that are not finite; its weights are broken", network.tensor(tensor).name);
}

// Fills a histogram, from any thread.
class Counter {
 public:
  Counter(float range, std::size_t bins)
      : range_(range),
        bins_{.scale = range > 0 ? static_cast<float>(bins) / range : 0.0f,
              .last = static_cast<std::int32_t>(bins - 1)},
        recent_(bins, 0),
        counts_(bins, 0) {}

  void count(std::span<const float> values) {
    constexpr std::size_t kBlock = 1024;
    std::array<std::int32_t, kBlock + kernels::kSlack> places;
    for (std::size_t first = 0; first < values.size(); first += kBlock) {
      const auto block = values.subspan(first, std::min(kBlock, values.size() - first));
      const kernels::Sorted sorted = kernels::sort_into_bins(block, bins_, places.data());
      const std::lock_guard lock(mutex_);
      counts_.front() += static_cast<std::int64_t>(sorted.first);
      counts_.back() += static_cast<std::int64_t>(sorted.last);
      for (std::size_t i = 0; i < sorted.listed; ++i) ++recent_[static_cast<std::size_t>(places[i])];
      counted_ += block.size();
      if (counted_ > kMostRecent) take_in_recent();
    }
  }

  Histogram histogram() {
    take_in_recent();
    return {range_, counts_};
  }

 private:
  static constexpr std::size_t kMostRecent = std::size_t{1} << 31;  // in 32 bits

  void take_in_recent() {
    for (std::size_t i = 0; i < recent_.size(); ++i) counts_[i] += recent_[i];
    std::ranges::fill(recent_, 0u);
    counted_ = 0;
  }

  float range_;
  kernels::Bins bins_;
  std::mutex mutex_;  // of what follows
  std::size_t counted_ = 0;
  std::vector<std::uint32_t> recent_;  // half the size of counts_, so that it stays in the first-level cache
  std::vector<std::int64_t> counts_;
};

}  // namespace

void observe_batches(const std::string& label, const graph::Graph& network, const Pictures& pictures,
                     const std::vector<TensorIndex>& tensors, std::size_t batch,
                     const std::function<void(std::size_t, std::span<const float>)>& take) {
  // The input is at hand anyway; kept, it would be copied once more.
  std::vector<TensorIndex> keep;
  std::ranges::copy_if(tensors, std::back_inserter(keep),
                       [&](TensorIndex tensor) { return tensor != network.input; });
  graph::FloatRunner runner(network, {.max_batch = static_cast<int>(batch), .keep = keep});
  for_each_batch(label, network, runner, pictures, batch,
                 [&](std::span<const float> inputs, std::span<float> outputs) {
                   runner.run(inputs, outputs);
                   for_each_parallel(Schedule::kDynamic, tensors.size(), [&](std::size_t i) {
                     take(i, tensors[i] == network.input ? inputs : runner.kept(tensors[i]));
                   });
                 });
}

std::vector<Interval> observe_intervals(const graph::Graph& network, const Pictures& pictures,
                                        const std::vector<TensorIndex>& tensors) {
  std::vector<Interval> intervals(tensors.size());
  std::vector<std::mutex> mutexes(tensors.size());
  watch("ranges", network, pictures, tensors, [&](std::size_t i, std::span<const float> values) {
    const kernels::LowHigh seen = kernels::low_high(values);
    const std::lock_guard lock(mutexes[i]);
    intervals[i].include(seen.low);
    intervals[i].include(seen.high);
  });
  for (std::size_t i = 0; i < tensors.size(); ++i) check_finite(network, tensors[i], intervals[i]);
  return intervals;
}

std::vector<Interval> observe_percentiles(const graph::Graph& network, const Pictures& pictures,
                                          const std::vector<TensorIndex>& tensors) {
  std::vector<double> lows(tensors.size(), 0.0), highs(tensors.size(), 0.0);
  observe_batches("percentiles", network, pictures, tensors, kPicturesTogether,
                  [&](std::size_t i, std::span<const float> values) {
                    const kernels::LowHigh seen = kernels::low_high(values);
                    Interval interval{seen.low, seen.high};
                    if (std::isfinite(seen.high)) {  // what is no number cannot be put in order
                      std::vector<float> sorted(values.begin(), values.end());
                      interval = percentile_interval(sorted);
                    }
                    lows[i] += double{interval.low};
                    highs[i] += double{interval.high};
                  });
  const std::size_t whole_batches = (pictures.size() + kPicturesTogether - 1) / kPicturesTogether;
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
  std::deque<Counter> counters;
  for (const float range : ranges) counters.emplace_back(range, bins);
  watch("histograms", network, pictures, tensors,
        [&](std::size_t i, std::span<const float> values) { counters[i].count(values); });
  for (std::size_t i = 0; i < tensors.size(); ++i) histograms.push_back(counters[i].histogram());
  return histograms;
}

std::vector<float> float_outputs(const graph::Graph& network, const Pictures& pictures) {
  graph::FloatRunner runner(network, {.max_batch = kPicturesTogether, .keep = {}});
  const std::size_t outputs = runner.output_size();
  std::vector<float> results(pictures.size() * outputs);
  for (std::size_t first = 0; first < pictures.size(); first += kPicturesTogether) {
    stop_if_interrupted();
    const std::size_t count = std::min(kPicturesTogether, pictures.size() - first);
    runner.run(real_values(pictures.part(first, count), network),
               std::span(results).subspan(first * outputs, count * outputs));
  }
  return results;
}

}  // namespace mudra::quant
