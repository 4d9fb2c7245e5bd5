#include "mudra/deploy/memory_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "mudra/device/s3/kernels.hpp"
#include "mudra/sim/espdl_runner.hpp"

namespace mudra::deploy {
namespace {

using device::Operation;

std::string form(int height, int width, int channels) {
  return fmt::format("{}x{}x{}", height, width, channels);
}

std::string output_form(const Operation& operation) {
  return form(operation.out_height, operation.out_width, operation.out_channels);
}

// Turns the engine's plan into blocks and steps.
class Describer {
 public:
  Describer(const device::Engine& engine, const graph::Graph& graph, const device::Kernels& kernels)
      : network_(engine.network()), plan_(engine.plan()), graph_(graph), kernels_(kernels) {}

  ArenaPlan run();

 private:
  const Operation& operation_at(int place) const { return network_.operation(plan_.order[place]); }
  std::string node_name(int operation) const {
    const std::size_t node = network_.operation(operation).node;
    return node < graph_.nodes.size() ? graph_.nodes[node].name : "";
  }

  void add_segment(int first, int last);
  void add_rows(int tensor, std::size_t step);
  void add_scratch(int first, int last, std::size_t step);
  void lengthen(int tensor, std::size_t step);

  const device::Network& network_;
  const device::Plan& plan_;
  const graph::Graph& graph_;
  const device::Kernels& kernels_;
  ArenaPlan out_;
  std::map<int, std::size_t> block_of_;  // of a stored tensor
};

// What a step reads or writes is still there.
void Describer::lengthen(int tensor, std::size_t step) {
  const auto block = block_of_.find(tensor);
  if (block != block_of_.end()) out_.blocks[block->second].last_step = step;
}

void Describer::add_rows(int tensor, std::size_t step) {
  const device::Rows& rows = plan_.rows[tensor];
  const Operation& made = network_.operation(tensor - 1);
  if (rows.stored) block_of_[tensor] = out_.blocks.size();
  out_.blocks.push_back(
      {.kind = rows.stored ? ArenaBlock::Kind::kTensor : ArenaBlock::Kind::kRing,
       .name = rows.stored ? output_form(made) : fmt::format("{} rows of {}", rows.kept, output_form(made)),
       .offset = rows.begin(),
       .bytes = rows.bytes(),
       .first_step = step,
       .last_step = step});
}

void Describer::add_scratch(int first, int last, std::size_t step) {
  ArenaBlock halves[2];
  for (int s = first; s <= last; ++s) {
    const device::Stage& stage = plan_.stages[s];
    for (int i = 0; i + 1 < stage.count; ++i) {
      const Operation& operation = operation_at(stage.first + i);
      const int pixels = std::min<int>(kernels_.tile_pixels, operation.out_width);
      const std::uint32_t bytes =
          operation.lead_bytes + static_cast<std::uint32_t>(pixels) * out_pixel_bytes(operation);
      ArenaBlock& half = halves[i % 2];
      if (bytes <= half.bytes) continue;
      half = {.kind = ArenaBlock::Kind::kScratch,
              .name = fmt::format("{} pixels of {}", pixels, output_form(operation)),
              .offset = plan_.rows[plan_.order[stage.first + i] + 1].begin(),
              .bytes = bytes,
              .first_step = step,
              .last_step = step};
    }
    const Operation& pool = network_.operation(plan_.last_of(s));
    if (!device::is_pool(pool.kind)) continue;
    out_.blocks.push_back({.kind = ArenaBlock::Kind::kScratch,
                           .name = fmt::format("sums of a row of {}", output_form(pool)),
                           .offset = stage.sums,
                           .bytes = pool.out_width * pool.out_channels * accumulator_bytes(pool),
                           .first_step = step,
                           .last_step = step});
  }
  for (const ArenaBlock& half : halves)
    if (half.bytes > 0) out_.blocks.push_back(half);
  std::size_t bytes = 0;
  for (int place = plan_.stages[first].first; place < plan_.stages[last].first + plan_.stages[last].count;
       ++place)
    bytes = std::max(bytes, kernels_.scratch_bytes(operation_at(place)));
  if (bytes > 0)
    out_.blocks.push_back({.kind = ArenaBlock::Kind::kScratch,
                           .name = "windows at edges",
                           .offset = plan_.stages[first].scratch,
                           .bytes = static_cast<std::uint32_t>(bytes),
                           .first_step = step,
                           .last_step = step});
}

void Describer::add_segment(int first, int last) {
  const std::size_t step = out_.steps.size();
  const int begin = plan_.stages[first].first, end = plan_.stages[last].first + plan_.stages[last].count;
  const int made_last = plan_.last_of(last);
  const device::Link& ending = network_.links[made_last];
  ArenaStep made{.makes = output_form(ending.operation),
                 .nodes = fmt::format("{} ... {}", node_name(plan_.order[begin]), node_name(made_last)),
                 .operations = end - begin};
  for (int place = begin; place < end; ++place) {
    const device::Link& link = network_.links[plan_.order[place]];
    made.multiply_adds += products(link.operation);
    for (const device::TensorIndex tensor : {link.input, link.second})
      if (tensor != device::kNoTensor) lengthen(tensor, step);
  }
  for (int s = first; s < last; ++s) add_rows(plan_.last_of(s) + 1, step);
  if (ending.into == device::kNoTensor)
    add_rows(made_last + 1, step);
  else if (!block_of_.contains(ending.into))
    add_rows(ending.into, step);
  else
    lengthen(ending.into, step);
  add_scratch(first, last, step);
  out_.steps.push_back(std::move(made));
}

ArenaPlan Describer::run() {
  out_.arena_bytes = plan_.arena_bytes;
  out_.packed_bytes = plan_.packed_bytes;
  const device::TensorInfo& input = network_.input_info;
  out_.blocks.push_back({.name = "input " + form(input.height, input.width, input.channels),
                         .offset = plan_.rows[0].offset,
                         .bytes = plan_.rows[0].bytes(),
                         .is_input = true});
  block_of_[0] = 0;
  for (int first = 0; first < plan_.stage_count;) {
    const int last = plan_.last_stage_of_segment(first);
    // The parts of a Concat are there already.
    if (network_.operation(plan_.last_of(last)).kind != Operation::Kind::kJoin) add_segment(first, last);
    first = last + 1;
  }
  if (plan_.packed_bytes > 0)
    out_.blocks.push_back({.kind = ArenaBlock::Kind::kWeights,
                           .name = "packed weights",
                           .offset = 0,
                           .bytes = static_cast<std::uint32_t>(plan_.packed_bytes),
                           .first_step = 0,
                           .last_step = out_.steps.size() - 1});
  for (std::size_t step = 0; step < out_.steps.size(); ++step)
    for (const ArenaBlock& block : out_.blocks)
      if (block.first_step <= step && step <= block.last_step)
        out_.steps[step].bytes = std::max(out_.steps[step].bytes, block.offset + block.bytes);
  if (const auto slack = static_cast<std::uint32_t>(kernels_.slack_bytes); slack > 0)
    for (std::size_t step = 0; step < out_.steps.size(); ++step) {
      out_.blocks.push_back({.kind = ArenaBlock::Kind::kScratch,
                             .name = "read beyond the last",
                             .offset = out_.steps[step].bytes,
                             .bytes = slack,
                             .first_step = step,
                             .last_step = step});
      out_.steps[step].bytes += slack;
    }
  return std::move(out_);
}

bool is_in_place(const graph::Operation& operation) {
  return std::holds_alternative<graph::Clip>(operation) || std::holds_alternative<graph::Relu>(operation) ||
         std::holds_alternative<graph::Flatten>(operation);
}

struct Place {
  std::size_t offset = 0, bytes = 0;
  std::size_t last_use = 0;  // node
};

}  // namespace

const char* name_of(ArenaBlock::Kind kind) {
  switch (kind) {
    case ArenaBlock::Kind::kTensor:
      return "tensor";
    case ArenaBlock::Kind::kRing:
      return "ring";
    case ArenaBlock::Kind::kScratch:
      return "scratch";
    case ArenaBlock::Kind::kWeights:
      return "weights";
  }
  return "";
}

ArenaPlan plan_arena(std::span<const std::uint8_t> model, const graph::Graph& graph,
                     device::PackedWeights weights) {
  const device::Kernels& kernels = device::s3::kernels();
  return Describer(*sim::planned_engine(model, kernels, weights), graph, kernels).run();
}

std::size_t esp_dl_arena_bytes(const graph::Graph& graph) {
  constexpr std::size_t kAlignment = 16;
  const auto bytes_of_tensor = [&](graph::TensorIndex i) {
    const graph::Tensor& tensor = graph.tensor(i);
    const std::size_t element = tensor.type == graph::Type::kInt16 ? 2 : 1;
    const std::size_t bytes = static_cast<std::size_t>(graph::element_count(tensor.shape)) * element;
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
  };
  std::vector<std::size_t> root(graph.tensors.size());  // the tensor in whose place another lies
  for (std::size_t i = 0; i < root.size(); ++i) root[i] = i;
  std::vector<Place> places(graph.tensors.size());
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const graph::Node& node = graph.nodes[n];
    if (is_in_place(node.operation))
      root[static_cast<std::size_t>(node.output)] = root[static_cast<std::size_t>(node.inputs[0])];
    for (const graph::TensorIndex input : node.inputs)
      places[root[static_cast<std::size_t>(input)]].last_use = n;
  }
  std::vector<std::size_t> live;
  std::size_t end = 0;
  const auto put = [&](std::size_t tensor) {
    Place& place = places[tensor];
    place.bytes = bytes_of_tensor(static_cast<graph::TensorIndex>(tensor));
    std::ranges::sort(live, {}, [&](std::size_t other) { return places[other].offset; });
    for (const std::size_t other : live) {
      if (place.offset + place.bytes <= places[other].offset) break;
      place.offset = std::max(place.offset, places[other].offset + places[other].bytes);
    }
    end = std::max(end, place.offset + place.bytes);
    live.push_back(tensor);
  };
  places[static_cast<std::size_t>(graph.input)].last_use = graph.nodes.size();
  put(static_cast<std::size_t>(graph.input));
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const auto output = static_cast<std::size_t>(graph.nodes[n].output);
    if (root[output] == output) put(output);
    std::erase_if(live, [&](std::size_t tensor) { return places[tensor].last_use <= n && tensor != output; });
  }
  return end;
}

}  // namespace mudra::deploy
