#include "mudra/sim/profile.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/device/espdl_view.hpp"
#include "mudra/device/s3/kernels.hpp"
#include "mudra/sim/prepared_engine.hpp"
#include "mudra/sim/virtual_chip.hpp"

namespace mudra::sim {
namespace {

using device::Operation, device::Tile;

// As firmware/sdkconfig.defaults sets the chip: the cache that flash is read through.
constexpr std::size_t kCacheBytes = 64u << 10;
// Bytes of flash in a microsecond: four lines at 80 MHz, by lines of 64 bytes with a third of a microsecond
// before each; without that; two lines at 40 MHz.
constexpr double kFlashRate = 33, kFastestFlash = 40, kSlowestFlash = 10;

double ratio(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

// What an operation's kernel did.
struct Doings {
  device::Kernel kernel = nullptr;  // null: its instructions are reckoned, it need not run
  std::uint64_t tiles = 0;
  s3::Counts counts;
};

class Recorder;
thread_local Recorder* recording = nullptr;

// Counts while the engine runs, one at a time in a thread.
class Recorder {
 public:
  explicit Recorder(KernelSet set) {
    static constexpr auto kChoose = [](const Operation& operation) -> device::Kernel {
      recording->by_operation_[&operation].kernel =
          device::s3::form_of(operation) == device::s3::Form::kPortable
              ? nullptr
              : device::s3::kernels().choose(operation);
      return run;
    };
    static constexpr auto kChoosePortable = [](const Operation&) -> device::Kernel { return run; };
    kernels_ = set == KernelSet::kS3 ? device::s3::kernels() : device::portable_kernels();
    kernels_.choose = set == KernelSet::kS3 ? +kChoose : +kChoosePortable;
    recording = this;
  }
  ~Recorder() { recording = nullptr; }
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  const device::Kernels& kernels() const { return kernels_; }
  const Doings& of(const Operation& operation) { return by_operation_[&operation]; }

 private:
  static void run(const Operation& operation, const Tile& tile) {
    Doings& doings = recording->by_operation_[&operation];
    ++doings.tiles;
    if (doings.kernel == nullptr) return;
    doings.kernel(operation, tile);
    doings.counts += recording->chip_.take_counts();
  }

  device::Kernels kernels_;
  VirtualChip chip_;
  ExecuteOn here_{chip_};
  std::map<const Operation*, Doings> by_operation_;
};

std::uint64_t products_of(const Operation& operation) {
  if (!device::is_pool(operation.kind)) return static_cast<std::uint64_t>(device::products(operation));
  return std::uint64_t{operation.out_height} * operation.out_width * operation.out_channels *
         operation.window.kernel_h * operation.window.kernel_w;
}

Work work_of(const Operation& operation, const Doings& doings) {
  const std::uint64_t pixels = std::uint64_t{operation.out_height} * operation.out_width;
  return {.products = products_of(operation),
          .elements = pixels * operation.out_channels,
          .pixels = pixels,
          .rows = operation.out_height,
          .tiles = doings.tiles,
          .routines = doings.counts.calls};
}

// "Conv, Clip": what the file calls the nodes of an operation.
std::string operation_of(const device::ModelView& view, const Operation& operation) {
  std::string text;
  for (int node = operation.node; node <= operation.last_node; ++node)
    text += (text.empty() ? "" : ", ") + std::string(view.node(node).operation());
  return text;
}

// Bytes of the file that an operation's weights take.
std::size_t weight_bytes(const Operation& operation) {
  const std::uint64_t pixels = std::uint64_t{operation.out_height} * operation.out_width;
  return static_cast<std::size_t>(device::products(operation)) / std::max<std::uint64_t>(1, pixels) *
         bytes_of(operation.in);
}

class Profiler {
 public:
  Profiler(std::span<const std::uint8_t> model, const ProfileChoice& choice)
      : choice_(choice), recorder_(choice.kernels), prepared_(model, recorder_.kernels()) {
    check(view_.open(model));
  }

  Profile run() {
    check(prepared_.engine.run());
    Profile result;
    result.choice = choice_;
    const device::Network& network = prepared_.engine.network();
    const device::Plan& plan = prepared_.engine.plan();
    double byte_products = 0;
    for (int i = 0; i < network.size; ++i) {
      const Operation& operation = network.operation(i);
      result.nodes.push_back(node_of(operation));
      byte_products += static_cast<double>(recorder_.of(operation).counts.byte_products);
    }
    add_flash(result);
    for (const NodeProfile& node : result.nodes) {
      result.vector_instructions += node.vector_instructions;
      result.scalar_instructions += node.scalar_instructions;
      result.multiply_adds += node.multiply_adds;
      result.time += node.time;
      result.packed_bytes += node.packed_bytes;
    }
    result.half_rate = result.time.estimate + byte_products / choice_.megahertz;
    result.arena_bytes = plan.arena_bytes - plan.packed_bytes;
    if (choice_.kernels == KernelSet::kS3)
      for (const s3::Function& function : vector_kernels().functions()) result.code_bytes += function.bytes;
    return result;
  }

 private:
  NodeProfile node_of(const Operation& operation) {
    const Doings& doings = recorder_.of(operation);
    const bool is_vector = doings.kernel != nullptr;
    NodeProfile node;
    node.node = view_.node(operation.node).name();
    node.operation = operation_of(view_, operation);
    node.kernel =
        device::s3::name_of(is_vector ? device::s3::form_of(operation) : device::s3::Form::kPortable);
    if (choice_.kernels == KernelSet::kS3) node.why = device::s3::why_portable(operation);
    const NamedCost& cost = is_vector ? calling_cost(operation) : portable_cost(operation);
    node.cost = cost.name;
    node.work = work_of(operation, doings);
    node.vector_instructions = doings.counts.instructions;
    node.scalar_instructions = static_cast<std::uint64_t>(
        std::llround(instructions(engine_cost().cost, node.work) + instructions(cost.cost, node.work)));
    node.multiply_adds = static_cast<std::uint64_t>(device::products(operation));
    if (is_vector) node.packed_bytes = recorder_.kernels().packed_bytes(operation);
    const s3::Cycles cycles = estimated_cycles(doings.counts);
    const double scalar = static_cast<double>(node.scalar_instructions);
    node.time = {(cycles.estimate + kCyclesPerInstruction * scalar) / choice_.megahertz,
                 (cycles.low + kFewestCycles * scalar) / choice_.megahertz,
                 (cycles.high + kMostCycles * scalar) / choice_.megahertz};
    return node;
  }

  // Weights that lie in flash come through the cache: none of them if all are still there from the picture
  // before; once; or, if those of a segment, whose operations take turns, are more than the cache holds, once
  // for each of a kernel's calls.
  void add_flash(Profile& result) {
    const device::Network& network = prepared_.engine.network();
    const device::Plan& plan = prepared_.engine.plan();
    std::vector<double> bytes(result.nodes.size());
    double all = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const NodeProfile& node = result.nodes[i];
      if (node.packed_bytes == 0)
        bytes[i] = static_cast<double>(weight_bytes(network.operation(static_cast<int>(i))));
      else if (choice_.weights == device::PackedWeights::kInPlace)
        bytes[i] = static_cast<double>(node.packed_bytes);
      all += bytes[i];
    }
    for (int first = 0; first < plan.stage_count;) {
      const int last = plan.last_stage_of_segment(first);
      const int begin = plan.stages[first].first, end = plan.stages[last].first + plan.stages[last].count;
      double together = 0;
      for (int place = begin; place < end; ++place) together += bytes[plan.order[place]];
      for (int place = begin; place < end; ++place) {
        NodeProfile& node = result.nodes[plan.order[place]];
        const double once = bytes[plan.order[place]];
        const double read = together <= kCacheBytes ? once : once * static_cast<double>(node.work.tiles);
        node.time += {read / kFlashRate, all <= kCacheBytes ? 0 : once / kFastestFlash, read / kSlowestFlash};
      }
      first = last + 1;
    }
  }

  const ProfileChoice choice_;
  device::ModelView view_;
  Recorder recorder_;
  PreparedEngine prepared_;
};

}  // namespace

KernelSet kernel_set_named(std::string_view name) {
  if (name == "s3") return KernelSet::kS3;
  if (name == "portable") return KernelSet::kPortable;
  fail("kernels '{}': give s3 or portable", name);
}

const char* name_of(KernelSet kernels) { return kernels == KernelSet::kS3 ? "s3" : "portable"; }

Time& Time::operator+=(const Time& more) {
  estimate += more.estimate;
  low += more.low;
  high += more.high;
  return *this;
}

double Profile::multiply_adds_per_instruction() const { return ratio(multiply_adds, instructions()); }

std::size_t Profile::ram_bytes() const {
  return arena_bytes + (choice.weights == device::PackedWeights::kInArena ? packed_bytes : 0) + code_bytes;
}

Profile profile(std::span<const std::uint8_t> model, const ProfileChoice& choice) {
  return Profiler(model, choice).run();
}

}  // namespace mudra::sim
