// What runs pictures: the model, the engines that have it, the last picture, and what a row of them shows.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "camera.hpp"
#include "gesture_events.hpp"
#include "inference_engine.hpp"
#include "memory.hpp"
#include "model_partition.hpp"
#include "mudra/device/probabilities.hpp"
#include "mudra/device/protocol.hpp"
#include "mudra/device/replies.hpp"
#include "mudra/device/smoothing.hpp"
#include "picture_in_memory.hpp"
#include "worker.hpp"

namespace mudra::firmware {

class Classifier {
 public:
  // All of it outlives the classifier.
  struct Parts {
    ModelPartition& partition;
    std::span<InferenceEngine* const> engines;
    Camera& camera;
    MemoryMoments& moments;
    device::SmoothingRule (*decision)(const device::ModelInfo& info);  // that a model's pictures obey
    Worker& inference;                                                 // the task that engines run in, alone
    GestureEvents* gestures = nullptr;                                 // told of what a row of pictures shows
  };

  explicit Classifier(const Parts& parts) : parts_(parts) {}

  // Opens the partition, the camera for its model's pictures, and loads every engine. What fails says so
  // itself, and the rest goes on.
  void load();
  // Takes the model at another place of the partition instead, or none. False: why_not() says what is missing
  // to run it, or no memory is left for pictures, or the camera is lost.
  bool change(ModelPartition::Place place);

  bool has_model() const { return has_model_; }
  std::string_view problem() const { return parts_.partition.problem(); }  // why there is no model
  ModelPartition& model() { return parts_.partition; }
  const device::ModelInfo& info() const { return parts_.partition.info(); }  // of no model: empty
  device::Model describe() const;
  const device::SmoothingRule& decision() const { return decision_; }

  std::span<InferenceEngine* const> engines() const { return parts_.engines; }
  InferenceEngine* first_ready_engine() const;
  // Why no engine is ready.
  struct Reason {
    device::Refusal refusal;
    std::string_view text;
  };
  Reason why_not() const;
  device::EngineState describe(const InferenceEngine& engine) const;
  Camera& camera() { return parts_.camera; }
  const Camera& camera() const { return parts_.camera; }
  // Of each task beside the one that asks.
  template <typename See>
  void for_each_stack(See&& see) const {
    if (parts_.inference.is_started()) see(parts_.inference.measure_stack());
    if (camera().worker().is_started()) see(camera().worker().measure_stack());
    if (parts_.gestures != nullptr && parts_.gestures->is_started()) see(parts_.gestures->measure_stack());
  }

  // Where pictures that are sent go, and of how many bytes they are.
  std::span<std::uint8_t> picture_memory() const;
  device::CommandReader::ImageSizes image_sizes() const;

  bool has_picture() const { return picture_ != Picture::kNone; }
  // The last one, if it is one and not the network's integers.
  PictureInMemory picture() const;
  void forget_picture() { picture_ = Picture::kNone; }
  void picture_came(device::ImageKind kind);
  // The one that came from the camera. False: none did, or the model takes none.
  bool take_picture();

  // Runs the last picture in the task of inference: until is_done(). False: it cannot be prepared, and
  // nothing was begun. Preconditions: there is one, and the engine is ready.
  bool begin(InferenceEngine& engine);
  // Waits up to `ms` for it.
  bool is_done(int ms) { return parts_.inference.wait(ms); }
  // How it went; `us` is how long the inference took. False: the engine gave up.
  bool end(std::uint32_t& us);
  // Something else with engines, waited for.
  template <typename Work>
  void in_inference_task(Work&& work) {
    parts_.inference.run(work);
  }
  // The class whose score is highest, the first of equals, after a run. Fills probabilities().
  int best_class(const InferenceEngine& engine);
  std::span<const device::Probability> probabilities() const;

  // A row of pictures through the first engine that is ready, smoothed.
  void begin_row();
  // The picture that was run, as the next of the row; it took `us`.
  device::Frame next_in_row(const InferenceEngine& engine, std::uint32_t us);
  // That were shown but found no room on their way to on_gesture().
  std::uint32_t gestures_dropped() const {
    return parts_.gestures == nullptr ? 0 : parts_.gestures->dropped();
  }
  std::int64_t picture_us() const { return picture_us_; }  // when the camera's last picture was taken

 private:
  enum class Picture : std::uint8_t { kNone, kPixels, kInput };

  // What the task of inference does with a picture.
  struct Inference {
    InferenceEngine* engine = nullptr;
    std::uint32_t us = 0;
    bool good = false;
    void operator()();
  };

  void take_model();
  std::size_t picture_bytes() const;  // of the model's input or picture, the larger

  Parts parts_;
  bool has_model_ = false;
  device::SmoothingRule decision_;
  Block pictures_;
  Inference inference_;
  Picture picture_ = Picture::kNone;
  std::int64_t picture_us_ = 0;
  device::Probability probabilities_[device::kMaxClasses] = {};
  device::Smoothing smoothing_;
  std::uint32_t row_ = 0;  // pictures so far
};

}  // namespace mudra::firmware
