#include "mudra/deploy/deployment.hpp"

#include <fmt/ranges.h>

#include <algorithm>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/deploy/firmware_sources.hpp"
#include "mudra/deploy/memory_picture.hpp"
#include "mudra/device/engine.hpp"
#include "mudra/device/espdl_view.hpp"
#include "mudra/device/model_slots.hpp"
#include "mudra/sim/packed_model.hpp"

namespace mudra::deploy {
namespace {

constexpr std::string_view kModelPartition = "model";

void check_form(const graph::Graph& graph) {
  const graph::Shape& input = graph.tensor(graph.input).shape;
  if (!device::picture_shape(input))
    fail("it takes [{}], not one gray or colour picture with sides of {} to {}", fmt::join(input, ", "),
         device::kMinPictureSide, device::kMaxPictureSide);
}

std::vector<MemoryDemand> demands_of(const DeployModel& model, const Deployment& plan) {
  std::vector<MemoryDemand> demands;
  const graph::Graph& graph = model.file.graph;
  const auto shape = device::picture_shape(graph.tensor(graph.input).shape).value_or(device::PictureShape{});
  const std::size_t element = graph.tensor(graph.input).type == graph::Type::kInt16 ? 2 : 1;
  demands.push_back({"the picture as it comes over the line", shape.bytes() * element});
  if (plan.config.engine != EngineChoice::kEspDl) {
    demands.push_back({"arena of mudra's engine", plan.arena.arena_bytes});
    demands.push_back({"mudra's engine itself", sizeof(device::Engine)});
  }
  if (plan.config.engine != EngineChoice::kMudra) {
    demands.push_back({"arena of ESP-DL, about", esp_dl_arena_bytes(graph)});
    if (model.file.generation == format::EspdlGeneration::kEdl1)
      demands.push_back({"weights that ESP-DL copies (EDL1)", model.bytes.size()});
  }
  if (plan.config.board.camera) {
    // esp32-camera in firmware/main/camera.cpp's mode: whole lines of 240 pixels, up to half of its
    // CAMERA_DMA_BUFFER_SIZE_MAX (32 KB) at a time, twice.
    constexpr std::size_t kCameraSide = 240, kCameraDmaBytes = 2 * 11'520;
    const std::size_t pixel_bytes = shape.is_color() ? 2 : 1;  // RGB565 or gray
    const bool psram = plan.config.board.psram_bytes > 0;
    demands.push_back({"the camera's buffers for DMA", kCameraDmaBytes});
    demands.push_back({"rows of the camera's picture, resized",
                       device::Resizer::work_words(shape) * sizeof(std::uint16_t)});
    demands.push_back({psram ? "the camera's two pictures, in PSRAM" : "the camera's picture",
                       kCameraSide * kCameraSide * pixel_bytes * (psram ? 2 : 1), psram});
  }
  return demands;
}

std::size_t bytes_of_names(const graph::Graph& graph) {
  std::size_t bytes = 0;
  for (const std::string& name : graph.class_names) bytes += name.size();
  return bytes;
}

void place_weights(const DeployModel& model, device::PackedWeights where, Deployment& plan) {
  plan.config.weights = where;
  plan.arena = plan_arena(plan.image, model.file.graph, where);
  plan.demands = demands_of(model, plan);
  plan.ram_bytes = plan.psram_bytes = 0;
  for (const MemoryDemand& demand : plan.demands) {
    plan.ram_bytes += demand.bytes;
    if (demand.in_psram) plan.psram_bytes += demand.bytes;
  }
}

// Packed weights lie in the arena where that fits inside of the chip, unless something else was chosen.
void choose_weights(const DeployModel& model, const DeployConfig& config, Deployment& plan) {
  auto chosen = config.weights.value_or(device::PackedWeights::kInPlace);
  for (const auto where : {device::PackedWeights::kInPlace, device::PackedWeights::kInArena}) {
    place_weights(model, where, plan);
    plan.variants.push_back(
        {where, plan.arena.arena_bytes, plan.ram_bytes, sim::profile(model.bytes, {.weights = where}).time});
    if (!config.weights && plan.ram_bytes - plan.psram_bytes <= kInternalBytes) chosen = where;
  }
  place_weights(model, chosen, plan);
}

// Memory in one piece is what counts: each demand by itself in internal RAM, all together too.
void place_in_ram(Deployment& plan) {
  const std::uint32_t psram = plan.config.board.psram_bytes;
  const std::size_t movable = plan.ram_bytes - plan.psram_bytes;
  plan.uses_psram = movable > kInternalBytes && psram > 0;
  if (movable <= kInternalBytes) return;
  if (plan.ram_bytes > std::size_t{kInternalBytes} + psram) {
    const auto largest = std::ranges::max_element(plan.demands, {}, &MemoryDemand::bytes);
    plan.refusals.push_back(fmt::format(
        "it needs {} bytes of RAM, most of them for the {} ({}); {} has {} free", plan.ram_bytes,
        largest->what, largest->bytes, plan.config.board.name, std::size_t{kInternalBytes} + psram));
  } else {
    plan.remarks.push_back(
        fmt::format("{} bytes of RAM are more than the {} inside of the chip: PSRAM is used, which is slower",
                    movable, kInternalBytes));
  }
}

// The firmware's own table, its last partition, the model's, cut or grown to the flash and to two slots for
// such a model, or to one model where the flash has no room for two.
void place_in_flash(Deployment& plan) {
  plan.partitions = read_partition_table(firmware_source("firmware/partitions.csv"));
  if (plan.partitions.empty() || plan.partitions.back().name != kModelPartition)
    fail("the firmware's partitions.csv does not end in a partition '{}'", kModelPartition);
  Partition& model = plan.partitions.back();
  const std::uint32_t flash = plan.config.flash_bytes;
  const auto needed = static_cast<std::uint32_t>((plan.image.size() + device::kFlashSector - 1) /
                                                 device::kFlashSector * device::kFlashSector);
  const std::uint64_t wanted = device::SlotLayout::partition_bytes(plan.image.size());
  if (model.offset >= flash || flash - model.offset < needed) {
    plan.refusals.push_back(fmt::format(
        "the model has {} bytes and the program's partitions end at {}, together more than {} bytes of flash",
        plan.image.size(), model.offset, flash));
  } else {
    model.bytes = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(std::max<std::uint64_t>(model.bytes, wanted), flash - model.offset));
    const std::uint32_t room = device::SlotLayout(model.bytes).room();
    if (plan.image.size() <= room)
      plan.slot_room = room;
    else
      plan.remarks.push_back(fmt::format(
          "two models of {} bytes need a partition of {}, and the flash leaves {}: a new model has to be "
          "flashed, 'mudra send' cannot replace this one",
          plan.image.size(), wanted, model.bytes));
  }
  plan.flash_bytes = end_of(plan.partitions);
}

void remark(const DeployModel& model, const device::ModelInfo& info, Deployment& plan) {
  if (model.file.tests.empty())
    plan.remarks.emplace_back(
        "the model has no recorded inputs, so the board's self-test has nothing to compare");
  if (!info.named)
    plan.remarks.push_back(fmt::format(
        "{}; the board calls them 0, 1, ...",
        model.file.graph.class_names.empty()
            ? "the model does not name its classes"
            : fmt::format("the names of the classes have {} bytes together, more than the board's {}",
                          bytes_of_names(model.file.graph), device::ClassNames::kMaxBytes)));
  for (const sim::Finding& finding : plan.findings)
    if (finding.gravity == sim::Gravity::kBroken)
      plan.refusals.push_back(fmt::format("node '{}': {}", finding.node, finding.text));
}

std::string text_of_weights(const Deployment& plan) {
  if (plan.config.engine == EngineChoice::kEspDl) return {};
  constexpr double kMillisecond = 1000;  // in microseconds
  std::string text = fmt::format("\n{:<40}  {:>10}  {:>12}  {}\n", "packed weights of mudra's engine",
                                 "arena", "RAM together", "time of a picture, estimated, not measured");
  for (const WeightVariant& variant : plan.variants)
    text +=
        fmt::format("  {:<38}  {:>10}  {:>12}  {:.1f} ms, {:.1f} to {:.1f}{}\n",
                    variant.weights == device::PackedWeights::kInPlace ? "flash: read through the cache"
                                                                       : "ram: copied when the board starts",
                    variant.arena_bytes, variant.ram_bytes, variant.time.estimate / kMillisecond,
                    variant.time.low / kMillisecond, variant.time.high / kMillisecond,
                    variant.weights == plan.config.weights ? "  <- chosen" : "");
  return text;
}

}  // namespace

DeployModel load_deploy_model(const std::filesystem::path& path) {
  DeployModel model{.bytes = {}, .file = format::load_espdl(path)};
  const auto file = read_file(path);
  with_context(path.string(), [&] {
    device::PackView pack;
    if (const auto status = pack.open(file); status != device::Status::kOk)
      fail("{}", device::describe(status));
    const auto bytes = sim::model_alone(pack.model(0));
    model.bytes.assign(bytes.begin(), bytes.end());
  });
  return model;
}

device::ModelInfo info_on_board(const DeployModel& model) {
  const graph::Graph& graph = model.file.graph;
  check_form(graph);
  if (model.file.tests.size() > device::kMaxTests)
    fail("it has {} recorded inputs; the board takes up to {}", model.file.tests.size(), device::kMaxTests);
  const auto classes = graph::element_count(graph.tensor(graph.output).shape);
  if (classes > device::kMaxClasses)
    fail("it has {} classes; the board takes up to {}", classes, device::kMaxClasses);
  device::ModelView view;
  device::ModelInfo info;
  device::Status status = view.open(model.bytes);
  if (status == device::Status::kOk) status = device::read_model_info(view, info);
  if (status != device::Status::kOk) fail("the board would refuse it: {}", device::describe(status));
  return info;
}

Deployment plan_deployment(const DeployModel& model, const DeployConfig& config) {
  Deployment plan;
  plan.config = config;
  if (config.flash_bytes == 0) plan.config.flash_bytes = config.board.flash_bytes;
  const device::ModelInfo info = info_on_board(model);
  plan.model_bytes = model.bytes.size();
  plan.test_vector_bytes = format::test_vector_bytes(model.file);
  plan.findings = sim::diagnose(model.file.graph);
  plan.image = config.engine == EngineChoice::kEspDl ? model.bytes : sim::with_packed_weights(model.bytes);
  choose_weights(model, config, plan);
  place_in_ram(plan);
  place_in_flash(plan);
  remark(model, info, plan);
  return plan;
}

std::string text_of(const Deployment& plan) {
  std::string text = arena_text(plan.arena);
  text += fmt::format("\nRAM of {}, engine {}:\n", plan.config.board.name, name_of(plan.config.engine));
  for (const MemoryDemand& demand : plan.demands)
    text += fmt::format("  {:>10}  {}\n", demand.bytes, demand.what);
  text += fmt::format("  {:>10}  together, of {} in the chip", plan.ram_bytes, kInternalBytes);
  if (plan.config.board.psram_bytes > 0)
    text += fmt::format(" and {} of PSRAM", plan.config.board.psram_bytes);
  text += "\n";
  text += text_of_weights(plan);
  text += fmt::format("\nflash, {} of {} bytes:\n", plan.flash_bytes, plan.config.flash_bytes);
  for (const Partition& partition : plan.partitions)
    text += fmt::format(
        "  {:<10} {:>10} bytes at 0x{:06x}{}\n", partition.name, partition.bytes, partition.offset,
        partition.name == kModelPartition
            ? fmt::format(", of which the model takes {}, {} of them test vectors, and its "
                          "packed weights {}{}",
                          plan.model_bytes, plan.test_vector_bytes, plan.image.size() - plan.model_bytes,
                          plan.slot_room == 0
                              ? ""
                              : fmt::format("; 'mudra send' takes models of up to {} bytes", plan.slot_room))
            : "");
  text += "\n";
  for (const sim::Finding& finding : plan.findings)
    text += fmt::format("{}: node '{}': {}\n", sim::name_of(finding.gravity), finding.node, finding.text);
  for (const std::string& remark : plan.remarks) text += fmt::format("note: {}\n", remark);
  for (const std::string& refusal : plan.refusals) text += fmt::format("does not fit: {}\n", refusal);
  return text;
}

}  // namespace mudra::deploy
