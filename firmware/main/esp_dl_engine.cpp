#include "esp_dl_engine.hpp"

#include "sdkconfig.h"

#if CONFIG_MUDRA_USE_ESP_DL

#include <algorithm>
#include <map>
#include <new>
#include <string>

#include "dl_model_base.hpp"
#include "esp_heap_caps.h"
#include "idle.hpp"
#include "mudra/device/line.hpp"

namespace mudra::firmware {
namespace {

// What a model's nodes and names take on ESP-DL's side besides tensors, roughly.
constexpr std::size_t kBookkeepingBytes = 64 * 1024;

std::span<std::byte> bytes_of(dl::TensorBase& tensor) {
  return {static_cast<std::byte*>(tensor.data), static_cast<std::size_t>(tensor.get_bytes())};
}

std::size_t bytes_of(const device::TensorView& tensor) {
  std::size_t bytes = device::bytes_of(tensor.type);
  for (int i = 0; i < tensor.dimensions.rank; ++i)
    bytes *= static_cast<std::size_t>(tensor.dimensions.size[i]);
  return bytes;
}

// The least memory in one piece that any order of nodes can do with: what one node reads and makes.
std::size_t least_arena_bytes(device::ModelView& model) {
  std::size_t most = 0;
  for (int i = 0; i < model.node_count(); ++i) {
    const device::NodeView node = model.node(i);
    std::size_t bytes = bytes_of(model.activation(node.output()));
    for (int k = 0; k < node.input_count(); ++k)
      if (const device::TensorView input = model.activation(node.input(k))) bytes += bytes_of(input);
    most = std::max(most, bytes);
  }
  return most;
}

}  // namespace

// ESP-DL aborts, or goes on without tensors, when memory runs out: what surely does not fit is refused
// before.
bool EspDlEngine::fits(ModelPartition& partition) {
  arena_bytes_ = least_arena_bytes(partition.view());
  if (largest_block() >= arena_bytes_ + kBookkeepingBytes) return true;
  problem_ << "needs at least " << std::uint64_t{arena_bytes_} << " bytes in one piece and "
           << std::uint64_t{kBookkeepingBytes} << " besides; the largest free piece has "
           << std::uint64_t{largest_block()};
  return false;
}

void EspDlEngine::unload() {
  if (is_ready()) delete model_;
  model_ = nullptr;
  InferenceEngine::unload();
}

bool EspDlEngine::load(ModelPartition& partition) {
  unload();
  partition_ = &partition;
  if (!fits(partition)) return false;
  const bool psram = heap_caps_get_total_size(MALLOC_CAP_SPIRAM) > 0;
  const std::size_t internal =
      psram ? 0 : heap_caps_get_largest_free_block(MALLOC_CAP_INTERNAL) - kBookkeepingBytes;
  // Weights are copied to PSRAM if there is some: it is read faster than flash.
  model_ = new (std::nothrow)
      dl::Model(reinterpret_cast<const char*>(partition.image().data()), fbs::MODEL_LOCATION_IN_FLASH_RODATA,
                static_cast<int>(internal), dl::MEMORY_MANAGER_GREEDY, nullptr, psram);
  dl::TensorBase* input = model_ == nullptr ? nullptr : model_->get_input();
  dl::TensorBase* output = model_ == nullptr ? nullptr : model_->get_output();
  const bool whole =
      input != nullptr && output != nullptr && input->data != nullptr && output->data != nullptr;
  if (!whole) {
    problem_ << "ESP-DL does not load the model; its own message is above";
    return false;
  }
  if (bytes_of(*input).size() != partition.info().input_bytes() ||
      bytes_of(*output).size() != partition.info().output_bytes()) {
    problem_ << "ESP-DL sees an input of " << std::uint64_t{bytes_of(*input).size()}
             << " bytes, the file has " << std::uint64_t{partition.info().input_bytes()};
    return false;
  }
  place_ = psram ? Place::kPsram : Place::kInternal;
  const auto tensors = model_->get_memory_info()["variable"];
  arena_bytes_ = tensors.internal + tensors.psram;
  return ready_ = true;
}

std::span<std::byte> EspDlEngine::input() { return bytes_of(*model_->get_input()); }

bool EspDlEngine::run() {
  model_->run();
  return true;
}

std::span<const std::byte> EspDlEngine::output() const { return bytes_of(*model_->get_output()); }

// A node's output lives only until its memory is used again: ESP-DL copies out one tensor in each run.
int EspDlEngine::first_wrong_node(const device::Trace& trace) {
  if (trace.empty()) return device::kNoNode;
  device::ModelView& model = partition_->view();
  dl::TensorBase& input = *model_->get_input();
  // Runs overwrite the input.
  dl::TensorBase kept(input.shape, input.data, input.exponent, input.dtype, true);
  std::map<std::string, dl::TensorBase*> inputs{{std::string(model.input_name()), &kept}};
  for (int i = 0; i < model.node_count(); ++i) {
    const std::string name(model.node(i).output());
    dl::TensorBase* tensor = model_->get_intermediate(name);
    if (tensor == nullptr) continue;
    dl::TensorBase copy(tensor->shape, nullptr, tensor->exponent, tensor->dtype, true);
    if (copy.data == nullptr) return device::kNoNode;
    model_->run(inputs, dl::RUNTIME_MODE_SINGLE_CORE, {{name, &copy}});
    const auto bytes = bytes_of(copy);
    const auto checksum = device::crc32({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    if (!trace.matches(i, checksum)) return i;
    let_idle_task_run();
  }
  return device::kNoNode;
}

}  // namespace mudra::firmware

#endif
