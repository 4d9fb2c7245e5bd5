#include "mudra/sim/espdl_runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/base/parallel.hpp"
#include "mudra/base/threads.hpp"
#include "mudra/device/engine.hpp"
#include "mudra/device/host_kernels.hpp"
#include "mudra/device/model_info.hpp"
#include "mudra/device/s3/kernels.hpp"
#include "mudra/device/trace.hpp"
#include "mudra/graph/decision_rule.hpp"
#include "mudra/sim/prepared_engine.hpp"

namespace mudra::sim {
namespace {

using Picture = std::span<const std::uint8_t>;

// `metadata(key)` is the model's entry, empty without one.
template <typename Metadata>
device::InputRule input_rule_of(const Metadata& metadata) {
  const std::string_view name = metadata(device::kInputRuleKey),
                         normalization = metadata(device::kNormalizationKey);
  device::InputRule rule;
  if (!device::read_input_rule(name, normalization, rule))
    fail("its {} is '{}', not rounded or published, or its {} '{}' not MEAN/STD", device::kInputRuleKey, name,
         device::kNormalizationKey, normalization);
  return rule;
}

std::span<std::byte> bytes_of(graph::Values& values) {
  return std::visit([](auto& numbers) { return std::as_writable_bytes(std::span(numbers)); }, values);
}

}  // namespace

// An engine that makes its input from pictures.
class EspdlRunner::Runner {
 public:
  // Throws Error, naming the node, for a model the engine refuses.
  Runner(std::span<const std::uint8_t> model, const device::InputRule& rule)
      : rule_(rule), prepared_(model, device::host_kernels()) {}

  // Also refuses an exponent that pictures cannot be converted to.
  void check_form() {
    const device::TensorInfo input = engine_.input_info(), output = engine_.output_info();
    if (!is_picture(picture()))
      fail("it takes [1, {}, {}, {}], not one gray or colour picture with sides of {} to {}", input.height,
           input.width, input.channels, device::kMinPictureSide, device::kMaxPictureSide);
    if (output.height != 1 || output.width != 1)
      fail("it gives [1, {}, {}, {}], not one score per class", output.height, output.width, output.channels);
    convert(std::vector<std::uint8_t>(picture().bytes()));
  }

  graph::Values run(const graph::Values& input) {
    take(input);
    check(engine_.run());
    graph::Values output = outputs(1);
    std::ranges::copy(engine_.output(), bytes_of(output).begin());
    return output;
  }

  int first_wrong_node(const device::ModelView& view, const graph::Values& input) {
    take(input);
    return device::first_wrong_node(engine_, device::Trace(view, 0));
  }

  // Room for the answers to `count` inputs.
  graph::Values outputs(std::size_t count) const {
    const std::size_t bytes = count * engine_.output().size();
    if (engine_.output_info().type == device::Width::kInt8) return std::vector<std::int8_t>(bytes);
    return std::vector<std::int16_t>(bytes / sizeof(std::int16_t));
  }

  void score(Picture picture, std::span<std::byte> scores) {
    convert(picture);
    check(engine_.run());
    std::ranges::copy(engine_.output(), scores.begin());
  }

  device::PictureShape picture() const { return device::shape_of(engine_.input_info()); }
  int exponent() const { return engine_.output_info().exponent; }
  int classes() const { return engine_.output_info().channels; }

 private:
  void take(const graph::Values& input) {
    const graph::Type type =
        engine_.input_info().type == device::Width::kInt8 ? graph::Type::kInt8 : graph::Type::kInt16;
    std::visit(
        [&](const auto& integers) {
          const auto bytes = std::as_bytes(std::span(integers));
          if (static_cast<graph::Type>(input.index()) != type || bytes.size() != engine_.input().size())
            fail("the input is not {} bytes of {}", engine_.input().size(), graph::name_of(type));
          std::memcpy(engine_.input().data(), bytes.data(), bytes.size());
        },
        input);
  }

  void convert(Picture picture) {
    check(device::prepare(picture, engine_.input_info(), rule_, engine_.input()));
  }

  const device::InputRule rule_;
  PreparedEngine prepared_;
  device::Engine& engine_ = prepared_.engine;
};

EspdlRunner::EspdlRunner(std::vector<std::uint8_t> model) : model_(std::move(model)) {
  device::ModelView view;
  check(view.open(model_));
  const auto rule = input_rule_of([&](std::string_view key) { return view.metadata(key); });
  static_cast<void>(graph::decision_rule(view.metadata(device::kDecisionPicturesKey),
                                         view.metadata(device::kDecisionEnterKey),
                                         view.metadata(device::kDecisionLeaveKey)));
  for (int i = 0; i < thread_count(); ++i) runners_.push_back(std::make_unique<Runner>(model_, rule));
}

EspdlRunner::~EspdlRunner() = default;

graph::Values EspdlRunner::run(const graph::Values& input) { return runners_.front()->run(input); }

void EspdlRunner::check_takes_pictures() { runners_.front()->check_form(); }

std::optional<std::string> EspdlRunner::first_wrong_node(const graph::Values& input) {
  device::ModelView view;
  check(view.open(model_));
  const int node = runners_.front()->first_wrong_node(view, input);
  if (node == device::kNoNode) return std::nullopt;
  return std::string(view.node(node).name());
}

device::PictureShape EspdlRunner::picture() const { return runners_.front()->picture(); }
int EspdlRunner::exponent() const { return runners_.front()->exponent(); }
int EspdlRunner::classes() const { return runners_.front()->classes(); }

graph::Values EspdlRunner::score(std::span<const std::uint8_t> images) {
  const std::size_t bytes = picture().bytes(), count = images.size() / bytes;
  graph::Values values = runners_.front()->outputs(count);
  const std::span<std::byte> scores = bytes_of(values);
  const std::size_t shares = std::min(runners_.size(), count);
  for_each_parallel(Schedule::kStatic, shares, [&](std::size_t share) {
    for (std::size_t i = share; i < count; i += shares)
      runners_[share]->score(images.subspan(i * bytes, bytes), scores.subspan(i * scores.size() / count));
  });
  return values;
}

graph::Values picture_input(const graph::Graph& graph, std::span<const std::uint8_t> picture) {
  const graph::Tensor& input = graph.tensor(graph.input);
  const auto rule = input_rule_of([&](std::string_view key) {
    const auto entry = graph.metadata.find(std::string(key));
    return entry == graph.metadata.end() ? std::string_view() : std::string_view(entry->second);
  });
  const auto integers_of = [&]<typename Integer>(std::vector<Integer> integers, device::Width type) {
    integers.resize(picture.size());
    const device::PictureShape shape = device::picture_shape(input.shape).value_or(device::PictureShape{});
    const device::TensorInfo info{shape.height, shape.width, shape.channels, type, *input.exponent};
    check(device::prepare(picture, info, rule, std::as_writable_bytes(std::span(integers))));
    return graph::Values(std::move(integers));
  };
  return input.type == graph::Type::kInt8 ? integers_of(std::vector<std::int8_t>(), device::Width::kInt8)
                                          : integers_of(std::vector<std::int16_t>(), device::Width::kInt16);
}

std::unique_ptr<device::Engine> planned_engine(std::span<const std::uint8_t> model,
                                               const device::Kernels& kernels, device::PackedWeights where) {
  auto engine = std::make_unique<device::Engine>();
  if (engine->prepare(model, {}, kernels, where) != device::Status::kArenaTooSmall) check(engine->problem());
  return engine;
}

std::size_t arena_bytes_of(std::span<const std::uint8_t> model) {
  const auto engine = planned_engine(model, device::s3::kernels(), device::PackedWeights::kInArena);
  return engine->arena_bytes() - engine->plan().packed_bytes;
}

std::vector<std::uint8_t> model_in(std::span<const std::uint8_t> file) {
  device::PackView pack;
  check(pack.open(file));
  if (pack.size() != 1) fail("it is a pack of {} models", pack.size());
  const auto model = pack.model(0);
  return {model.begin(), model.end()};
}

}  // namespace mudra::sim
