// What a board answers (protocol.hpp): one struct per kind of line, written by the board and read by the PC
// from the same description. A text lies where it was written or parsed.
//
//   send(line_of(Score{.engine = "mudra", .index = 0, ...}).end(tag));        // the board
//   Score score; if (read(line, score)) ...                                  // the PC
#pragma once

#include <cstdint>
#include <string_view>

#include "mudra/device/reply_fields.hpp"

namespace mudra::device {

// Every struct has `kKind`, the line's first word, and fields(self, field), which calls field(key, member)
// for each member in the line's order. Texts that may be long come last.

// After every start, before anything else, without a tag: who did not ask for it knows of a reset.
struct Boot {
  static constexpr std::string_view kKind = "boot";
  std::string_view firmware = {};  // version
  std::string_view reset = {};     // "power_on", "software", "panic", "watchdog", "brownout", "external", ...

  static void fields(auto& self, auto&& field) {
    field("firmware", self.firmware);
    field("reset", self.reset);
  }
};

// The end of every reply that is good.
struct Done {
  static constexpr std::string_view kKind = "ok";
  std::string_view command = {};

  static void fields(auto& self, auto&& field) { field("", self.command); }
};

// The end of every other reply.
struct Failure {
  static constexpr std::string_view kKind = "error";
  std::string_view command = {};  // CommandReader::refused(), or the command's name
  std::string_view code = {};     // name_of(Refusal)
  std::string_view text = {};     // describe(Refusal), and figures behind ": "

  static void fields(auto& self, auto&& field) {
    field("", self.command);
    field("code", self.code);
    field("text", self.text);
  }
};

// To `image` and `block`: send the data.
struct Ready {
  static constexpr std::string_view kKind = "ready";
  std::uint32_t bytes = 0;

  static void fields(auto& self, auto&& field) { field("bytes", self.bytes); }
};

// At least every kMaxSilenceMs while a command takes its time.
struct Progress {
  static constexpr std::string_view kKind = "progress";
  std::uint32_t done = 0, total = 0;

  static void fields(auto& self, auto&& field) {
    field("done", self.done);
    field("total", self.total);
  }
};

// To `help`, one for each command.
struct Usage {
  static constexpr std::string_view kKind = "usage";
  std::string_view command = {}, arguments = {}, does = {};

  static void fields(auto& self, auto&& field) {
    field("command", self.command);
    field("arguments", self.arguments);
    field("does", self.does);
  }
};

// To `info`: one Board, Model, Camera, each Slot, of a model a Decision, each Label in order, each Engine
// there is.
struct Board {
  static constexpr std::string_view kKind = "board";
  std::string_view chip = {};      // "esp32s3", "linux"
  std::string_view revision = {};  // "v0.2"
  std::int32_t cores = 0, mhz = 0;
  std::uint32_t flash_bytes = 0, psram_bytes = 0;  // 0: none
  std::string_view idf = {}, firmware = {};        // versions
  std::string_view problem = {};                   // "no PSRAM is found; this board has 8 MB"

  static void fields(auto& self, auto&& field) {
    field("chip", self.chip);
    field("revision", self.revision);
    field("cores", self.cores);
    field("mhz", self.mhz);
    field("flash_bytes", self.flash_bytes);
    field("psram_bytes", self.psram_bytes);
    field("firmware", self.firmware);
    field("idf", self.idf);
    field("problem", self.problem);
  }
};

struct Model {
  static constexpr std::string_view kKind = "model";
  std::uint32_t bytes = 0;            // of the file in the partition
  Checksum crc32 = {};                // of these bytes
  std::uint32_t partition_bytes = 0;  // it may have
  std::int32_t height = 0, width = 0, channels = 0, input_bits = 0, input_exponent = 0;
  std::int32_t classes = 0, output_bits = 0, output_exponent = 0;
  std::int32_t tests = 0;  // recorded inputs
  bool named = false;      // whether the labels are the file's names: it may have none, or too long ones

  static void fields(auto& self, auto&& field) {
    field("bytes", self.bytes);
    field("crc32", self.crc32);
    field("partition_bytes", self.partition_bytes);
    field("height", self.height);
    field("width", self.width);
    field("channels", self.channels);
    field("input_bits", self.input_bits);
    field("input_exponent", self.input_exponent);
    field("classes", self.classes);
    field("output_bits", self.output_bits);
    field("output_exponent", self.output_exponent);
    field("tests", self.tests);
    field("named", self.named);
  }
};

// A place for a model (model_slots.hpp), also to `use`, of the one that is used then.
struct Slot {
  static constexpr std::string_view kKind = "slot";
  std::int32_t index = 0;
  std::uint32_t room = 0;      // bytes of the largest model that fits
  std::uint32_t bytes = 0;     // of what is in it, with what is packed behind the model; 0: nothing to use
  Checksum crc32 = {};         // of these
  std::uint32_t sequence = 0;  // 0: flashed
  bool used = false;

  static void fields(auto& self, auto&& field) {
    field("index", self.index);
    field("room", self.room);
    field("bytes", self.bytes);
    field("crc32", self.crc32);
    field("sequence", self.sequence);
    field("used", self.used);
  }
};

// To `model`: into which slot it goes, and how many of its bytes are there already.
struct Transfer {
  static constexpr std::string_view kKind = "transfer";
  std::int32_t slot = 0;
  std::uint32_t offset = 0;

  static void fields(auto& self, auto&& field) {
    field("slot", self.slot);
    field("offset", self.offset);
  }
};

// When a class is shown: SmoothingRule, the model's own or what the firmware was configured to.
struct Decision {
  static constexpr std::string_view kKind = "decision";
  std::int32_t pictures = 0;
  Hundredths enter = {}, leave = {};

  static void fields(auto& self, auto&& field) {
    field("pictures", self.pictures);
    field("enter", self.enter);
    field("leave", self.leave);
  }
};

struct Label {
  static constexpr std::string_view kKind = "label";
  std::int32_t index = 0;
  std::string_view name = {};

  static void fields(auto& self, auto&& field) {
    field("index", self.index);
    field("name", self.name);
  }
};

struct EngineState {
  static constexpr std::string_view kKind = "engine";
  std::string_view name = {};  // "mudra", "esp-dl"
  bool ready = false;
  std::uint32_t arena_bytes = 0;  // it has, or would need
  std::string_view memory = {};   // where: "internal", "psram"
  std::string_view kernels = {};  // "vector", "portable"; empty: the engine's own
  std::string_view weights = {};  // packed ones: in "ram" or "flash"; empty: there are none
  // Why it is not ready, "needs 311296 bytes in one piece, 270336 are free", or does not run the kernels that
  // it was made for, "the vector kernel 'add' computes wrong".
  std::string_view problem = {};

  static void fields(auto& self, auto&& field) {
    field("name", self.name);
    field("ready", self.ready);
    field("arena_bytes", self.arena_bytes);
    field("memory", self.memory);
    field("kernels", self.kernels);
    field("weights", self.weights);
    field("problem", self.problem);
  }
};

struct Camera {
  static constexpr std::string_view kKind = "camera";
  bool present = false;
  std::string_view sensor = {};

  static void fields(auto& self, auto&& field) {
    field("present", self.present);
    field("sensor", self.sensor);
  }
};

// To `mem`: bytes at each moment that was noted and now, then a StackState for each task.
struct Memory {
  static constexpr std::string_view kKind = "memory";
  std::string_view when = {};  // "boot", "loaded", "before_inference", "after_inference", "now"
  std::uint32_t internal_free = 0, internal_least = 0,
                internal_largest = 0;  // free, least ever, in one piece
  std::uint32_t psram_free = 0, psram_least = 0, psram_largest = 0;

  static void fields(auto& self, auto&& field) {
    field("when", self.when);
    field("internal_free", self.internal_free);
    field("internal_least", self.internal_least);
    field("internal_largest", self.internal_largest);
    field("psram_free", self.psram_free);
    field("psram_least", self.psram_least);
    field("psram_largest", self.psram_largest);
  }
};

struct StackState {
  static constexpr std::string_view kKind = "stack";
  std::uint32_t bytes = 0, least_free = 0;
  std::string_view task = {};

  static void fields(auto& self, auto&& field) {
    field("bytes", self.bytes);
    field("least_free", self.least_free);
    field("task", self.task);
  }
};

// To `run` and `image`: for each engine a Score for every class, in order, and then its Result.
struct Score {
  static constexpr std::string_view kKind = "score";
  std::string_view engine = {};
  std::int32_t index = 0;
  std::int32_t value = 0;   // the network's integer: logit = value * 2^exponent
  Hundredths percent = {};  // softmax
  std::string_view label = {};

  static void fields(auto& self, auto&& field) {
    field("engine", self.engine);
    field("index", self.index);
    field("value", self.value);
    field("percent", self.percent);
    field("label", self.label);
  }
};

struct Result {
  static constexpr std::string_view kKind = "result";
  std::string_view engine = {};
  std::int32_t index = 0;  // of the best class, the first of equals
  Hundredths percent = {};
  std::uint32_t us = 0;  // the inference took
  std::string_view label = {};

  static void fields(auto& self, auto&& field) {
    field("engine", self.engine);
    field("index", self.index);
    field("percent", self.percent);
    field("us", self.us);
    field("label", self.label);
  }
};

// To `bench`, for each engine.
struct Latency {
  static constexpr std::string_view kKind = "latency";
  std::string_view engine = {};
  std::uint32_t runs = 0;
  std::uint32_t least_us = 0, median_us = 0, p99_us = 0, most_us = 0, mean_us = 0;

  static void fields(auto& self, auto&& field) {
    field("engine", self.engine);
    field("runs", self.runs);
    field("least_us", self.least_us);
    field("median_us", self.median_us);
    field("p99_us", self.p99_us);
    field("most_us", self.most_us);
    field("mean_us", self.mean_us);
  }
};

// To `selftest`, for each engine and recorded input.
struct TestOutcome {
  static constexpr std::string_view kKind = "test";
  std::string_view engine = {};
  std::int32_t index = 0;
  bool passed = false;
  std::int32_t element = -1, got = 0, want = 0;  // the first output that differs
  std::string_view node = {};                    // the first node that differs, where that can be known

  static void fields(auto& self, auto&& field) {
    field("engine", self.engine);
    field("index", self.index);
    field("passed", self.passed);
    field("element", self.element);
    field("got", self.got);
    field("want", self.want);
    field("node", self.node);
  }
};

// While `stream` is on, with its tag, one for each picture of the camera; while that gives none, a Camera.
struct Frame {
  static constexpr std::string_view kKind = "frame";
  std::uint32_t number = 0;
  std::uint32_t us = 0;         // the inference took
  Hundredths percent = {};      // of `label`
  std::string_view label = {};  // the best class of this picture
  std::string_view shown = {};  // after smoothing, threshold and hysteresis; "none" when unsure

  static void fields(auto& self, auto&& field) {
    field("number", self.number);
    field("us", self.us);
    field("percent", self.percent);
    field("label", self.label);
    field("shown", self.shown);
  }
};

// Before the data lines of a picture that the board sends.
struct Picture {
  static constexpr std::string_view kKind = "picture";
  std::string_view kind = {};  // "gray", "rgb"
  std::int32_t height = 0, width = 0;
  std::uint32_t bytes = 0;  // height * width of gray, three times that of rgb
  Checksum crc32 = {};      // of them

  static void fields(auto& self, auto&& field) {
    field("kind", self.kind);
    field("height", self.height);
    field("width", self.width);
    field("bytes", self.bytes);
    field("crc32", self.crc32);
  }
};

// To `stats`, of the stream that is on or was last, and then a Port for each socket.
struct Stats {
  static constexpr std::string_view kKind = "stats";
  std::uint32_t frames = 0;
  std::uint32_t dropped = 0;           // pictures that the camera did not give
  std::uint32_t gestures_dropped = 0;  // since the start: on_gesture() was still busy with others
  Hundredths fps = {};                 // frames a second, from the begin to the last
  // From the camera's picture to its frame line.
  std::uint32_t least_us = 0, median_us = 0, p99_us = 0, most_us = 0;

  static void fields(auto& self, auto&& field) {
    field("frames", self.frames);
    field("dropped", self.dropped);
    field("gestures_dropped", self.gestures_dropped);
    field("fps", self.fps);
    field("least_us", self.least_us);
    field("median_us", self.median_us);
    field("p99_us", self.p99_us);
    field("most_us", self.most_us);
  }
};

struct Port {
  static constexpr std::string_view kKind = "port";
  std::string_view name = {};  // "uart", "usb"
  std::uint32_t untaken = 0;   // lines that no host took

  static void fields(auto& self, auto&& field) {
    field("name", self.name);
    field("untaken", self.untaken);
  }
};

}  // namespace mudra::device
