#include "mudra/device/plan.hpp"

#include <algorithm>
#include <memory>

namespace mudra::device {
namespace {

using Kind = Operation::Kind;

constexpr std::uint32_t kApart = ~0u;  // may not overlap at all

// Of a pool: for one row of its output.
std::uint32_t sum_bytes(const Operation& last) {
  return is_pool(last.kind) ? last.out_width * last.out_channels * accumulator_bytes(last) : 0;
}

// Gives every stored tensor its place for as long as it is needed, and every segment what it needs meanwhile.
class Placement {
 public:
  Placement(const Network& network, const Kernels& kernels, Plan& plan)
      : network_(network), kernels_(kernels), plan_(plan) {}

  void make();

 private:
  // Bytes of the arena that are taken until the end of a segment.
  struct Block {
    std::uint32_t offset = 0, bytes = 0;
    std::uint32_t sink = kApart;  // by how much what is placed has to begin below it to overlap it
    std::uint8_t last_segment = 0;
    TensorIndex tensor = kNoTensor;

    bool hinders(std::uint32_t from, std::uint32_t size) const {
      const bool overlaps = from < offset + bytes && offset < from + size;
      return overlaps && (sink == kApart || from > offset || offset - from < sink);
    }
  };

  void set_pitches();
  void follow_readers();
  void place_segment(int segment, int first, int last);
  std::uint32_t sink(int first, int last, TensorIndex input) const;
  int first_unread(int first, int last, int y, TensorIndex input) const;
  bool is_exchanged(const Link& reader, TensorIndex input, TensorIndex output) const;
  std::uint32_t place(std::uint32_t bytes, int until, TensorIndex tensor = kNoTensor);
  void place_pixels(int segment, int first, int last);
  void place_scratch(int segment, int first, int last);
  void place_output(int segment, int first, int last);
  void note_end(int first, int last);

  const Operation& first_of(int stage) const { return network_.operation(plan_.first_of(stage)); }
  const Operation& last_of(int stage) const { return network_.operation(plan_.last_of(stage)); }
  Rows& output_of(int stage) { return plan_.rows[plan_.last_of(stage) + 1]; }

  const Network& network_;
  const Kernels& kernels_;
  Plan& plan_;
  Block
      blocks_[kMaxOperations + 6];  // of tensors, the network's input, the last pool's sums, pixels, scratch
  int block_count_ = 0;
  std::uint8_t last_read_[kMaxOperations + 1] = {};  // by tensor: the segment
  bool is_placed_[kMaxOperations + 1] = {};
  std::uint32_t end_ = 0;
};

void Placement::make() {
  set_pitches();
  follow_readers();
  for (int i = 0; i < network_.size; ++i)
    if (const Operation& operation = network_.operation(i); operation.convolution.packed == nullptr)
      plan_.packed_bytes += align_up(static_cast<std::uint32_t>(kernels_.packed_bytes(operation)));

  Rows& input = plan_.rows[0];
  plan_.keeps_input = last_read_[0] > 0;
  const std::uint32_t below = sink(0, plan_.last_stage_of_segment(0), 0);
  if (!plan_.keeps_input && below != kApart) input.offset = below;
  blocks_[block_count_++] = {input.offset, input.bytes(), kApart, last_read_[0], 0};
  int segment = 0;
  for (int first = 0; first < plan_.stage_count; ++segment) {
    const int last = plan_.last_stage_of_segment(first);
    place_segment(segment, first, last);
    first = last + 1;
  }
  const auto packed = static_cast<std::uint32_t>(plan_.packed_bytes);
  for (int i = 0; i <= network_.size; ++i) plan_.rows[i].offset += packed;
  for (int i = 0; i < plan_.stage_count; ++i) {
    plan_.stages[i].sums += packed;
    plan_.stages[i].scratch += packed;
  }
  plan_.arena_bytes = plan_.packed_bytes + end_ + kernels_.slack_bytes;
}

void Placement::set_pitches() {
  const TensorInfo& input = network_.input_info;
  plan_.rows[0] = {.pitch = static_cast<std::uint32_t>(input.width * input.channels) * bytes_of(input.type),
                   .kept = static_cast<std::uint16_t>(input.height),
                   .stored = true};
  for (int i = 0; i < network_.size; ++i) {
    const Operation& operation = network_.operation(i);
    const std::uint32_t bytes = operation.out_width * out_pixel_bytes(operation);
    Rows& rows = plan_.rows[i + 1];
    rows.lead = operation.lead_bytes;
    rows.pitch = network_.links[i].keeps_all ? bytes : rows.lead + align_up(bytes);
  }
}

void Placement::follow_readers() {
  int segment = 0;
  for (int stage = 0; stage < plan_.stage_count; ++stage) {
    for (int i = 0; i < plan_.stages[stage].count; ++i) {
      const Link& link = network_.links[plan_.order[plan_.stages[stage].first + i]];
      for (const TensorIndex tensor : {link.input, link.second, link.into})
        if (tensor != kNoTensor)
          last_read_[tensor] = std::max(last_read_[tensor], static_cast<std::uint8_t>(segment));
    }
    if (plan_.stages[stage].ends_segment) ++segment;
  }
  last_read_[network_.output] = kNoTensor;  // until the next picture
}

// Whether the operation that reads an input's pixel at the end of a segment is done with it before the
// output's pixel, which may lie there, is written.
bool Placement::is_exchanged(const Link& reader, TensorIndex input, TensorIndex output) const {
  const Operation& made = network_.operation(output - 1);
  const std::uint32_t read = reader.input == input
                                 ? in_pixel_bytes(reader.operation)
                                 : reader.operation.in_channels * bytes_of(reader.operation.second_width);
  return is_elementwise(reader.operation.kind) && !ends_stage(made) && read == out_pixel_bytes(made) &&
         plan_.rows[input].pitch == plan_.rows[output].pitch;
}

// The first row of an input of a segment that is still to be read when output row y has been written, or
// arrives after that.
int Placement::first_unread(int first, int last, int y, TensorIndex input) const {
  const auto output = static_cast<TensorIndex>(plan_.last_of(last) + 1);
  int unread = plan_.rows[input].kept;
  int steps = steps_for_row(last_of(last), y);  // of the stage, when the row is complete
  for (int stage = last; stage >= first; --stage) {
    const int next = stage == last ? steps - 1 : steps;  // the first step of which a part is still to be done
    for (int i = 0; i < plan_.stages[stage].count && next < step_count(last_of(stage)); ++i) {
      const Link& link = network_.links[plan_.order[plan_.stages[stage].first + i]];
      const bool exchanged = stage == last && is_exchanged(link, input, output);
      if (link.input == input)
        unread = std::min(unread, exchanged ? next + 1 : first_row_read(link.operation, next));
      if (link.second == input && link.operation.second == Operation::Second::kPixel) return 0;
      if (link.second == input) unread = std::min(unread, exchanged ? next + 1 : next);
    }
    const int rows = rows_needed(first_of(stage), steps - 1);
    if (stage == first)
      unread = std::min(unread, rows);
    else
      steps = steps_for_row(last_of(stage - 1), rows - 1);
  }
  return unread;
}

// How many bytes below an input of the segment of stages [first, last] its output has to start, so that no
// input row is overwritten that is still to be read.
std::uint32_t Placement::sink(int first, int last, TensorIndex input) const {
  const int made = plan_.last_of(last);
  const Rows &from = plan_.rows[input], &to = plan_.rows[made + 1];
  if (network_.links[made].into != kNoTensor || last_of(last).kind == Kind::kTurn) return kApart;
  std::int64_t most = 0;
  for (int y = 0; y < to.kept; ++y) {
    const int unread = first_unread(first, last, y, input);
    most = std::max(most, std::int64_t{y + 1} * to.pitch - std::int64_t{unread} * from.pitch);
  }
  return align_up(static_cast<std::uint32_t>(most));
}

// The lowest place where `bytes` hinder nothing.
std::uint32_t Placement::place(std::uint32_t bytes, int until, TensorIndex tensor) {
  std::uint32_t best = ~0u;
  for (int i = -1; i < block_count_; ++i) {
    const std::uint32_t from = i < 0 ? 0 : align_up(blocks_[i].offset + blocks_[i].bytes);
    const bool is_free = std::none_of(blocks_, blocks_ + block_count_,
                                      [&](const Block& block) { return block.hinders(from, bytes); });
    if (is_free) best = std::min(best, from);
  }
  blocks_[block_count_++] = {best, bytes, kApart, static_cast<std::uint8_t>(until), tensor};
  return best;
}

// The output of the segment, or what it is a part of.
void Placement::place_output(int segment, int first, int last) {
  const int made = plan_.last_of(last);
  const Link& link = network_.links[made];
  if (link.operation.kind == Kind::kJoin) return;
  const TensorIndex tensor = link.into != kNoTensor ? link.into : static_cast<TensorIndex>(made + 1);
  Rows& rows = plan_.rows[tensor];
  rows.kept = network_.operation(tensor - 1).out_height;
  if (!is_placed_[tensor]) {
    for (Block* block = blocks_; block != blocks_ + block_count_; ++block)
      block->sink = block->last_segment == segment ? sink(first, last, block->tensor) : kApart;
    rows.offset = place(rows.bytes(), last_read_[tensor], tensor) + rows.lead;
    for (Block* block = blocks_; block != blocks_ + block_count_; ++block) block->sink = kApart;
    is_placed_[tensor] = true;
  }
  if (link.into == kNoTensor) return;
  Rows& part = plan_.rows[made + 1];
  part.offset = rows.offset + link.first_channel * bytes_of(link.operation.out);
  part.pitch = rows.pitch;
}

void Placement::place_pixels(int segment, int first, int last) {
  std::uint32_t bytes[2] = {0, 0};
  const auto each = [&](auto visit) {
    for (int s = first; s <= last; ++s)
      for (int i = 0; i + 1 < plan_.stages[s].count; ++i)
        visit(plan_.order[plan_.stages[s].first + i], i % 2);
  };
  each([&](int operation, int half) {
    const Operation& made = network_.operation(operation);
    const int pixels = std::min<int>(kernels_.tile_pixels, made.out_width);
    bytes[half] =
        std::max(bytes[half], made.lead_bytes + static_cast<std::uint32_t>(pixels) * out_pixel_bytes(made));
  });
  std::uint32_t offsets[2] = {0, 0};
  for (int half = 0; half < 2; ++half)
    if (bytes[half] != 0) offsets[half] = place(bytes[half], segment);
  each([&](int operation, int half) {
    Rows& rows = plan_.rows[operation + 1];
    rows.offset = offsets[half] + rows.lead;
  });
}

void Placement::place_scratch(int segment, int first, int last) {
  if (kernels_.scratch_bytes == nullptr) return;
  std::size_t bytes = 0;
  for (int place = plan_.stages[first].first; place < plan_.stages[last].first + plan_.stages[last].count;
       ++place)
    bytes = std::max(bytes, kernels_.scratch_bytes(network_.operation(plan_.order[place])));
  if (bytes == 0) return;
  const std::uint32_t offset = place(static_cast<std::uint32_t>(bytes), segment);
  for (int s = first; s <= last; ++s) plan_.stages[s].scratch = offset;
}

// Remembers the operation whose result takes most memory in the segment that needs most.
void Placement::note_end(int first, int last) {
  std::uint32_t end = 0;
  for (int i = 0; i < block_count_; ++i) end = std::max(end, blocks_[i].offset + blocks_[i].bytes);
  if (end <= end_) return;
  end_ = end;
  int largest = first;
  for (int s = first + 1; s <= last; ++s)
    if (output_of(s).bytes() > output_of(largest).bytes()) largest = s;
  plan_.largest = static_cast<std::uint8_t>(plan_.last_of(largest));
}

void Placement::place_segment(int segment, int first, int last) {
  Block* const end = std::remove_if(blocks_, blocks_ + block_count_,
                                    [&](const Block& block) { return block.last_segment < segment; });
  block_count_ = static_cast<int>(end - blocks_);
  place_output(segment, first, last);
  for (int s = first; s <= last; ++s) {
    const std::uint32_t sums = sum_bytes(last_of(s)), ring = s < last ? align_up(output_of(s).bytes()) : 0;
    if (sums + ring == 0) continue;
    const std::uint32_t offset = place(ring + sums, segment);
    if (s < last) output_of(s).offset = offset + output_of(s).lead;
    plan_.stages[s].sums = offset + ring;
  }
  place_pixels(segment, first, last);
  place_scratch(segment, first, last);
  note_end(first, last);
}

}  // namespace

void make_plan(Network& network, const Kernels& kernels, Plan& plan) {
  std::construct_at(&plan);
  make_stages(network, plan);
  Placement(network, kernels, plan).make();
}

}  // namespace mudra::device
