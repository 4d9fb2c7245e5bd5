#include "mudra/device/engine.hpp"

#include <algorithm>
#include <cstring>

#include "mudra/device/packed_section.hpp"

namespace mudra::device {

using Kind = Operation::Kind;

Status Engine::prepare(std::span<const std::uint8_t> model, std::span<std::byte> arena,
                       const Kernels& kernels, PackedWeights where) {
  kernels_ = nullptr;
  expects_rows_ = false;
  plan_.arena_bytes = 0;
  network_.size = 0;
  problem_ = {};
  packed_section_ = Status::kNoPackedWeights;
  ModelView view;
  problem_.status = view.open(model);
  if (problem_.status != Status::kOk) return problem_.status;
  if (read_network(view, network_, problem_) != Status::kOk) return problem_.status;
  if (kernels.arrange != nullptr) kernels.arrange(network_);
  if (where == PackedWeights::kInPlace && kernels.id != 0)
    packed_section_ = use_packed_section(model, view.file_bytes(), kernels, network_);
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
    const std::size_t bytes = operation.convolution.packed == nullptr ? kernels.packed_bytes(operation) : 0;
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
  std::fill_n(steps_, plan_.stage_count, std::uint16_t{0});
  pushed_ = plan_.rows[0].kept;
  run_segments_from(0);
  return Status::kOk;
}

Status Engine::begin() {
  if (kernels_ == nullptr) return Status::kNotPrepared;
  std::fill_n(steps_, plan_.stage_count, std::uint16_t{0});
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
  const bool done = steps_[last] == plan_.stages[last].steps;
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

// How many rows are there of what a stage reads first.
int Engine::rows_of(const Stage& stage, int index) const {
  switch (stage.source) {
    case Stage::Source::kStage:
      return steps_[index - 1];
    case Stage::Source::kInput:
      return network_.needs_whole_input && pushed_ < plan_.rows[0].kept ? 0 : pushed_;
    case Stage::Source::kGathered:
      return rows_after(network_.operation(plan_.last_of(index - 1)), steps_[index - 1]);
    case Stage::Source::kStored:
      break;
  }
  return stage.rows;
}

// Makes every step that can be made in stages [first, last]. The later stage goes first: so no ring's row is
// overwritten before it was read.
void Engine::advance(int first, int last) {
  for (int index = last; index >= first;) {
    const Stage& stage = plan_.stages[index];
    const int step = steps_[index];
    if (step < stage.steps &&
        std::min<int>(stage.rows, step * stage.stride + stage.reach) <= rows_of(stage, index)) {
      make_step(stage, step);
      steps_[index] = static_cast<std::uint16_t>(step + 1);
      index = std::min(index + 1, last);  // the only one that may have become possible
    } else {
      --index;
    }
  }
}

void Engine::make_step(const Stage& stage, int step) {
  const int first_index = plan_.order[stage.first];
  const Link& link = network_.links[first_index];
  const Operation& first = link.operation;
  const std::byte* window[kMaxKernelSide];
  if (first.kind == Kind::kConvolution) {
    const Rows& rows = plan_.rows[link.input];
    int y = step * first.window.stride_h - first.window.pad_top;
    for (int ky = 0; ky < first.window.kernel_h; ++ky, ++y)
      window[ky] = y >= 0 && y < first.in_height ? arena_ + rows.offset_of(y) : nullptr;
  } else if (first.kind == Kind::kJoin) {
    return tell(first_index, row(static_cast<TensorIndex>(first_index + 1), step), first.out_width);
  } else if (is_pool(first.kind) && looks_at_neighbours(first)) {
    const int top = step * first.window.stride_h - first.window.pad_top;
    const int end = std::min<int>(top + first.window.kernel_h, first.in_height);
    for (int y = std::max(0, top); y < end; ++y) {
      window[0] = row(link.input, y);
      take(link, stage, {.rows = window, .pixels = first.in_width, .y = y}, y == std::max(0, top));
    }
    return finish(link, stage, step);
  } else {
    window[0] = row(link.input, step);
  }
  run_stage(stage, window, step);
}

// Makes a step of a stage, some pixels at a time.
void Engine::run_stage(const Stage& stage, const std::byte* const* window, int step) {
  const std::uint8_t* const order = plan_.order + stage.first;
  const std::uint8_t* const end =
      order + stage.count - (stage.gathers ? 1 : 0);  // of what works pixel by pixel
  const Operation& first = network_.operation(order[0]);
  const int width = order == end ? first.in_width : first.out_width;
  Tile tile;
  tile.scratch = arena_ + stage.scratch;
  tile.y = step;
  for (int x = 0; x < width; x += kernels_->tile_pixels) {
    const std::byte* between =
        order == end ? window[0] + static_cast<std::uint32_t>(x) * in_pixel_bytes(first) : nullptr;
    tile.rows = window;
    tile.x = x;
    tile.pixels = std::min(kernels_->tile_pixels, width - x);
    for (const std::uint8_t* place = order; place != end; ++place) {
      const int index = *place;
      const Link& link = network_.links[index];
      const Rows& rows = plan_.rows[index + 1];
      if (link.operation.kind == Kind::kAdd || link.operation.kind == Kind::kMultiply)
        tile.second = second_of(link, step, x);
      tile.out = arena_ + (rows.kept == 0 ? rows.offset
                                          : rows.offset_of(step) +
                                                static_cast<std::uint32_t>(x) * link.operation.out_step);
      link.operation.run(link.operation, tile);
      if (observer_.made != nullptr) tell(index, tile.out, tile.pixels);
      between = tile.out;
      tile.rows = &between;
      tile.x = 0;
    }
    if (stage.gathers) {
      tile.rows = &between;
      tile.x = x;
      gather(stage, tile);
    }
  }
}

// Gives what a stage ends with some pixels of input row tile.y, and completes an output row with the last
// ones.
void Engine::gather(const Stage& stage, const Tile& tile) {
  const Link& ending = network_.links[plan_.order[stage.first + stage.count - 1]];
  const Operation& last = ending.operation;
  const int y = row_of_step(last, tile.y);
  if (y < 0) return;
  const int begin = std::max(0, y * last.window.stride_h - last.window.pad_top);
  take(ending, stage, tile, tile.y == begin && tile.x == 0);
  if (tile.x + tile.pixels == last.in_width && tile.y + 1 == steps_for_row(last, y)) finish(ending, stage, y);
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
  if (operation.out_zero != 0)
    return tell_without_zero(index, pixels, static_cast<std::uint32_t>(count) * bytes);
  if (operation.out_step == bytes || count == 1)
    return observer_.made(observer_.context, index, {pixels, count * bytes});
  for (int i = 0; i < count; ++i, pixels += operation.out_step)
    observer_.made(observer_.context, index, {pixels, bytes});
}

// Of int8 pixels that lie together.
void Engine::tell_without_zero(int index, const std::byte* pixels, std::uint32_t bytes) const {
  constexpr std::uint32_t kTogether = 64;
  std::byte values[kTogether];
  for (std::uint32_t at = 0; at < bytes; at += kTogether) {
    const std::uint32_t count = std::min(kTogether, bytes - at);
    for (std::uint32_t i = 0; i < count; ++i)
      values[i] =
          static_cast<std::byte>(static_cast<int>(pixels[at + i]) - network_.operation(index).out_zero);
    observer_.made(observer_.context, index, {values, count});
  }
}

}  // namespace mudra::device
