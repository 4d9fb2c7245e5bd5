#include "mudra/device/plan.hpp"

#include <algorithm>

namespace mudra::device {
namespace {

using Kind = Operation::Kind;

constexpr std::uint32_t align_up(std::uint32_t bytes) {
  return (bytes + kBufferAlignment - 1) / kBufferAlignment * kBufferAlignment;
}

bool looks_at_neighbours(const Operation& operation) {
  const Convolution& convolution = operation.convolution;
  return operation.kind == Kind::kAverage ||
         (operation.kind == Kind::kConvolution && std::max({convolution.kernel_h, convolution.kernel_w,
                                                            convolution.stride_h, convolution.stride_w}) > 1);
}

std::uint32_t out_pixel_bytes(const Operation& operation) {
  return operation.out_channels * bytes_of(operation.out);
}

// First stages, then the segments' memory one after another.
class Planner {
 public:
  Planner(const Network& network, const Kernels& kernels, Plan& plan)
      : network_(network), kernels_(kernels), plan_(plan) {}

  Status plan();

 private:
  struct Block {
    std::uint32_t offset, bytes;
  };

  bool ends_inverted_residual(const Stage& stage) const;
  Status make_stages();
  void open_stage(int operation, bool stored);
  void place_segment(int first, int last);
  std::uint32_t sink(int first, int last) const;
  std::uint32_t place(std::uint32_t bytes);
  void occupy(std::uint32_t offset, std::uint32_t bytes);
  void place_scratch(int first, int last);
  std::uint8_t largest_between(int first, int last) const;

  const Operation& first_of(int stage) const { return network_.operation(plan_.stages[stage].first); }

  const Network& network_;
  const Kernels& kernels_;
  Plan& plan_;
  Block occupied_[kMaxStages + 4];
  int occupied_count_ = 0;
  std::uint32_t segment_end_ = 0, end_ = 0;
};

Status Planner::plan() {
  plan_ = {};
  const Status status = make_stages();
  if (status != Status::kOk) return status;
  for (int i = 0; i < network_.size; ++i)
    plan_.packed_bytes += align_up(static_cast<std::uint32_t>(kernels_.packed_bytes(network_.operation(i))));

  for (int first = 0; first < plan_.stage_count;) {
    int last = first;
    while (!plan_.rows[last + 1].stored) ++last;
    place_segment(first, last);
    first = last + 1;
  }
  const auto packed = static_cast<std::uint32_t>(plan_.packed_bytes);
  for (int i = 0; i <= plan_.stage_count; ++i) plan_.rows[i].offset += packed;
  for (int i = 0; i < plan_.stage_count; ++i)
    for (std::uint32_t& offset : plan_.stages[i].scratch) offset += packed;
  plan_.arena_bytes = plan_.packed_bytes + end_ + kernels_.slack_bytes;
  return Status::kOk;
}

// Whether a depthwise convolution and a projection behind it are in the stage.
bool Planner::ends_inverted_residual(const Stage& stage) const {
  if (!network_.operation(stage.first).convolution.depthwise) return false;
  for (int i = 1; i < stage.count; ++i)
    if (network_.operation(stage.first + i).kind == Kind::kConvolution) return true;
  return false;
}

// Begins a stage at an operation; between it and the stage before lie stored rows, or a ring.
void Planner::open_stage(int operation, bool stored) {
  const Operation& reader = network_.operation(operation);
  Rows& rows = plan_.rows[plan_.stage_count];
  rows.row_bytes = std::uint32_t{reader.in_width} * reader.in_channels * bytes_of(reader.in);
  rows.height = reader.in_height;
  rows.kept =
      stored ? reader.in_height : std::min<std::uint16_t>(reader.in_height, reader.convolution.kernel_h);
  rows.stored = stored;
  plan_.stages[plan_.stage_count++] = {.first = static_cast<std::uint8_t>(operation), .count = 1};
}

Status Planner::make_stages() {
  open_stage(0, true);
  int fork_rows = network_.is_fork(-1) ? 0 : -1;  // the Rows an open shortcut starts from
  for (int i = 1; i < network_.size; ++i) {
    const Operation& operation = network_.operation(i);
    Stage& stage = plan_.stages[plan_.stage_count - 1];
    const bool fork = network_.is_fork(i - 1);
    const bool computes = operation.kind == Kind::kConvolution || operation.kind == Kind::kAverage;
    const bool stored = fork || operation.kind == Kind::kAverage ||
                        (computes && fork_rows < 0 && ends_inverted_residual(stage));
    if (stored || looks_at_neighbours(operation)) {
      if (plan_.stage_count == kMaxStages) return Status::kTooManyOperations;
      open_stage(i, stored);
      if (fork) fork_rows = plan_.stage_count - 1;
    } else {
      ++stage.count;
    }
    if (operation.kind == Kind::kAdd) {
      plan_.stages[plan_.stage_count - 1].shortcut = static_cast<std::int8_t>(fork_rows);
      fork_rows = -1;
    }
  }
  const Operation& last = network_.operation(network_.size - 1);
  Rows& rows = plan_.rows[plan_.stage_count];
  rows.row_bytes = last.out_width * out_pixel_bytes(last);
  rows.height = rows.kept = last.out_height;
  rows.stored = true;
  return Status::kOk;
}

// How many bytes below the input of the segment of stages [first, last] its output has to start, so that no
// input row is overwritten that is still to be read.
std::uint32_t Planner::sink(int first, int last) const {
  const Rows &input = plan_.rows[first], &output = plan_.rows[last + 1];
  const std::int8_t shortcut = plan_.stages[last].shortcut;
  std::int64_t most = 0;
  for (int y = 0; y < output.height; ++y) {
    int made = y + 1, made_by_first = y + 1;  // rows that exist when output row y has been written
    for (int stage = last; stage >= first; --stage) {
      made_by_first = made;
      made = rows_needed(first_of(stage), made - 1);
    }
    int unread = input.height;  // the first input row that is read after output row y was begun
    if (first == last && first_of(first).kind != Kind::kAverage)
      unread = first_row_read(first_of(first), y);
    else if (made_by_first < plan_.rows[first + 1].height)
      unread = first_row_read(first_of(first), made_by_first);
    // An addition reads a pixel of its shortcut before it writes that pixel.
    if (shortcut == first) unread = std::min(unread, input.row_bytes == output.row_bytes ? y + 1 : y);
    unread = std::min(unread, made);  // later rows may arrive only now
    most = std::max(most, std::int64_t{y + 1} * output.row_bytes - std::int64_t{unread} * input.row_bytes);
  }
  return align_up(static_cast<std::uint32_t>(most));
}

void Planner::occupy(std::uint32_t offset, std::uint32_t bytes) {
  occupied_[occupied_count_++] = {offset, bytes};
  segment_end_ = std::max(segment_end_, offset + bytes);
}

// The lowest place where `bytes` overlap nothing.
std::uint32_t Planner::place(std::uint32_t bytes) {
  std::uint32_t best = ~0u;
  for (int i = -1; i < occupied_count_; ++i) {
    const std::uint32_t from = i < 0 ? 0 : align_up(occupied_[i].offset + occupied_[i].bytes);
    const bool is_free = std::none_of(occupied_, occupied_ + occupied_count_, [&](const Block& block) {
      return from < block.offset + block.bytes && block.offset < from + bytes;
    });
    if (is_free) best = std::min(best, from);
  }
  occupy(best, bytes);
  return best;
}

void Planner::place_scratch(int first, int last) {
  std::uint32_t bytes[2] = {0, 0};
  for (int s = first; s <= last; ++s) {
    const Stage& stage = plan_.stages[s];
    for (int i = 0; i + 1 < stage.count; ++i) {
      const Operation& operation = network_.operation(stage.first + i);
      const int pixels = std::min<int>(kernels_.tile_pixels, operation.out_width);
      bytes[i % 2] = std::max(bytes[i % 2], static_cast<std::uint32_t>(pixels) * out_pixel_bytes(operation));
    }
  }
  for (int half = 0; half < 2; ++half) {
    if (bytes[half] == 0) continue;
    const std::uint32_t offset = place(bytes[half]);
    for (int s = first; s <= last; ++s) plan_.stages[s].scratch[half] = offset;
  }
}

// The operation whose result takes most memory in the segment.
std::uint8_t Planner::largest_between(int first, int last) const {
  int largest = first;
  for (int s = first + 1; s <= last; ++s)
    if (plan_.rows[s + 1].bytes() > plan_.rows[largest + 1].bytes()) largest = s;
  const Stage& stage = plan_.stages[largest];
  return static_cast<std::uint8_t>(stage.first + stage.count - 1);
}

void Planner::place_segment(int first, int last) {
  occupied_count_ = 0;
  segment_end_ = 0;
  Rows &input = plan_.rows[first], &output = plan_.rows[last + 1];
  const std::uint32_t below = sink(first, last);
  if (first == 0) input.offset = below;
  occupy(input.offset, input.bytes());
  output.offset = below <= input.offset ? 0 : align_up(input.offset + input.bytes());
  occupy(output.offset, output.bytes());
  for (int i = first + 1; i <= last; ++i) plan_.rows[i].offset = place(plan_.rows[i].bytes());
  place_scratch(first, last);
  if (segment_end_ > end_) {
    end_ = segment_end_;
    plan_.largest = largest_between(first, last);
  }
}

}  // namespace

int rows_needed(const Operation& operation, int y) {
  if (operation.kind == Kind::kAverage) return operation.in_height;
  if (operation.kind != Kind::kConvolution) return y + 1;
  const Convolution& convolution = operation.convolution;
  return std::min<int>(operation.in_height,
                       y * convolution.stride_h - convolution.pad_top + convolution.kernel_h);
}

int first_row_read(const Operation& operation, int y) {
  if (operation.kind == Kind::kAverage) return 0;
  if (operation.kind != Kind::kConvolution) return y;
  return std::max(0, y * operation.convolution.stride_h - operation.convolution.pad_top);
}

Status make_plan(const Network& network, const Kernels& kernels, Plan& plan) {
  return Planner(network, kernels, plan).plan();
}

}  // namespace mudra::device
