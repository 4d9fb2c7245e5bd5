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

  // Where pictures that are sent go, and of how many bytes they are.
  std::span<std::uint8_t> picture_memory() const;
  device::CommandReader::ImageSizes image_sizes() const;

  bool has_picture() const { return picture_ != Picture::kNone; }
  // The last one, if it is one and not the network's integers.
  PictureInMemory picture() const;
  void forget_picture() { picture_ = Picture::kNone; }
  void picture_came(device::ImageKind kind);
  // The camera's next one. False: it gave none, or the model takes none.
  bool grab();

  // Runs the last picture; `us` is how long the inference took. Preconditions: there is one, and the engine
  // is ready.
  bool run(InferenceEngine& engine, std::uint32_t& us);
  // The class whose score is highest, the first of equals, after a run. Fills probabilities().
  int best_class(const InferenceEngine& engine);
  std::span<const device::Probability> probabilities() const;

  // A row of pictures through the first engine that is ready, smoothed.
  void begin_row();
  // The camera's next picture, classified. False: the camera gave none, which has_picture() tells, or the
  // engine gave up.
  bool next_in_row(device::Frame& frame);
  std::int64_t picture_us() const { return picture_us_; }  // when the camera's last picture came

 private:
  enum class Picture : std::uint8_t { kNone, kPixels, kInput };

  void take_model();
  std::size_t picture_bytes() const;  // of the model's input or picture, the larger

  Parts parts_;
  bool has_model_ = false;
  device::SmoothingRule decision_;
  Block pictures_;
  Picture picture_ = Picture::kNone;
  std::int64_t picture_us_ = 0;
  device::Probability probabilities_[device::kMaxClasses] = {};
  device::Smoothing smoothing_;
  std::uint32_t row_ = 0;  // pictures so far
};

}  // namespace mudra::firmware
