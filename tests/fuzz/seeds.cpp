#include "tests/fuzz/seeds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

#include "mudra/data/image.hpp"
#include "mudra/data/npz.hpp"
#include "mudra/device/protocol.hpp"
#include "mudra/device/replies.hpp"
#include "mudra/format/espdl.hpp"
#include "mudra/format/onnx.hpp"
#include "mudra/format/pth.hpp"
#include "mudra/format/tflite.hpp"
#include "mudra/sim/packed_model.hpp"
#include "mudra/train/checkpoint.hpp"
#include "tests/data/jpeg_files.hpp"
#include "tests/data/picture_files.hpp"
#include "tests/format/espdl_files.hpp"
#include "tests/format/pth_files.hpp"
#include "tests/graph/small_nets.hpp"

namespace mudra::fuzz {
namespace {

using Bytes = std::vector<std::uint8_t>;

data::Image gradient(int channels) {
  data::Image image{.width = 9, .height = 7, .channels = channels, .pixels = {}};
  for (int i = 0; i < image.width * image.height * channels; ++i)
    image.pixels.push_back(static_cast<std::uint8_t>(i * 5));
  return image;
}

// Both ends of a line: every command, a picture, and some answers.
Bytes conversation() {
  using namespace device;
  std::string text = "help\ninfo #1\nmem\nrun\nselftest\nstream on\nbench 5\n";
  const Bytes picture(300, 7);
  text += command_line({.verb = Verb::kImage, .bytes = 300, .checksum = crc32(picture)}).end(2);
  for (std::span<const std::uint8_t> rest(picture); !rest.empty();) {
    const auto part = rest.first(std::min(rest.size(), kDataBytes));
    text += data_line(part).end();
    rest = rest.subspan(part.size());
  }
  text += line_of(Score{.engine = "mudra", .percent = {9804}, .label = "thumb up"}).end(2);
  text += line_of(Failure{.command = "image", .code = "line", .text = "a \"b\" \x01"}).end(2);
  text += line_of(Model{}).end(2);
  return {text.begin(), text.end()};
}

// What decides a random network.
Bytes choices() {
  Bytes bytes;
  Random random(1);
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<std::uint8_t>(random.below(256)));
  return bytes;
}

// What lies behind a model.
Bytes packed_section() {
  const Bytes model = format::write_espdl(format::small_espdl()), file = sim::with_packed_weights(model);
  return {file.begin() + device::align_up(static_cast<std::uint32_t>(model.size())), file.end()};
}

// Loads, products, a loop, a branch and a store, behind the preprocessor.
Bytes assembly() {
  constexpr std::string_view kText = R"(# 1 "fuzz.S"
    .section .iram1, "ax"
    .align 4
    .global f
f:  entry a1, 2*16+16  /* a frame */
    ee.vld.128.ip q0, a2, 16; ee.ldqa.s8.128.ip a2, 1<<4
.Lagain:
    loopgtz a4, 1f     # to the store
    ee.vsmulas.s8.qacc.ld.incp q1, a2, q0, q0, 7
    ee.vmax.s8 q0, q0, q1
1:  ee.srcmb.s8.qacc q2, a4, 0
    ee.vst.128.ip q2, a3, -(8 - 24)
    addi a4, a4, -1
    bnez a4, .Lagain
    retw.n
    .size f, .-f
)";
  return {kText.begin(), kText.end()};
}

// As request_target.cpp reads one.
Bytes request(std::string_view path, std::string_view type, const std::string& body) {
  const std::string text = fmt::format("POST\n{}\n127.0.0.1:8000\nmudra_8000={}\n{}\n{}\n\n{}", path,
                                       std::string(32, 'a'), type, body.size(), body);
  return {text.begin(), text.end()};
}

std::vector<data::NpzArray> arrays() {
  return {{"images", {2, 3}, std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6}},
          {"labels", {2}, std::vector<std::int32_t>{0, 1}},
          {"scale", {}, std::vector<float>{0.5f}},
          {"names", {2}, std::vector<std::string>{"palm", "l"}}};
}

// After an epoch, in the middle of the next.
train::TrainingState begun_training() {
  train::TrainingState state = train::begin_training(checkpoint_config());
  state.epoch = 1;
  state.batches = 2;
  state.loss_sum = 1.5;
  state.correct = 3;
  state.history.push_back({.epoch = 1, .train_loss = 1, .train_accuracy = 0.5, .validation_loss = 1});
  state.average = {.steps = 1, .values = state.adam.first_moments};
  return state;
}

}  // namespace

train::TrainingConfig checkpoint_config() {
  return {.network = graph::light_gesture_net(
              {.classes = 2, .first_channels = 8, .expansion = 2, .blocks = {{8, 2}}}),
          .epochs = 2,
          .early_stopping = {},
          .targets = {}};
}

std::vector<Seed> make_seeds() {
  const graph::Graph net = graph::tiny_net(),
                     normalised = graph::random_net({8, 2, {8}, {{1}, graph::ActivationKind::kRelu6, 8}, 2});
  const auto images = graph::random_values(4 * 36, 0, 1, 1);
  const std::vector<std::uint8_t> picture = data::encode_png(gradient(1));
  return {
      {"pth", "small.pth", format::write_pth(format::small_state(), "{}")},
      {"npz", "small.npz", data::write_npz(arrays())},
      {"npz", "small.npy", data::write_npy(arrays()[0])},
      {"onnx", "tiny.onnx", format::write_onnx(net)},
      {"onnx", "normalised.onnx", format::write_onnx(normalised)},
      {"tflite", "tiny.tflite", format::write_tflite(format::tflite_of(net))},
      {"tflite", "tiny_int8.tflite", format::write_tflite(format::quantized_tflite_of(net, images))},
      {"espdl", "small.espdl", format::write_espdl(format::small_espdl())},
      {"request", "relabel.request",
       request("/api/relabel", "application/json",
               R"({"subject": "ana-1", "class": "palm", "file": "0001.png", "to": "fist"})")},
      {"request", "train.request",
       request("/api/command", "application/json",
               R"({"command": "train", "from": "rendered", "hands": 64})")},
      {"request", "picture.request",
       request("/api/import/ana-1/palm", "image/png", {picture.begin(), picture.end()})},
      {"image", "gray.png", data::encode_png(gradient(1))},
      {"image", "color.png", data::encode_png(gradient(3))},
      {"image", "gray.jpg", data::write_jpeg(gradient(1), JCS_GRAYSCALE, JCS_GRAYSCALE)},
      {"image", "color.webp", data::write_webp(gradient(3))},
      {"image", "palette.bmp",
       data::write_bmp({.width = 3, .height = -1, .bits = 4, .palette = {1, 2}, .rows = {{0x10, 0x10}}})},
      {"image", "masks.bmp",
       data::write_bmp({.width = 1,
                        .height = 2,
                        .bits = 16,
                        .compression = 3,
                        .masks = {0xf800, 0x07e0, 0x001f},
                        .rows = {{1, 2}, {3, 4}}})},
      {"protocol", "conversation", conversation()},
      {"graph", "choices", choices()},
      {"assembly", "kernel.s", assembly()},
      {"packed", "small.packed", packed_section()},
      {"kernels", "operation", choices()},
      {"checkpoint", "checkpoint.npz", train::checkpoint_bytes(begun_training(), kCheckpointConfiguration)}};
}

}  // namespace mudra::fuzz
