#include "mudra/deploy/memory_plan.hpp"

#include <algorithm>
#include <memory>
#include <optional>

#include "mudra/base/error.hpp"
#include "mudra/device/engine.hpp"

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
  // Rows i lie between stage i - 1 and stage i.
  std::string form_of_rows(int i) const {
    if (i < plan_.stage_count) {
      const Operation& reader = network_.operation(plan_.stages[i].first);
      return form(reader.in_height, reader.in_width, reader.in_channels);
    }
    return output_form(network_.operation(network_.size - 1));
  }
  int last_operation(int stage) const { return plan_.stages[stage].first + plan_.stages[stage].count - 1; }
  std::string node_name(int operation) const {
    const std::size_t node = network_.operation(operation).node;
    return node < graph_.nodes.size() ? graph_.nodes[node].name : "";
  }

  void add_segment(int first, int last);
  void add_scratch(int first, int last, std::size_t step);

  const device::Network& network_;
  const device::Plan& plan_;
  const graph::Graph& graph_;
  const device::Kernels& kernels_;
  ArenaPlan out_;
};

void Describer::add_scratch(int first, int last, std::size_t step) {
  ArenaBlock halves[2];
  for (int s = first; s <= last; ++s) {
    const device::Stage& stage = plan_.stages[s];
    for (int i = 0; i + 1 < stage.count; ++i) {
      const Operation& operation = network_.operation(stage.first + i);
      const int pixels = std::min<int>(kernels_.tile_pixels, operation.out_width);
      const std::uint32_t bytes =
          static_cast<std::uint32_t>(pixels) * operation.out_channels * bytes_of(operation.out);
      ArenaBlock& half = halves[i % 2];
      if (bytes <= half.bytes) continue;
      half = {.kind = ArenaBlock::Kind::kScratch,
              .name = fmt::format("{} pixels of {}", pixels, output_form(operation)),
              .offset = stage.scratch[i % 2],
              .bytes = bytes,
              .first_step = step,
              .last_step = step};
    }
  }
  for (const ArenaBlock& half : halves)
    if (half.bytes > 0) out_.blocks.push_back(half);
}

void Describer::add_segment(int first, int last) {
  const std::size_t step = out_.steps.size();
  const std::size_t known = out_.blocks.size();
  const int first_operation = plan_.stages[first].first, last_op = last_operation(last);
  ArenaStep made{.makes = form_of_rows(last + 1),
                 .nodes = fmt::format("{} ... {}", node_name(first_operation), node_name(last_op)),
                 .operations = last_op - first_operation + 1};
  for (int i = first_operation; i <= last_op; ++i) made.multiply_adds += products(network_.operation(i));
  for (int i = first + 1; i <= last + 1; ++i) {
    const device::Rows& rows = plan_.rows[i];
    out_.blocks.push_back(
        {.kind = rows.stored ? ArenaBlock::Kind::kTensor : ArenaBlock::Kind::kRing,
         .name = rows.stored ? form_of_rows(i) : fmt::format("{} rows of {}", rows.kept, form_of_rows(i)),
         .offset = rows.offset,
         .bytes = rows.bytes(),
         .first_step = step,
         .last_step = rows.stored && i < plan_.stage_count ? step + 1 : step});
  }
  add_scratch(first, last, step);
  const device::Rows& input = plan_.rows[first];
  made.bytes = input.offset + input.bytes();
  for (std::size_t i = known; i < out_.blocks.size(); ++i)
    made.bytes = std::max(made.bytes, out_.blocks[i].offset + out_.blocks[i].bytes);
  out_.steps.push_back(std::move(made));
}

ArenaPlan Describer::run() {
  out_.arena_bytes = plan_.arena_bytes;
  out_.blocks.push_back({.name = "input " + form_of_rows(0),
                         .offset = plan_.rows[0].offset,
                         .bytes = plan_.rows[0].bytes(),
                         .is_input = true});
  for (int first = 0; first < plan_.stage_count;) {
    int last = first;
    while (!plan_.rows[last + 1].stored) ++last;
    add_segment(first, last);
    first = last + 1;
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

ArenaPlan plan_arena(std::span<const std::uint8_t> model, const graph::Graph& graph) {
  const device::Kernels& kernels = device::portable_kernels();
  const auto engine = std::make_unique<device::Engine>();
  const device::Status status = engine->prepare(model, {}, kernels);
  const device::Problem& problem = engine->problem();
  if (status != device::Status::kArenaTooSmall) {
    if (problem.node.empty()) fail("{}", device::describe(status));
    fail("node '{}': {}", problem.node, device::describe(status));
  }
  return Describer(*engine, graph, kernels).run();
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
