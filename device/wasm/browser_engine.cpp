// The engine for a browser or any other WebAssembly host: pictures in, the chip's integers out. It imports
// nothing and has no heap; studio/web/engine.js is its other side. Texts are at an address, with a length;
// what can fail returns a Status, 0 for success, that text() describes.
#include <hwy/highway.h>

#include "mudra/device/engine.hpp"

#include <algorithm>
#include <string_view>

#include "device/host/kernels-inl.h"
#include "mudra/device/model_info.hpp"
#include "mudra/device/probabilities.hpp"
#include "mudra/device/smoothing.hpp"

namespace mudra::device {
namespace {

constexpr std::size_t kMostModelBytes = 8 << 20, kMostArenaBytes = 4 << 20;

const Kernels kSimd = HWY_STATIC_DISPATCH(simd_kernels)();

alignas(64) std::uint8_t model[kMostModelBytes];
alignas(64) std::byte arena[kMostArenaBytes];
std::uint8_t row[kMaxImageSide * 4];  // red, green, blue and alpha of one of the camera's
std::uint8_t picture[kMaxPictureSide * kMaxPictureSide * 3];
std::uint16_t work[Resizer::kMostWorkWords];

Engine engine;
ModelView view;
ModelInfo info;
Resizer resizer;
Cut cut;
int next_row = 0;  // of the camera's picture
Smoothing smoothing;
Probability probability[kMaxClasses];

int number(Status status) { return static_cast<int>(status); }
std::size_t picture_bytes() { return info.picture().bytes(); }

}  // namespace
}  // namespace mudra::device

using namespace mudra::device;

#define EXPORT(name) extern "C" __attribute__((export_name(#name))) auto name

EXPORT(text)(int status)->const char* { return describe(static_cast<Status>(status)); }
EXPORT(text_bytes)(int status)->std::size_t { return std::string_view(text(status)).size(); }

// The model: its bytes go to model_at(), at most model_room() of them; then load(how many).
EXPORT(model_at)()->std::uint8_t* { return model; }
EXPORT(model_room)()->std::size_t { return kMostModelBytes; }
EXPORT(load)(std::size_t bytes, bool portable)->int {
  if (bytes > kMostModelBytes) return number(Status::kTruncated);
  const std::span file(model, bytes);
  Status status = view.open(file);
  if (status == Status::kOk) status = read_model_info(view, info);
  if (status == Status::kOk && !info.takes_pictures()) status = Status::kBadShape;
  if (status == Status::kOk) status = engine.prepare(file, arena, portable ? portable_kernels() : kSimd);
  smoothing.begin(info.decision, std::max(1, info.output.channels), info.classes.none());
  return number(status);
}

// What the model says of itself.
EXPORT(classes)()->int { return info.output.channels; }
EXPORT(class_at)(int index)->const char* { return info.classes[index].data(); }
EXPORT(class_bytes)(int index)->std::size_t { return info.classes[index].size(); }
EXPORT(none)()->int { return info.classes.none(); }  // the class that is never shown, or -1
EXPORT(height)()->int { return info.picture().height; }
EXPORT(width)()->int { return info.picture().width; }
EXPORT(channels)()->int { return info.picture().channels; }
EXPORT(exponent)()->int { return info.output.exponent; }  // a logit is score * 2^exponent
EXPORT(arena_bytes)()->std::size_t { return engine.arena_bytes(); }

// A picture, `width` x `height`: begin, then for each row 4 * width bytes (RGBA) to row_at() and push_row().
// Only its middle of the model's proportions is seen, as by the board's camera, or with `whole` all of it, as
// `mudra predict` sees a file. What the network gets is then at picture_at(), height x width x channels.
EXPORT(begin_picture)(int width, int height, bool whole)->int {
  if (width < 1 || width > kMaxImageSide || height < 1 || height > kMaxImageSide)
    return number(Status::kBadSize);
  cut = whole ? Cut{.width = width, .height = height} : middle_of(width, height, info.picture());
  next_row = 0;
  return number(resizer.begin({.width = cut.width, .height = cut.height, .pixels = PixelFormat::kRgb888},
                              info.picture(), std::span(picture, picture_bytes()), work));
}
EXPORT(row_at)()->std::uint8_t* { return row; }
EXPORT(push_row)()->int {
  const int y = next_row++ - cut.top;
  if (y < 0 || y >= cut.height) return number(Status::kOk);
  for (int x = 0; x < cut.width; ++x) std::copy_n(row + 4 * (cut.left + x), 3, row + 3 * x);
  return number(resizer.push_row(row));
}
EXPORT(picture_at)()->std::uint8_t* { return picture; }

// Classifies what is at picture_at(). Then: the scores, probabilities as shares of 2^30, and the class shown
// after this picture and those before it, or -1.
EXPORT(run)()->int {
  Status status = prepare(std::span(picture, picture_bytes()), info.input, info.rule, engine.input());
  if (status == Status::kOk) status = engine.run();
  if (status == Status::kOk)
    status = probabilities(engine.output(), info.output.type, info.output.exponent,
                           std::span(probability, static_cast<std::size_t>(info.output.channels)));
  return number(status);
}
EXPORT(score)(int index)->int { return score_of(engine.output(), info.output.type, index); }
EXPORT(probability_at)()->Probability* { return probability; }
EXPORT(show)()->int {
  return smoothing.push(std::span(probability, static_cast<std::size_t>(info.output.channels)));
}
EXPORT(smoothed_at)()->const Probability* { return smoothing.smoothed().data(); }

// When a class is shown: the model's rule, percentages in hundredths, and another in its place. False: none.
EXPORT(rule_pictures)()->int { return info.decision.pictures; }
EXPORT(rule_enter)()->int { return hundredths_of_percent(info.decision.enter); }
EXPORT(rule_leave)()->int { return hundredths_of_percent(info.decision.leave); }
EXPORT(begin_showing)(int pictures, int enter, int leave)->bool {
  const SmoothingRule rule{
      .pictures = pictures, .enter = probability_of(enter), .leave = probability_of(leave)};
  if (enter < 1 || leave < 1 || enter > 10000 || !is_rule(rule)) return false;
  smoothing.begin(rule, info.output.channels, info.classes.none());
  return true;
}
