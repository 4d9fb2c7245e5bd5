// What the console does while the camera's pictures run, one after another.
#include <algorithm>

#include "console.hpp"
#include "esp_timer.h"
#include "idle.hpp"

namespace mudra::firmware {
namespace {

// A camera that gives no picture is begun anew so often, for so long.
constexpr std::int64_t kCameraRetryUs = device::kMaxSilenceMs * 1000 / 2, kCameraLimitUs = 60'000'000;

}  // namespace

using device::Command;
using device::Refusal;

void Console::stream(Conversation& talk, const Command& command) {
  if (!command.on) return talk.done(command);
  if (!has_ready_engine(talk, command)) return;
  if (!classifier_.info().takes_pictures())
    return talk.fail(command, Refusal::kNoModel, "it takes no pictures");
  if (!has_camera(&talk)) return talk.fail(command, Refusal::kNoCamera, classifier_.camera().problem());
  streaming_ = &talk;
  stream_command_ = command;
  classifier_.begin_row();
  stream_us_ = frame_us_ = esp_timer_get_time();
  gone_us_ = 0;
  dropped_ = 0;
  stream_latencies_.clear();
  talk.done(command);
}

void Console::stream_picture() {
  if (gone_us_ != 0) return await_camera();
  Conversation& talk = *streaming_;
  const std::uint16_t tag = stream_command_.tag;
  if (!fetch_picture(&talk) || !classifier_.take_picture()) {
    if (held_.event != Event::kNone) return;
    ++dropped_;
    gone_us_ = esp_timer_get_time();
    told_camera_us_ = 0;
    return;
  }
  InferenceEngine& engine = *classifier_.first_ready_engine();
  std::uint32_t us = 0;
  if (!infer(engine, &talk, us)) {
    talk.fail(stream_command_, Refusal::kEngine);
    streaming_ = nullptr;
    return;
  }
  const device::Frame frame = classifier_.next_in_row(engine, us);
  if (stream_command_.pictures) {
    if (!tell_picture(classifier_.picture(), talk, tag)) return;
    tell_scores(engine, talk, tag);
  }
  talk.send(frame, tag);
  frame_us_ = esp_timer_get_time();
  stream_latencies_.add(static_cast<std::uint32_t>(frame_us_ - classifier_.picture_us()));
}

// Begins it anew, says again and again that it is gone, and then that it is back.
void Console::await_camera() {
  Camera& camera = classifier_.camera();
  const bool done = camera.wait(Worker::kTurnMs);
  const bool back = done && told_camera_us_ != 0 && camera.is_open();
  const std::int64_t now = esp_timer_get_time();
  if (!back && now - told_camera_us_ < kCameraRetryUs) return let_idle_task_run();
  if (done && !back) camera.ask_anew();
  told_camera_us_ = now;
  streaming_->send(device::Camera{.present = back, .sensor = camera.sensor()}, stream_command_.tag);
  if (back) gone_us_ = 0;
  if (back || now - gone_us_ < kCameraLimitUs) return;
  streaming_->fail(stream_command_, Refusal::kNoPicture, "the camera gave none any more");
  streaming_ = nullptr;
}

bool Console::streams_alone() const {
  return alone_ && esp_timer_get_time() - last_word_us_ >= kQuietUs &&
         classifier_.first_ready_engine() != nullptr && classifier_.camera().was_open() &&
         classifier_.info().takes_pictures() &&
         std::ranges::none_of(conversations_, &Conversation::receives);  // into the same memory
}

void Console::stream_alone() {
  if (!alone_in_row_) classifier_.begin_row();
  InferenceEngine& engine = *classifier_.first_ready_engine();
  std::uint32_t us = 0;
  alone_in_row_ = has_camera(nullptr) && fetch_picture(nullptr) && classifier_.take_picture() &&
                  infer(engine, nullptr, us);
  if (alone_in_row_) return static_cast<void>(classifier_.next_in_row(engine, us));
  if (held_.event != Event::kNone) return;
  last_word_us_ = esp_timer_get_time();  // as long as after a word, then again
}

void Console::stats(Conversation& talk, const Command& command) {
  const device::Latencies& times = stream_latencies_;
  const std::int64_t us = frame_us_ - stream_us_;
  const std::int64_t fps = us > 0 ? std::int64_t{times.count()} * 100'000'000 / us : 0;
  talk.send(device::Stats{.frames = times.count(),
                          .dropped = dropped_,
                          .gestures_dropped = classifier_.gestures_dropped(),
                          .fps = {static_cast<std::int32_t>(fps)},
                          .least_us = times.least(),
                          .median_us = times.percentile(50),
                          .p99_us = times.percentile(99),
                          .most_us = times.most()},
            command.tag);
  for (const Conversation& other : conversations_) talk.send(other.describe_port(), command.tag);
  talk.done(command);
}

}  // namespace mudra::firmware
