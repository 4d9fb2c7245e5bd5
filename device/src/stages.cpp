#include <algorithm>

#include "mudra/device/plan.hpp"

namespace mudra::device {
namespace {

using Kind = Operation::Kind;

// A pool that takes the rows of its input as they come: no row is a part of two windows.
bool takes_rows(const Operation& operation) {
  return operation.kind == Kind::kTurn ||
         (is_pool(operation.kind) && operation.window.stride_h >= operation.window.kernel_h);
}

bool has_window(const Operation& operation) {
  return operation.kind == Kind::kConvolution || (is_pool(operation.kind) && !takes_rows(operation));
}

// Follows the tensors from operation to operation.
class Stages {
 public:
  Stages(Network& network, Plan& plan) : network_(network), plan_(plan) {}

  void make() {
    count_readers();
    for (int i = 0; i < network_.size; ++i)
      if (!is_placed_[i]) {
        const int first = placed_;
        follow(i);
        divide(first, placed_);
      }
  }

 private:
  void count_readers();
  void follow(int operation);
  int next_of(int operation);
  bool is_there(TensorIndex tensor) const { return tensor == 0 || is_placed_[tensor - 1]; }
  void divide(int first, int end);
  bool ends_inverted_residual(const Stage& stage) const;
  bool is_read_again(TensorIndex tensor, int first, int end) const;

  Link& link(int place) { return network_.links[plan_.order[place]]; }
  const Link& link(int place) const { return network_.links[plan_.order[place]]; }

  Network& network_;
  Plan& plan_;
  std::uint8_t readers_[kMaxOperations + 1] = {};  // 2: or more
  std::uint8_t reader_[kMaxOperations + 1] = {};
  bool is_placed_[kMaxOperations] = {};
  int placed_ = 0;
};

void Stages::count_readers() {
  const auto read = [&](TensorIndex tensor, int by) {
    if (tensor == kNoTensor) return;
    readers_[tensor] = static_cast<std::uint8_t>(std::min(readers_[tensor] + 1, 2));
    reader_[tensor] = static_cast<std::uint8_t>(by);
  };
  for (int i = 0; i < network_.size; ++i) {
    read(network_.links[i].input, i);
    read(network_.links[i].second, i);
  }
}

// Places an operation, the one reader of its output if all else it reads is there, and so on.
void Stages::follow(int operation) {
  for (; operation >= 0; operation = next_of(operation)) {
    plan_.order[placed_++] = static_cast<std::uint8_t>(operation);
    is_placed_[operation] = true;
  }
}

int Stages::next_of(int operation) {
  constexpr int kNone = -1;
  const Link& made = network_.links[operation];
  const auto tensor = static_cast<TensorIndex>(operation + 1);
  if (made.into != kNoTensor || made.keeps_all || made.operation.kind == Kind::kJoin || readers_[tensor] != 1)
    return kNone;
  Link& reader = network_.links[reader_[tensor]];
  const Operation& reads = reader.operation;
  const bool either = reads.second == Operation::Second::kMap && reads.second_width == reads.in &&
                      (reads.kind == Kind::kMultiply || (reads.kind == Kind::kAdd && reads.shift == 0));
  if (reader.second == tensor && either) std::swap(reader.input, reader.second);
  const bool is_ready = reader.input == tensor && (reader.second == kNoTensor || is_there(reader.second));
  return is_ready ? reader_[tensor] : kNone;
}

// Whether a depthwise convolution and a projection behind it are in the stage.
bool Stages::ends_inverted_residual(const Stage& stage) const {
  if (!link(stage.first).operation.convolution.depthwise) return false;
  for (int i = 1; i < stage.count; ++i)
    if (link(stage.first + i).operation.kind == Kind::kConvolution) return true;
  return false;
}

// Whether an operation at a place in [first, end) adds or multiplies by the tensor.
bool Stages::is_read_again(TensorIndex tensor, int first, int end) const {
  for (int place = first; place < end; ++place)
    if (link(place).second == tensor) return true;
  return false;
}

// Into stages and segments. While a segment's input is still to be read again it is not divided: that would
// not free it.
void Stages::divide(int first, int end) {
  TensorIndex input = link(first).input;
  plan_.stages[plan_.stage_count] = Stage{.first = static_cast<std::uint8_t>(first), .count = 1};
  for (int place = first + 1; place < end; ++place) {
    Stage& stage = plan_.stages[plan_.stage_count];
    const Operation& operation = link(place).operation;
    Rows& rows = plan_.rows[link(place).input];
    const bool stored = has_window(operation) && ends_inverted_residual(stage) && input != kNoTensor &&
                        !is_read_again(input, place, end);
    if (!stored && !looks_at_neighbours(operation) && !ends_stage(link(place - 1).operation)) {
      ++stage.count;
      continue;
    }
    rows.stored = stage.ends_segment = stored;
    // A ring holds a window of up to kMaxKernelSide rows; what a higher one of a pool reads is kept as a
    // whole.
    const bool keeps_all = stored || (has_window(operation) && operation.window.kernel_h > kMaxKernelSide);
    rows.kept = keeps_all               ? operation.in_height
                : has_window(operation) ? std::min(operation.in_height, operation.window.kernel_h)
                                        : std::uint16_t{1};
    if (stored) input = link(place).input;
    plan_.stages[++plan_.stage_count] = Stage{.first = static_cast<std::uint8_t>(place), .count = 1};
  }
  plan_.stages[plan_.stage_count++].ends_segment = true;
  Rows& rows = plan_.rows[plan_.order[end - 1] + 1];
  rows.stored = true;
  rows.kept = link(end - 1).operation.out_height;
}

}  // namespace

bool looks_at_neighbours(const Operation& operation) {
  const Window& window = operation.window;
  return has_window(operation) &&
         std::max({window.kernel_h, window.kernel_w, window.stride_h, window.stride_w}) > 1;
}

bool ends_stage(const Operation& operation) {
  return is_pool(operation.kind) || operation.kind == Kind::kTurn || operation.kind == Kind::kJoin;
}

int rows_needed(const Operation& first, int y) {
  if (!has_window(first)) return y + 1;
  const Window& window = first.window;
  return std::min<int>(first.in_height, y * window.stride_h - window.pad_top + window.kernel_h);
}

int first_row_read(const Operation& first, int y) {
  return has_window(first) ? std::max(0, y * first.window.stride_h - first.window.pad_top) : y;
}

int step_count(const Operation& last) { return takes_rows(last) ? last.in_height : last.out_height; }

int steps_for_row(const Operation& last, int y) {
  if (!takes_rows(last)) return y + 1;
  if (last.kind == Kind::kTurn) return last.in_height;
  const Window& window = last.window;
  return std::min<int>(last.in_height, y * window.stride_h - window.pad_top + window.kernel_h);
}

int rows_after(const Operation& last, int steps) {
  if (!takes_rows(last)) return steps;
  if (steps == last.in_height) return last.out_height;
  if (last.kind == Kind::kTurn) return 0;
  const int room = steps + last.window.pad_top - last.window.kernel_h;
  return room < 0 ? 0 : room / last.window.stride_h + 1;
}

int row_of_step(const Operation& last, int step) {
  if (!takes_rows(last)) return step;
  if (last.kind == Kind::kTurn) return 0;
  const Window& window = last.window;
  const int from_top = step + window.pad_top;
  const int y = from_top < window.stride_h ? 0 : from_top / window.stride_h;
  return from_top - y * window.stride_h < window.kernel_h && y < last.out_height ? y : -1;
}

void make_stages(Network& network, Plan& plan) {
  Stages(network, plan).make();
  for (int i = 0; i < plan.stage_count; ++i) {
    Stage& stage = plan.stages[i];
    const Operation &first = network.operation(plan.first_of(i)), &last = network.operation(plan.last_of(i));
    stage.gathers = ends_stage(last);
    if (stage.count > 1 || !stage.gathers) stage.width = first.out_width;
    stage.steps = static_cast<std::uint16_t>(step_count(last));
    stage.rows = first.in_height;
    const TensorIndex input = network.links[plan.first_of(i)].input;
    if (input == 0)
      stage.source = Stage::Source::kInput;
    else if (input != kNoTensor && !plan.rows[input].stored)
      stage.source = plan.stages[i - 1].gathers ? Stage::Source::kGathered : Stage::Source::kStage;
    if (!has_window(first)) continue;
    stage.stride = first.window.stride_h;
    stage.reach = static_cast<std::uint16_t>(first.window.kernel_h - first.window.pad_top);
  }
}

}  // namespace mudra::device
