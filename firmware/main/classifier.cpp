#include "classifier.hpp"

#include <algorithm>
#include <cstring>

#include "esp_timer.h"

namespace mudra::firmware {
namespace {

// Bytes of the picture that the model takes; 0: it takes none.
std::uint32_t picture_pixels(const device::ModelInfo& info) {
  return info.takes_pictures() ? static_cast<std::uint32_t>(info.picture().bytes()) : 0;
}

}  // namespace

void Classifier::load() {
  has_model_ = parts_.partition.open();
  // The camera first: its buffers have to lie in certain memory, an arena goes where there is room.
  static_cast<void>(parts_.camera.open(has_model_ ? info().picture() : device::PictureShape{}));
  take_model();
}

void Classifier::take_model() {
  decision_ = parts_.decision(info());
  if (!has_model_) return;
  pictures_ = Block::allocate(picture_bytes());
  in_inference_task([&] {
    for (InferenceEngine* engine : parts_.engines) engine->load(parts_.partition);
  });
}

bool Classifier::change(ModelPartition::Place place) {
  for (InferenceEngine* engine : parts_.engines) engine->unload();
  pictures_ = Block();
  forget_picture();
  const bool had_camera = parts_.camera.is_open();
  has_model_ = parts_.partition.open(place);
  if (has_model_) parts_.camera.change(info().picture());
  take_model();
  return first_ready_engine() != nullptr && !pictures_.bytes().empty() &&
         parts_.camera.is_open() == had_camera;
}

Classifier::Reason Classifier::why_not() const {
  if (!has_model_) return {device::Refusal::kNoModel, problem()};
  if (first_ready_engine() != nullptr)
    return {pictures_.bytes().empty() ? device::Refusal::kNoMemory : device::Refusal::kNoCamera,
            pictures_.bytes().empty() ? "of pictures" : parts_.camera.problem()};
  const InferenceEngine& engine = *parts_.engines.front();
  return {engine.lacks_memory() ? device::Refusal::kNoMemory : device::Refusal::kNoModel, engine.problem()};
}

device::Model Classifier::describe() const {
  device::Model model;
  model.partition_bytes = static_cast<std::uint32_t>(parts_.partition.partition_bytes());
  if (!has_model_) return model;
  model.bytes = static_cast<std::uint32_t>(parts_.partition.model().size());
  model.crc32 = {device::crc32(parts_.partition.model())};
  model.height = info().input.height;
  model.width = info().input.width;
  model.channels = info().input.channels;
  model.input_bits = 8 * static_cast<std::int32_t>(bytes_of(info().input.type));
  model.input_exponent = info().input.exponent;
  model.classes = info().output.channels;
  model.output_bits = 8 * static_cast<std::int32_t>(bytes_of(info().output.type));
  model.output_exponent = info().output.exponent;
  model.tests = info().tests;
  model.named = info().named;
  return model;
}

InferenceEngine* Classifier::first_ready_engine() const {
  for (InferenceEngine* engine : parts_.engines)
    if (engine->is_ready()) return engine;
  return nullptr;
}

device::EngineState Classifier::describe(const InferenceEngine& engine) const {
  return {.name = engine.name(),
          .ready = engine.is_ready(),
          .arena_bytes = static_cast<std::uint32_t>(engine.arena_bytes()),
          .memory = name_of(engine.place()),
          .kernels = engine.kernels(),
          .weights = engine.weights(),
          .problem = has_model_ ? engine.problem() : problem()};
}

std::size_t Classifier::picture_bytes() const {
  return std::max(info().input_bytes(), std::size_t{picture_pixels(info())});
}

std::span<std::uint8_t> Classifier::picture_memory() const {
  return {reinterpret_cast<std::uint8_t*>(pictures_.bytes().data()), pictures_.bytes().size()};
}

device::CommandReader::ImageSizes Classifier::image_sizes() const {
  if (!has_model_ || pictures_.bytes().size() < picture_bytes()) return {};
  const std::uint32_t bytes = picture_pixels(info());
  return {.gray = info().picture().is_color() ? 0 : bytes,
          .rgb = info().picture().is_color() ? bytes : 0,
          .input = static_cast<std::uint32_t>(info().input_bytes())};
}

void Classifier::picture_came(device::ImageKind kind) {
  picture_ = kind == device::ImageKind::kInput ? Picture::kInput : Picture::kPixels;
}

PictureInMemory Classifier::picture() const {
  if (picture_ != Picture::kPixels) return {};
  const device::PictureShape shape = info().picture();
  return {.format = {.width = shape.width,
                     .height = shape.height,
                     .pixels = shape.is_color() ? device::PixelFormat::kRgb888 : device::PixelFormat::kGray8},
          .pixels = picture_memory().data()};
}

bool Classifier::take_picture() {
  const std::size_t bytes = picture_pixels(info());
  if (bytes == 0 || picture_memory().size() < bytes) return false;
  picture_ = parts_.camera.take(picture_memory().first(bytes)) ? Picture::kPixels : Picture::kNone;
  picture_us_ = esp_timer_get_time();
  return has_picture();
}

void Classifier::Inference::operator()() {
  const std::int64_t start = esp_timer_get_time();
  good = engine->run();
  us = static_cast<std::uint32_t>(esp_timer_get_time() - start);
}

bool Classifier::begin(InferenceEngine& engine) {
  const std::span<std::byte> input = engine.input().first(info().input_bytes());
  if (picture_ == Picture::kInput) {
    std::memcpy(input.data(), pictures_.bytes().data(), input.size());
  } else {
    const std::span<const std::uint8_t> pixels = picture_memory().first(picture_pixels(info()));
    if (device::prepare(pixels, info().input, info().rule, input) != device::Status::kOk) return false;
  }
  parts_.moments.before_inference = measure_memory("before_inference");
  inference_ = {.engine = &engine};
  parts_.inference.begin(inference_);
  return true;
}

bool Classifier::end(std::uint32_t& us) {
  parts_.moments.after_inference = measure_memory("after_inference");
  us = inference_.us;
  return inference_.good;
}

int Classifier::best_class(const InferenceEngine& engine) {
  const device::TensorInfo& output = info().output;
  const auto classes = static_cast<std::size_t>(output.channels);
  const std::span<device::Probability> all(probabilities_, classes);
  if (device::probabilities(engine.output(), output.type, output.exponent, all) != device::Status::kOk)
    return 0;
  int best = 0;
  for (int i = 1; i < output.channels; ++i)
    if (score_of(engine.output(), output.type, i) > score_of(engine.output(), output.type, best)) best = i;
  return best;
}

std::span<const device::Probability> Classifier::probabilities() const {
  return {probabilities_, static_cast<std::size_t>(info().output.channels)};
}

void Classifier::begin_row() {
  row_ = 0;
  smoothing_.begin(decision_, info().output.channels, info().classes.none());
}

device::Frame Classifier::next_in_row(const InferenceEngine& engine, std::uint32_t us) {
  const int best = best_class(engine);
  device::Frame frame{.number = ++row_,
                      .us = us,
                      .percent = {device::hundredths_of_percent(probabilities_[best])},
                      .label = info().classes[best]};
  const int shown = smoothing_.push(probabilities());
  frame.shown = info().classes[shown];
  if (parts_.gestures != nullptr) parts_.gestures->shown(shown, frame.shown);
  return frame;
}

}  // namespace mudra::firmware
