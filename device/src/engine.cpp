#include "mudra/device/engine.hpp"

#include <algorithm>
#include <cstring>

namespace mudra::device {

using Kind = Operation::Kind;

Status Engine::prepare(std::span<const std::uint8_t> model, std::span<std::byte> arena,
                       const Kernels& kernels) {
  kernels_ = nullptr;
  expects_rows_ = false;
  plan_.arena_bytes = 0;
  network_.size = 0;
  problem_ = {};
  ModelView view;
  problem_.status = view.open(model);
  if (problem_.status != Status::kOk) return problem_.status;
  if (read_network(view, network_, problem_) != Status::kOk) return problem_.status;
  make_plan(network_, kernels, plan_);

  if (arena.size() < plan_.arena_bytes) {
    const int node = network_.operation(plan_.largest).node;
    problem_ = {
        .status = Status::kArenaTooSmall, .node = view.node(node).name(), .needed_bytes = plan_.arena_bytes};
    return problem_.status;
  }
  if (reinterpret_cast<std::uintptr_t>(arena.data()) % kAlignment != 0)
    return problem_.status = Status::kMisaligned;
  arena_ = arena.data();
  std::byte* packed = arena_;
  for (int i = 0; i < network_.size; ++i) {
    Operation& operation = network_.links[i].operation;
    const std::size_t bytes = kernels.packed_bytes(operation);
    if (bytes != 0) {
      kernels.pack(operation, packed);
      operation.convolution.packed = packed;
      packed += align_up(static_cast<std::uint32_t>(bytes));
    }
    operation.run = kernels.choose(operation);
  }
  kernels_ = &kernels;
  return Status::kOk;
}

std::span<std::byte> Engine::input() {
  if (kernels_ == nullptr) return {};
  return {arena_ + plan_.rows[0].offset, plan_.rows[0].bytes()};
}

std::span<const std::byte> Engine::output() const {
  if (kernels_ == nullptr) return {};
  const Rows& rows = plan_.rows[network_.output];
  return {arena_ + rows.offset, rows.bytes()};
}

Status Engine::run() {
  if (kernels_ == nullptr) return Status::kNotPrepared;
  expects_rows_ = false;
  std::fill(steps_, steps_ + kMaxOperations, std::uint16_t{0});
  pushed_ = plan_.rows[0].kept;
  run_segments_from(0);
  return Status::kOk;
}

Status Engine::begin() {
  if (kernels_ == nullptr) return Status::kNotPrepared;
  std::fill(steps_, steps_ + kMaxOperations, std::uint16_t{0});
  pushed_ = 0;
  expects_rows_ = true;
  return Status::kOk;
}

Status Engine::push_row(std::span<const std::byte> row_bytes) {
  if (!expects_rows_) return Status::kNotPrepared;
  const Rows& input = plan_.rows[0];
  if (row_bytes.size() != input.pitch) return Status::kBadSize;
  if (pushed_ == input.kept) return Status::kTooManyRows;
  const int last = plan_.last_stage_of_segment(0);
  const bool done = steps_[last] == step_count(network_.operation(plan_.last_of(last)));
  // When the segment is done before the last row, its output may already lie where that row would go.
  if (!done || plan_.keeps_input) std::memcpy(row(0, pushed_), row_bytes.data(), row_bytes.size());
  ++pushed_;
  if (!done) advance(0, last);
  if (pushed_ == input.kept) run_segments_from(last + 1);
  return Status::kOk;
}

void Engine::run_segments_from(int first) {
  while (first < plan_.stage_count) {
    const int last = plan_.last_stage_of_segment(first);
    advance(first, last);
    first = last + 1;
  }
}

// How many rows of what a stage reads first there are.
int Engine::rows_of(TensorIndex tensor, int stage) const {
  if (tensor == 0) return network_.needs_whole_input && pushed_ < plan_.rows[0].kept ? 0 : pushed_;
  if (plan_.rows[tensor].stored) return plan_.rows[tensor].kept;
  return rows_after(network_.operation(tensor - 1), steps_[stage - 1]);
}

// Makes every step that can be made in stages [first, last]. The later stage goes first: so no ring's row is
// overwritten before it was read.
void Engine::advance(int first, int last) {
  for (int stage = last; stage >= first;) {
    const Link& link = network_.links[plan_.first_of(stage)];
    const int step = steps_[stage];
    const bool is_left = step < step_count(network_.operation(plan_.last_of(stage)));
    if (is_left &&
        (link.input == kNoTensor || rows_needed(link.operation, step) <= rows_of(link.input, stage))) {
      make_step(stage, step);
      ++steps_[stage];
      stage = std::min(stage + 1, last);  // the only one that may have become possible
    } else {
      --stage;
    }
  }
}

void Engine::make_step(int stage_index, int step) {
  const Stage& stage = plan_.stages[stage_index];
  const Link& link = network_.links[plan_.order[stage.first]];
  const Operation& first = link.operation;
  if (first.kind == Kind::kJoin)
    return tell(plan_.order[stage.first], row(static_cast<TensorIndex>(plan_.order[stage.first] + 1), step),
                first.out_width);
  const int top = step * first.window.stride_h - first.window.pad_top;
  if (is_pool(first.kind) && looks_at_neighbours(first)) {
    const int end = std::min<int>(top + first.window.kernel_h, first.in_height);
    for (int y = std::max(0, top); y < end; ++y) {
      const std::byte* const from = row(link.input, y);
      take(link, stage, {.rows = &from, .pixels = first.in_width, .y = y}, y == std::max(0, top));
    }
    return finish(link, stage, step);
  }
  const std::byte* window[kMaxKernelSide] = {};
  if (first.kind == Kind::kConvolution) {
    for (int ky = 0; ky < first.window.kernel_h; ++ky)
      if (top + ky >= 0 && top + ky < first.in_height) window[ky] = row(link.input, top + ky);
  } else {
    window[0] = row(link.input, step);
  }
  run_stage(stage, window, step);
}

// Makes a step of a stage, some pixels at a time.
void Engine::run_stage(const Stage& stage, const std::byte* const* window, int step) {
  const Link& ending = network_.links[plan_.order[stage.first + stage.count - 1]];
  const Operation& last = ending.operation;
  const bool gathers = ends_stage(last);
  const int y = row_of_step(last, step);                                          // of the output
  const int begin = std::max(0, y * last.window.stride_h - last.window.pad_top);  // of the steps that make it
  const Operation& first = network_.operation(plan_.order[stage.first]);
  const int width = stage.count == 1 && gathers ? first.in_width : first.out_width;
  const int pixels_together = kernels_->tile_pixels;
  for (int x = 0; x < width; x += pixels_together) {
    const int pixels = std::min(pixels_together, width - x);
    const std::byte* const* inputs = window;
    const std::byte* between = nullptr;
    for (int i = 0; i < stage.count; ++i) {
      const int index = plan_.order[stage.first + i];
      const Link& link = network_.links[index];
      const Operation& operation = link.operation;
      Tile tile{.rows = inputs, .x = i == 0 ? x : 0, .pixels = pixels};
      if (i + 1 == stage.count && gathers) {
        const std::byte* const from =
            inputs[0] + static_cast<std::uint32_t>(tile.x) * in_pixel_bytes(operation);
        tile.rows = &from;
        tile.x = x;
        tile.y = step;
        if (y >= 0) take(link, stage, tile, step == begin && x == 0);
        break;
      }
      if (operation.kind == Kind::kAdd || operation.kind == Kind::kMultiply)
        tile.second = second_of(link, step, x);
      const auto tensor = static_cast<TensorIndex>(index + 1);
      tile.out = i + 1 == stage.count ? row(tensor, step) + static_cast<std::uint32_t>(x) * operation.out_step
                                      : arena_ + plan_.rows[tensor].offset;
      operation.run(operation, tile);
      if (observer_.made != nullptr) tell(index, tile.out, pixels);
      between = tile.out;
      inputs = &between;
    }
  }
  if (gathers && y >= 0 && step + 1 == steps_for_row(last, y)) finish(ending, stage, y);
}

// Gives a pool, or what turns a picture, some pixels of input row tile.y, which may begin an output row.
void Engine::take(const Link& pool, const Stage& stage, Tile tile, bool begins) {
  const Operation& operation = pool.operation;
  if (operation.kind == Kind::kTurn)
    tile.out = row(static_cast<TensorIndex>(&pool - network_.links + 1), 0);
  else
    tile.sums = arena_ + stage.sums;
  if (begins && is_pool(operation.kind))
    operation.run(operation, {.sums = tile.sums, .step = Tile::Step::kStart});
  operation.run(operation, tile);
}

// Completes output row y.
void Engine::finish(const Link& pool, const Stage& stage, int y) {
  const auto index = static_cast<int>(&pool - network_.links);
  std::byte* const out = row(static_cast<TensorIndex>(index + 1), y);
  if (is_pool(pool.operation.kind))
    pool.operation.run(pool.operation,
                       {.out = out, .sums = arena_ + stage.sums, .step = Tile::Step::kFinish});
  tell(index, out, pool.operation.out_width);
}

// Where the other operand of an Add or a Mul has pixel x of row y.
const std::byte* Engine::second_of(const Link& link, int y, int x) const {
  const Operation& operation = link.operation;
  if (link.second == kNoTensor) return static_cast<const std::byte*>(operation.constant);
  if (operation.second == Operation::Second::kPixel) return row(link.second, 0);
  return row(link.second, y) +
         static_cast<std::uint32_t>(x * operation.in_channels) * bytes_of(operation.second_width);
}

void Engine::tell(int index, const std::byte* pixels, int count) const {
  const Operation& operation = network_.operation(index);
  if (observer_.made == nullptr || operation.kind == Kind::kCopy) return;
  const std::uint32_t bytes = out_pixel_bytes(operation);
  if (operation.out_step == bytes || count == 1)
    return observer_.made(observer_.context, index, {pixels, count * bytes});
  for (int i = 0; i < count; ++i, pixels += operation.out_step)
    observer_.made(observer_.context, index, {pixels, bytes});
}

}  // namespace mudra::device
