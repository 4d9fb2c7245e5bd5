#include "mudra/device/engine.hpp"

#include <algorithm>
#include <cstring>

namespace mudra::device {

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
  problem_.status = make_plan(network_, kernels, plan_);
  if (problem_.status != Status::kOk) return problem_.status;

  if (arena.size() < plan_.arena_bytes) {
    const int node = network_.operation(plan_.largest).node;
    problem_ = {
        .status = Status::kArenaTooSmall, .node = view.node(node).name(), .needed_bytes = plan_.arena_bytes};
    return problem_.status;
  }
  if (reinterpret_cast<std::uintptr_t>(arena.data()) % kBufferAlignment != 0)
    return problem_.status = Status::kMisaligned;
  arena_ = arena.data();
  std::byte* packed = arena_;
  for (int i = 0; i < network_.size; ++i) {
    Operation& operation = network_.links[i].operation;
    const std::size_t bytes = kernels.packed_bytes(operation);
    if (bytes == 0) continue;
    kernels.pack(operation, packed);
    operation.convolution.packed = packed;
    packed += (bytes + kBufferAlignment - 1) / kBufferAlignment * kBufferAlignment;
  }
  kernels_ = &kernels;
  return Status::kOk;
}

TensorInfo Engine::input_info() const {
  const Operation& first = network_.operation(0);
  return {.height = first.in_height,
          .width = first.in_width,
          .channels = first.in_channels,
          .type = first.in,
          .exponent = network_.input_exponent};
}

TensorInfo Engine::output_info() const {
  const Operation& last = network_.operation(network_.size - 1);
  return {.height = last.out_height,
          .width = last.out_width,
          .channels = last.out_channels,
          .type = last.out,
          .exponent = network_.output_exponent};
}

std::span<std::byte> Engine::input() {
  if (kernels_ == nullptr) return {};
  return {arena_ + plan_.rows[0].offset, plan_.rows[0].bytes()};
}

std::span<const std::byte> Engine::output() const {
  if (kernels_ == nullptr) return {};
  const Rows& rows = plan_.rows[plan_.stage_count];
  return {arena_ + rows.offset, rows.bytes()};
}

Status Engine::run() {
  if (kernels_ == nullptr) return Status::kNotPrepared;
  expects_rows_ = false;
  std::fill(made_, made_ + kMaxStages + 1, std::uint16_t{0});
  made_[0] = plan_.rows[0].height;
  run_segments_from(0);
  return Status::kOk;
}

Status Engine::begin() {
  if (kernels_ == nullptr) return Status::kNotPrepared;
  std::fill(made_, made_ + kMaxStages + 1, std::uint16_t{0});
  pushed_ = 0;
  expects_rows_ = true;
  return Status::kOk;
}

Status Engine::push_row(std::span<const std::byte> row_bytes) {
  if (!expects_rows_) return Status::kNotPrepared;
  const Rows& input = plan_.rows[0];
  if (row_bytes.size() != input.row_bytes) return Status::kBadSize;
  if (pushed_ == input.height) return Status::kTooManyRows;
  const int last = last_stage_of_segment(0);
  ++pushed_;
  // When the segment is done before the last row, its output may already lie where that row would go.
  if (made_[last + 1] < plan_.rows[last + 1].height) {
    std::memcpy(row(0, made_[0]), row_bytes.data(), row_bytes.size());
    ++made_[0];
    advance(0, last);
  }
  if (pushed_ == input.height) run_segments_from(last + 1);
  return Status::kOk;
}

int Engine::last_stage_of_segment(int first) const {
  int last = first;
  while (!plan_.rows[last + 1].stored) ++last;
  return last;
}

void Engine::run_segments_from(int first) {
  while (first < plan_.stage_count) {
    const int last = last_stage_of_segment(first);
    advance(first, last);
    first = last + 1;
  }
}

// Makes every row that can be made in stages [first, last]. The later stage goes first: so no ring's row is
// overwritten before it was read.
void Engine::advance(int first, int last) {
  for (int stage = last; stage >= first;) {
    const int y = made_[stage + 1];
    const Operation& reader = network_.operation(plan_.stages[stage].first);
    if (y < plan_.rows[stage + 1].height && rows_needed(reader, y) <= made_[stage]) {
      make_row(stage, y);
      ++made_[stage + 1];
      stage = last;
    } else {
      --stage;
    }
  }
}

void Engine::make_row(int stage_index, int y) {
  const Stage& stage = plan_.stages[stage_index];
  const Operation& first = network_.operation(stage.first);
  const std::byte* window[kMaxKernelSide] = {};
  if (first.kind == Operation::Kind::kConvolution) {
    const int top = y * first.convolution.stride_h - first.convolution.pad_top;
    for (int ky = 0; ky < first.convolution.kernel_h; ++ky)
      if (top + ky >= 0 && top + ky < first.in_height) window[ky] = row(stage_index, top + ky);
  } else {
    window[0] = row(stage_index, first_row_read(first, y));
  }
  const std::byte* shortcut = stage.shortcut < 0 ? nullptr : row(stage.shortcut, y);
  std::byte* out = row(stage_index + 1, y);

  const int width = first.out_width;
  for (int x = 0; x < width; x += kernels_->tile_pixels) {
    const int pixels = std::min(kernels_->tile_pixels, width - x);
    const std::byte* const* inputs = window;
    const std::byte* between = nullptr;
    for (int i = 0; i < stage.count; ++i) {
      const Operation& operation = network_.operation(stage.first + i);
      const std::uint32_t pixel_bytes = operation.out_channels * bytes_of(operation.out);
      Tile tile{.rows = inputs, .x = i == 0 ? x : 0, .pixels = pixels};
      if (operation.kind == Operation::Kind::kAdd)
        tile.shortcut = shortcut + static_cast<std::uint32_t>(x * operation.out_channels) *
                                       bytes_of(operation.shortcut_width);
      tile.out = i + 1 == stage.count ? out + static_cast<std::uint32_t>(x) * pixel_bytes
                                      : arena_ + stage.scratch[i % 2];
      kernels_->run(operation, tile);
      if (observer_.made != nullptr)
        observer_.made(observer_.context, stage.first + i,
                       {tile.out, static_cast<std::size_t>(pixels) * pixel_bytes});
      between = tile.out;
      inputs = &between;
    }
  }
}

}  // namespace mudra::device
