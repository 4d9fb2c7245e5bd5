// What a person or program says to a board, over a serial line of text (line.hpp); what it answers is in
// replies.hpp.
//
//   help                        what can be said
//   info                        board, model, labels, engines
//   mem                         memory now and at the moments that were noted
//   run                         classifies the camera's next picture or, without a camera, the last one sent
//   image KIND BYTES CRC32      takes a picture and classifies it (below)
//   bench N                     N inferences (1 to kMaxBenchRuns) of each engine on the last picture
//   selftest                    the model file's recorded inputs through each engine, byte for byte
//   stream on|off [pictures]    classifies the camera's pictures one after another, and sends them
//   snap [camera]               sends the picture that the network saw last, or the camera's own
//   model BYTES CRC32           announces a model for the slot that is not used (below)
//   block OFFSET BYTES CRC32    takes a part of it
//   use                         tests the model that was sent, and uses it from now on
//   stats                       of the stream since it began: pictures, rate, latencies; lines nobody took
//   baud N                      the line's rate from then on, 115200 to kMostBaudRate (below)
//
// A program ends what it says in a tag and a checksum ("bench 100 #7 ~0513") and begins with an empty line,
// which also ends a picture that another program left unfinished. Every command gets any number of lines and
// then exactly one `ok COMMAND ...` or `error COMMAND code=... text=...`, all with its tag. Other lines, such
// as the log of the board's system, have no checksum.
//
// A picture: `image gray 9216 5f3a0c11` announces 96 x 96 gray pixels, row by row; `image rgb ...` red, green
// and blue of each pixel; as many of them as the `model` of `info` says (picture_shape.hpp). `image input
// ...`: the integers of the model's input as they lie in memory, little endian. The board answers `ready`.
// Then come the bytes in lines of ":", base64 of at most kDataBytes bytes, and a checksum. With the last byte
// the CRC-32 of all is compared and the picture classified. A line that is damaged, a line that is no data,
// or silence for kTransferTimeoutMs end the picture with an error, and the rest of its data lines is passed
// over.
//
// A picture of the board's own is told by a `picture` line, with its sizes and CRC-32, and comes in the same
// data lines, each full but the last and with the command's tag. `snap` sends the last one, or the camera's
// next if there is none yet; `snap camera` the whole frame of the camera, before anything is cut or resized.
// Of `stream on pictures` each stands before its `frame`, and a `score` for each class between them.
//
// A model (model_slots.hpp): `model 45712 5f3a0c11` announces an .espdl with what is packed behind it and is
// answered by a `transfer`, whose offset says from which byte on it is wanted: not 0 when the same model was
// announced since the board's start, and part of it came. Then come blocks, in order, each of kBlockBytes,
// the last of what is left: `block 0 4096 91b2c3d4`, `ready`, data lines as of a picture, `ok block` once it
// is in flash; a block that was damaged gets an error and is sent again. `use` compares the CRC-32 of all in
// flash, loads the model, runs its recorded inputs, and only then notes that it is the one to be used.
// Whatever fails, the board goes on with the model it had.
//
// A rate: `baud 1000000` is answered at the rate that was, and obeyed. If no checked command comes at the new
// one within kBaudConfirmMs, such as the same again, or nothing at all for kBaudSilenceMs later on - an empty
// line is enough - or bytes that are no text, the board is back at kBaudRate. USB has no rate: there it is
// answered, and nothing changes.
//
// A board may have two such lines. A picture or model on its way, a bench, a stream and a snap belong to the
// one that began them: `help`, `info`, `mem`, `stats` and `baud` are answered on the other meanwhile, a
// command that needs the engines ends a bench, stream or snap there and is refused (`busy`) while a picture
// comes.
//
// While a board works, it sends a line at least every kMaxSilenceMs (`progress`); a `bench`, `stream` or
// `snap` ends when another command comes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "mudra/device/line.hpp"

namespace mudra::device {

inline constexpr int kBaudRate = 115200;  // after a start, and whenever another has not held
inline constexpr int kMostBaudRate = 2'000'000;
inline constexpr int kBaudConfirmMs = 1500;
inline constexpr int kBaudSilenceMs = 3000;
inline constexpr int kTransferTimeoutMs = 2000;
inline constexpr int kMaxSilenceMs = 1000;
inline constexpr std::uint32_t kMaxBenchRuns = 1'000'000;
inline constexpr std::size_t kDataBytes = 144;      // of a picture or block in one line
inline constexpr std::uint32_t kBlockBytes = 4096;  // of a model: a sector of flash

enum class Verb : std::uint8_t {
  kHelp,
  kInfo,
  kMem,
  kRun,
  kImage,
  kBench,
  kSelftest,
  kStream,
  kSnap,
  kModel,
  kBlock,
  kUse,
  kStats,
  kBaud
};
inline constexpr int kVerbs = 14;

std::string_view name_of(Verb verb);       // "bench"
std::string_view arguments_of(Verb verb);  // "N"; "" for none
std::string_view describe(Verb verb);      // for `help`: "N inferences of each engine on the last picture"

enum class ImageKind : std::uint8_t { kGray, kRgb, kInput };
inline constexpr int kImageKinds = 3;
std::string_view name_of(ImageKind kind);  // "gray", "rgb", "input"

struct Command {
  Verb verb = Verb::kHelp;
  std::uint16_t tag = 0;                  // to be repeated in every line of the reply; 0: none
  bool checked = false;                   // it had a checksum
  std::uint32_t runs = 0;                 // kBench
  std::int32_t rate = kBaudRate;          // kBaud
  bool on = false;                        // kStream
  bool pictures = false;                  // kStream that is on: the pictures, too
  bool camera = false;                    // kSnap: its own picture
  ImageKind image = ImageKind::kGray;     // kImage
  std::uint32_t bytes = 0, checksum = 0;  // kImage, kModel, kBlock: how many, and their CRC-32
  std::uint32_t offset = 0;               // kBlock: in the model
};

// Why something was not done: the `code` of an `error` line.
enum class Refusal : std::uint8_t {
  kLine,  // a line that is too long, noisy, damaged or malformed
  kUnknownCommand,
  kBadArgument,    // an argument is missing, wrong or too much
  kImageSize,      // the model takes pictures of another size
  kImageData,      // a data line was damaged; this and the next three also of a block
  kImageCut,       // something else came before the last byte
  kImageTimeout,   // nothing came any more
  kImageChecksum,  // all bytes came, and not the ones announced
  kStrayData,      // data that was not announced: the board was reset, or the picture refused
  // What only the firmware can know
  kNoPicture,    // `run`, `bench` or `snap` before any picture
  kNoCamera,     // `stream on` or `snap camera` without a camera
  kNoModel,      // no model, or none that can be run
  kNoMemory,     // an engine was left out because it does not fit
  kEngine,       // an engine failed
  kSelftest,     // an output differs
  kInterrupted,  // another command came
  kBusy,         // another socket of the board is sending a picture
  // Of a model that is sent
  kModelSize,      // it does not fit a slot, or there is none
  kModelBlock,     // another block is wanted, or `use` came too early; `model` says where to go on
  kModelChecksum,  // what is in the flash is not what was announced
  kFlash,          // the flash does not keep what is written to it
};

std::string_view name_of(Refusal refusal);   // "image_checksum"
std::string_view describe(Refusal refusal);  // "the picture is damaged: its checksum is wrong"

// The board's end: bytes as they come, commands and pictures out of them.
//
//   CommandReader reader(picture_memory, {.gray = 9216, .input = 9216});
//   switch (reader.push(byte)) {
//     case CommandReader::Event::kNone:    break;
//     case CommandReader::Event::kReady:   send Ready with reader.command().tag; break;
//     case CommandReader::Event::kCommand: do reader.command(); of kImage and kBlock, reader.data(); break;
//     case CommandReader::Event::kRefused: send Failure from reader.refusal(), with reader.command().tag;
//     break;
//   }
class CommandReader {
 public:
  enum class Event : std::uint8_t { kNone, kReady, kCommand, kRefused };

  // Bytes of each kind of picture; 0: not taken.
  struct ImageSizes {
    std::uint32_t gray = 0, rgb = 0, input = 0;
  };

  // Pictures arrive in `memory`, which holds the larger kind and outlives the reader.
  CommandReader(std::span<std::uint8_t> memory, ImageSizes sizes) : memory_(memory), sizes_(sizes) {}

  Event push(char byte);

  // After kReady of a kBlock: its data arrives in `memory`, of at least command().bytes, which is given back
  // with the next event. Without this the data is passed over.
  void receive_block(std::span<std::uint8_t> memory);

  // Whether data is being received: if nothing comes for kTransferTimeoutMs, call give_up().
  bool receiving() const { return receiving_; }
  Event give_up(Refusal why = Refusal::kImageTimeout);

  // Of the last event but kNone.
  const Command& command() const { return command_; }
  Refusal refusal() const { return refusal_; }
  // Which command was refused, "line" for what is none: the COMMAND of `error COMMAND`.
  std::string_view refused() const { return refused_; }
  // What describe(refusal()) leaves open: where it went wrong, such as "4176 of 9216 bytes came". May be
  // empty.
  std::string_view detail() const { return {detail_, detail_size_}; }

  // After kCommand of a kImage the whole picture, until the next one or a block is announced; of a kBlock the
  // block, until the next event.
  std::span<const std::uint8_t> data() const { return target_.first(received_); }

 private:
  Event refuse(Refusal refusal, std::string_view command);
  Event refuse_data(Refusal refusal);
  Event take_line(std::span<char> text);
  Event refuse_line(LineStatus status);
  Event take_command(const Line& line);
  Event take_data(const Line& line);
  Event announce_picture();
  Event announce_block();
  void say(std::string_view text);
  void say(std::uint32_t number);

  std::span<std::uint8_t> memory_, target_;  // of pictures; of what is received
  ImageSizes sizes_;
  LineReader lines_;
  Command command_;
  Refusal refusal_ = Refusal::kLine;
  std::string_view refused_ = "line";
  char detail_[80];
  std::size_t detail_size_ = 0;
  std::uint32_t received_ = 0;
  bool receiving_ = false;
  bool passes_over_data_ = false;  // of what has got its error
};

// The other end. The announcement of a picture or block, or any other command: send what end(command.tag)
// gives.
LineWriter command_line(const Command& command);

// One line of a picture or block: at most kDataBytes bytes. Send what end() gives.
LineWriter data_line(std::span<const std::uint8_t> bytes);

// The bytes of such a line, which came undamaged: how many, or -1 if it is none. `out` has room for
// kMostDataBytes.
inline constexpr std::size_t kMostDataBytes = kMaxLine / 4 * 3;
int data_in(const Line& line, std::uint8_t* out);
bool is_data(const Line& line);

}  // namespace mudra::device
