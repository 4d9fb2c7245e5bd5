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
    network_.links[i].reads_second = reads_second(operation);
  }
  links_ = network_.links;
  rows_ = plan_.rows;
  order_ = plan_.order;
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
  forget_steps();
  pushed_ = plan_.rows[0].kept;
  run_segments_from(0);
  return Status::kOk;
}

Status Engine::begin() {
  if (kernels_ == nullptr) return Status::kNotPrepared;
  forget_steps();
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
  const bool done = plan_.stages[last].made == plan_.stages[last].steps;
  // When the segment is done before the last row, its output may already lie where that row would go.
  if (!done || plan_.keeps_input) std::memcpy(row(0, pushed_), row_bytes.data(), row_bytes.size());
  ++pushed_;
  if (!done) advance(plan_.stages[last]);
  if (pushed_ == input.kept) run_segments_from(last + 1);
  return Status::kOk;
}

void Engine::run_segments_from(int first) {
  while (first < plan_.stage_count) {
    const int last = plan_.last_stage_of_segment(first);
    advance(plan_.stages[last]);
    first = last + 1;
  }
}

void Engine::forget_steps() {
  for (int i = 0; i < plan_.stage_count; ++i) plan_.stages[i].made = 0;
}

// How many rows are there of what a stage reads first.
[[gnu::always_inline]] inline int Engine::rows_of(const Stage& stage) const {
  const Stage& before = (&stage)[-1];
  switch (stage.source) {
    case Stage::Source::kStage:
      return before.made;
    case Stage::Source::kInput:
      return network_.needs_whole_input && pushed_ < plan_.rows[0].kept ? 0 : pushed_;
    case Stage::Source::kGathered:
      return rows_after(network_.operation(plan_.last_of(before)), before.made);
    case Stage::Source::kStored:
      break;
  }
  return stage.rows;
}

// Where the rows lie that an operation wants for a step: of a convolution its window's, null where that is
// above or below the picture; of others one.
[[gnu::always_inline]] inline void Engine::find_rows(const Link& link, int step, const std::byte** to) const {
  const Operation& operation = link.operation;
  const Rows& rows = rows_[link.input];
  const int height = operation.in_height, kernel_h = operation.window.kernel_h;
  if (kernel_h == 1 || operation.kind != Kind::kConvolution) {
    *to = arena_ + rows.offset_of(step * operation.window.stride_h);
    return;
  }
  int y = step * operation.window.stride_h - operation.window.pad_top;
  const std::byte* row = arena_ + rows.offset_of(std::max(0, y));
  const std::uint32_t pitch = rows.pitch, bytes = rows.bytes();
  const std::byte* const end = arena_ + rows.offset + bytes;
  for (const std::byte** const last = to + kernel_h; to != last; ++y) {
    *to++ = y >= 0 && y < height ? row : nullptr;
    if (y >= 0) row += pitch;
    if (row == end) row -= bytes;
  }
}

// Where the other operand of an Add or a Mul has pixel x of row y.
[[gnu::always_inline]] inline const std::byte* Engine::second_of(const Link& link, int y, int x) const {
  const Operation& operation = link.operation;
  if (link.second == kNoTensor) return static_cast<const std::byte*>(operation.constant);
  if (operation.second == Operation::Second::kPixel) return row(link.second, 0);
  return row(link.second, y) +
         static_cast<std::uint32_t>(x * operation.in_channels) * bytes_of(operation.second_width);
}

// Makes a step of a stage whose rows are in `window`, some pixels at a time.
[[gnu::always_inline]] inline void Engine::make_step(const Stage& stage, const std::byte** window,
                                                     Tile& tile) {
  const std::byte* const first = window[0];
  tile.scratch = arena_ + stage.scratch;
  int left = stage.width;
  for (int x = 0;;) {
    tile.x = x;
    tile.pixels = std::min(kernels_->tile_pixels, left);
    make_pixels(stage, window, tile);
    left -= tile.pixels;
    if (left == 0) return;
    x += tile.pixels;
    window[0] = first;
  }
}

// Makes some pixels of a stage, one operation after the other.
[[gnu::always_inline]] inline void Engine::make_pixels(const Stage& stage, const std::byte** window,
                                                       Tile& tile) {
  const int x = tile.x;
  const std::uint8_t* place = order_ + stage.first;
  for (const std::uint8_t* const end = place + stage.count - (stage.gathers ? 1 : 0); place != end;) {
    const Link& link = links_[*place];
    const Rows& rows = rows_[*place + 1];
    if (link.reads_second) tile.second = second_of(link, tile.y, x);
    std::uint32_t offset = rows.offset;
    if (rows.kept != 0)
      offset = rows.offset_of(tile.y) + static_cast<std::uint32_t>(x) * link.operation.out_step;
    tile.out = arena_ + offset;
    link.operation.run(link.operation, tile);
    if (observer_.made != nullptr) [[unlikely]]
      tell(*place, tile.out, tile.pixels);
    ++place;
    window[0] = tile.out;
    tile.x = 0;
  }
  if (!stage.gathers) return;
  tile.x = x;
  gather(stage, tile);
}

// Makes every step that can be made in a segment, given its last stage. The later stage goes first: so no
// ring's row is overwritten before it was read.
void Engine::advance(Stage& last) {
  const std::byte* window[kMaxKernelSide];
  Tile tile;
  tile.rows = window;
  for (Stage* stage = &last;;) {
    tile.y = stage->made;
    if (tile.y < stage->steps &&
        std::min<int>(stage->rows, tile.y * stage->stride + stage->reach) <= rows_of(*stage)) {
      ++stage->made;
      if (stage->width == 0) {
        make_gathered(*stage, tile.y);
      } else {
        find_rows(links_[order_[stage->first]], tile.y, window);
        make_step(*stage, window, tile);
      }
      if (!stage->ends_segment) ++stage;  // the only one that may have become possible
    } else {
      if (!stage->follows()) return;
      --stage;
    }
  }
}

// Makes a step of a stage that has nothing to make pixel by pixel.
void Engine::make_gathered(const Stage& stage, int step) {
  const int index = plan_.order[stage.first];
  const Link& link = network_.links[index];
  const Operation& operation = link.operation;
  if (operation.kind == Kind::kJoin)
    return tell(index, row(static_cast<TensorIndex>(index + 1), step), operation.out_width);
  const std::byte* from = nullptr;
  Tile tile{.rows = &from, .pixels = operation.in_width, .y = step};
  if (!looks_at_neighbours(operation)) {
    from = row(link.input, step);
    return gather(stage, tile);
  }
  const int top = step * operation.window.stride_h - operation.window.pad_top;
  const int begin = std::max(0, top),
            end = std::min<int>(top + operation.window.kernel_h, operation.in_height);
  for (tile.y = begin; tile.y < end; ++tile.y) {
    from = row(link.input, tile.y);
    take(link, stage, tile, tile.y == begin);
  }
  finish(link, stage, step);
}

// Gives what a stage ends with some pixels of input row tile.y, and completes an output row with the last
// ones.
void Engine::gather(const Stage& stage, Tile& tile) {
  const Link& ending = network_.links[plan_.order[stage.first + stage.count - 1]];
  const Operation& last = ending.operation;
  const int y = row_of_step(last, tile.y);
  if (y < 0) return;
  const int begin = std::max(0, y * last.window.stride_h - last.window.pad_top);
  take(ending, stage, tile, tile.y == begin && tile.x == 0);
  if (tile.x + tile.pixels == last.in_width && tile.y + 1 == steps_for_row(last, y)) finish(ending, stage, y);
}

// Gives a pool, or what turns a picture, some pixels of input row tile.y, which may begin an output row.
void Engine::take(const Link& pool, const Stage& stage, Tile& tile, bool begins) {
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
