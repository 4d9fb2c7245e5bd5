#include "mudra/device/protocol.hpp"

namespace mudra::device {
namespace {

constexpr char kDataMark = ':';

constexpr char letter_of(std::uint32_t six_bits) {
  if (six_bits < 26) return static_cast<char>('A' + six_bits);
  if (six_bits < 52) return static_cast<char>('a' + (six_bits - 26));
  if (six_bits < 62) return static_cast<char>('0' + (six_bits - 52));
  return six_bits == 62 ? '+' : '/';
}

// 0 to 63, or -1.
constexpr int six_bits_of(char letter) {
  if (letter >= 'A' && letter <= 'Z') return letter - 'A';
  if (letter >= 'a' && letter <= 'z') return letter - 'a' + 26;
  if (letter >= '0' && letter <= '9') return letter - '0' + 52;
  if (letter == '+') return 62;
  return letter == '/' ? 63 : -1;
}

// RFC 4648, padded. `out` has room for the bytes of `base64`; -1 if that is none.
int decode_base64(std::string_view base64, std::uint8_t* out) {
  if (base64.empty() || base64.size() % 4 != 0) return -1;
  int size = 0;
  for (std::size_t i = 0; i < base64.size(); i += 4) {
    const bool last = i + 4 == base64.size();
    const int padding = !last || base64[i + 3] != '=' ? 0 : base64[i + 2] != '=' ? 1 : 2;
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const int six = static_cast<int>(k) >= 4 - padding ? 0 : six_bits_of(base64[i + k]);
      if (six < 0) return -1;
      bits = bits << 6 | static_cast<std::uint32_t>(six);
    }
    for (int k = 0; k < 3 - padding; ++k) out[size++] = static_cast<std::uint8_t>(bits >> (16 - 8 * k));
  }
  return size;
}

std::size_t encode_base64(std::span<const std::uint8_t> bytes, char* out) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = bytes.size() - i < 3 ? bytes.size() - i : 3;
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) bits = bits << 8 | (k < count ? bytes[i + k] : 0u);
    for (std::size_t k = 0; k < 4; ++k) out[size++] = k <= count ? letter_of(bits >> (18 - 6 * k) & 63) : '=';
  }
  return size;
}

bool verb_named(std::string_view name, Verb& verb) {
  for (int i = 0; i < kVerbs; ++i) {
    verb = static_cast<Verb>(i);
    if (name == name_of(verb)) return true;
  }
  return false;
}

bool image_kind_named(std::string_view name, ImageKind& kind) {
  for (int i = 0; i < kImageKinds; ++i) {
    kind = static_cast<ImageKind>(i);
    if (name == name_of(kind)) return true;
  }
  return false;
}

bool read_count(std::string_view text, std::uint32_t most, std::uint32_t& count) {
  std::int64_t value = 0;
  if (!parse_integer(text, value) || value < 1 || value > std::int64_t{most}) return false;
  count = static_cast<std::uint32_t>(value);
  return true;
}

// Of a block: blocks follow each other without gaps.
bool read_offset(std::string_view text, std::uint32_t& offset) {
  std::int64_t value = 0;
  if (!parse_integer(text, value) || value < 0 || value > std::int64_t{~0u} || value % kBlockBytes != 0)
    return false;
  offset = static_cast<std::uint32_t>(value);
  return true;
}

// Precondition: has_argument_count().
bool read_arguments(const Line& line, Command& command) {
  const auto argument = [&](int i) { return line.fields[i].value; };
  switch (command.verb) {
    case Verb::kBench:
      return read_count(argument(0), kMaxBenchRuns, command.runs);
    case Verb::kBaud: {
      std::uint32_t rate = 0;
      if (!read_count(argument(0), kMostBaudRate, rate) || rate < kBaudRate) return false;
      command.rate = static_cast<std::int32_t>(rate);
      return true;
    }
    case Verb::kStream:
      command.on = argument(0) == "on";
      command.pictures = line.field_count == 2;
      if (command.pictures) return command.on && argument(1) == "pictures";
      return command.on || argument(0) == "off";
    case Verb::kSnap:
      command.camera = line.field_count == 1;
      return !command.camera || argument(0) == "camera";
    case Verb::kImage:
      return image_kind_named(argument(0), command.image) && read_count(argument(1), ~0u, command.bytes) &&
             parse_hexadecimal(argument(2), command.checksum);
    case Verb::kModel:
      return read_count(argument(0), ~0u, command.bytes) && parse_hexadecimal(argument(1), command.checksum);
    case Verb::kBlock:
      return read_offset(argument(0), command.offset) &&
             read_count(argument(1), kBlockBytes, command.bytes) &&
             parse_hexadecimal(argument(2), command.checksum);
    default:
      return true;
  }
}

constexpr int least_arguments(Verb verb) {
  switch (verb) {
    case Verb::kImage:
    case Verb::kBlock:
      return 3;
    case Verb::kModel:
      return 2;
    case Verb::kBench:
    case Verb::kStream:
    case Verb::kBaud:
      return 1;
    default:
      return 0;
  }
}

constexpr bool has_argument_count(Verb verb, int count) {
  const int optional = verb == Verb::kStream || verb == Verb::kSnap ? 1 : 0;
  return count >= least_arguments(verb) && count <= least_arguments(verb) + optional;
}

}  // namespace

std::string_view name_of(Verb verb) {
  switch (verb) {
    case Verb::kHelp:
      return "help";
    case Verb::kInfo:
      return "info";
    case Verb::kMem:
      return "mem";
    case Verb::kRun:
      return "run";
    case Verb::kImage:
      return "image";
    case Verb::kBench:
      return "bench";
    case Verb::kSelftest:
      return "selftest";
    case Verb::kStream:
      return "stream";
    case Verb::kSnap:
      return "snap";
    case Verb::kModel:
      return "model";
    case Verb::kBlock:
      return "block";
    case Verb::kUse:
      return "use";
    case Verb::kStats:
      return "stats";
    case Verb::kBaud:
      return "baud";
  }
  return "";
}

std::string_view arguments_of(Verb verb) {
  switch (verb) {
    case Verb::kImage:
      return "gray|rgb|input BYTES CRC32";
    case Verb::kBench:
    case Verb::kBaud:
      return "N";
    case Verb::kStream:
      return "on|off [pictures]";
    case Verb::kSnap:
      return "[camera]";
    case Verb::kModel:
      return "BYTES CRC32";
    case Verb::kBlock:
      return "OFFSET BYTES CRC32";
    default:
      return "";
  }
}

std::string_view describe(Verb verb) {
  switch (verb) {
    case Verb::kHelp:
      return "what can be said";
    case Verb::kInfo:
      return "board, model, labels, engines";
    case Verb::kMem:
      return "memory now and at the moments that were noted";
    case Verb::kRun:
      return "classifies the camera's next picture, or the last one sent";
    case Verb::kImage:
      return "takes a picture, in base64 lines that begin with a colon, and classifies it";
    case Verb::kBench:
      return "times N inferences of each engine on the last picture";
    case Verb::kSelftest:
      return "the model file's recorded inputs through each engine, byte for byte";
    case Verb::kStream:
      return "classifies the camera's pictures one after another, and sends them";
    case Verb::kSnap:
      return "sends the picture that the network saw last, or the camera's own";
    case Verb::kModel:
      return "announces a model for the slot that is not used";
    case Verb::kBlock:
      return "takes a part of the announced model, in lines as of a picture";
    case Verb::kUse:
      return "tests the model that was sent, and uses it from now on";
    case Verb::kStats:
      return "the stream since it began: pictures, rate, latencies; and lines that nobody took";
    case Verb::kBaud:
      return "the line's rate, 115200 to 2000000; to be said again at it";
  }
  return "";
}

std::string_view name_of(ImageKind kind) {
  return kind == ImageKind::kGray ? "gray" : kind == ImageKind::kRgb ? "rgb" : "input";
}

std::string_view name_of(Refusal refusal) {
  switch (refusal) {
    case Refusal::kLine:
      return "line";
    case Refusal::kUnknownCommand:
      return "unknown_command";
    case Refusal::kBadArgument:
      return "bad_argument";
    case Refusal::kImageSize:
      return "image_size";
    case Refusal::kImageData:
      return "image_data";
    case Refusal::kImageCut:
      return "image_cut";
    case Refusal::kImageTimeout:
      return "image_timeout";
    case Refusal::kImageChecksum:
      return "image_checksum";
    case Refusal::kStrayData:
      return "stray_data";
    case Refusal::kNoPicture:
      return "no_picture";
    case Refusal::kNoCamera:
      return "no_camera";
    case Refusal::kNoModel:
      return "no_model";
    case Refusal::kNoMemory:
      return "no_memory";
    case Refusal::kEngine:
      return "engine";
    case Refusal::kSelftest:
      return "selftest";
    case Refusal::kInterrupted:
      return "interrupted";
    case Refusal::kBusy:
      return "busy";
    case Refusal::kModelSize:
      return "model_size";
    case Refusal::kModelBlock:
      return "model_block";
    case Refusal::kModelChecksum:
      return "model_checksum";
    case Refusal::kFlash:
      return "flash";
  }
  return "";
}

std::string_view describe(Refusal refusal) {
  switch (refusal) {
    case Refusal::kLine:
      return "the line cannot be read";
    case Refusal::kUnknownCommand:
      return "there is no such command; try help";
    case Refusal::kBadArgument:
      return "an argument is missing or wrong";
    case Refusal::kImageSize:
      return "the model takes pictures of another size";
    case Refusal::kImageData:
      return "a line of the data is damaged";
    case Refusal::kImageCut:
      return "the data was cut off by another line";
    case Refusal::kImageTimeout:
      return "the rest of the data did not come";
    case Refusal::kImageChecksum:
      return "the data is damaged: its checksum is wrong";
    case Refusal::kStrayData:
      return "data that was not announced";
    case Refusal::kNoPicture:
      return "there is no picture yet; send one";
    case Refusal::kNoCamera:
      return "there is no camera";
    case Refusal::kNoModel:
      return "there is no model that can be run";
    case Refusal::kNoMemory:
      return "there is not enough memory";
    case Refusal::kEngine:
      return "the engine failed";
    case Refusal::kSelftest:
      return "an output differs from the recorded one";
    case Refusal::kInterrupted:
      return "another command came";
    case Refusal::kBusy:
      return "a picture or model is coming over the board's other socket";
    case Refusal::kModelSize:
      return "there is no slot for the model";
    case Refusal::kModelBlock:
      return "another part of the model is wanted";
    case Refusal::kModelChecksum:
      return "the model in the flash is damaged: its checksum is wrong";
    case Refusal::kFlash:
      return "the flash does not keep what is written to it";
  }
  return "";
}

CommandReader::Event CommandReader::push(char byte) {
  switch (lines_.push(byte)) {
    case LineReader::Step::kMore:
      return Event::kNone;
    case LineReader::Step::kEmpty:
      return receiving_ ? refuse_data(Refusal::kImageCut) : Event::kNone;
    case LineReader::Step::kTooLong:
      return refuse_line(LineStatus::kTooLong);
    case LineReader::Step::kNoise:
      return refuse_line(LineStatus::kNoise);
    case LineReader::Step::kLine:
      return take_line(lines_.line());
  }
  return Event::kNone;
}

CommandReader::Event CommandReader::give_up(Refusal why) {
  return receiving_ ? refuse_data(why) : Event::kNone;
}

CommandReader::Event CommandReader::refuse(Refusal refusal, std::string_view command) {
  refusal_ = refusal;
  refused_ = command;
  return Event::kRefused;
}

CommandReader::Event CommandReader::refuse_data(Refusal refusal) {
  detail_size_ = 0;
  say(received_);
  say(" of ");
  say(command_.bytes);
  say(" bytes came");
  receiving_ = false;
  passes_over_data_ = true;
  received_ = 0;
  return refuse(refusal, name_of(command_.verb));
}

// While data is passed over, its damaged lines are too.
CommandReader::Event CommandReader::refuse_line(LineStatus status) {
  if (receiving_) return refuse_data(Refusal::kImageData);
  if (passes_over_data_) return Event::kNone;
  command_ = {};
  detail_size_ = 0;
  say(mudra::device::describe(status));
  return refuse(Refusal::kLine, "line");
}

CommandReader::Event CommandReader::take_line(std::span<char> text) {
  const bool is_data = text[0] == kDataMark;
  Line line;
  const LineStatus status = parse_line(text, line);
  if (is_data && passes_over_data_) return Event::kNone;
  if (status != LineStatus::kOk) return refuse_line(status);
  if (is_data && receiving_) return take_data(line);
  if (receiving_) return refuse_data(Refusal::kImageCut);
  if (!is_data) return take_command(line);
  command_ = {};
  detail_size_ = 0;
  passes_over_data_ = true;
  return refuse(Refusal::kStrayData, name_of(Verb::kImage));
}

CommandReader::Event CommandReader::take_command(const Line& line) {
  passes_over_data_ = false;
  detail_size_ = 0;
  Command command;
  command.tag = line.tag;
  command.checked = line.checked;
  const bool known = verb_named(line.kind, command.verb);
  command_ = command;
  if (!known) {
    say(line.kind);
    return refuse(Refusal::kUnknownCommand, "line");
  }
  if (!has_argument_count(command.verb, line.field_count) || !read_arguments(line, command_)) {
    say(name_of(command.verb));
    say(" ");
    say(arguments_of(command.verb));
    return refuse(Refusal::kBadArgument, name_of(command.verb));
  }
  if (command.verb == Verb::kImage) return announce_picture();
  return command.verb == Verb::kBlock ? announce_block() : Event::kCommand;
}

CommandReader::Event CommandReader::announce_block() {
  received_ = 0;
  passes_over_data_ = true;
  return Event::kReady;
}

void CommandReader::receive_block(std::span<std::uint8_t> memory) {
  target_ = memory;
  receiving_ = true;
  passes_over_data_ = false;
}

CommandReader::Event CommandReader::announce_picture() {
  const std::uint32_t wanted = command_.image == ImageKind::kGray  ? sizes_.gray
                               : command_.image == ImageKind::kRgb ? sizes_.rgb
                                                                   : sizes_.input;
  received_ = 0;
  if (command_.bytes != wanted || wanted > memory_.size()) {
    if (wanted == 0) {
      say("it takes none of this kind");
    } else {
      say("wanted are ");
      say(wanted);
      say(" bytes");
    }
    passes_over_data_ = true;
    return refuse(Refusal::kImageSize, name_of(Verb::kImage));
  }
  target_ = memory_;
  receiving_ = true;
  return Event::kReady;
}

CommandReader::Event CommandReader::take_data(const Line& line) {
  std::uint8_t bytes[kMostDataBytes];
  const int size = data_in(line, bytes);
  if (size < 0 || static_cast<std::uint32_t>(size) > command_.bytes - received_)
    return refuse_data(Refusal::kImageData);
  for (int i = 0; i < size; ++i) target_[received_++] = bytes[i];
  if (received_ < command_.bytes) return Event::kNone;
  if (crc32(data()) != command_.checksum) return refuse_data(Refusal::kImageChecksum);
  receiving_ = false;
  detail_size_ = 0;
  return Event::kCommand;
}

void CommandReader::say(std::string_view text) {
  for (const char byte : text)
    if (detail_size_ < sizeof detail_) detail_[detail_size_++] = byte;
}

void CommandReader::say(std::uint32_t number) {
  char digits[10];
  std::size_t first = sizeof digits;
  do digits[--first] = static_cast<char>('0' + number % 10);
  while ((number /= 10) > 0);
  say({digits + first, sizeof digits - first});
}

LineWriter command_line(const Command& command) {
  LineWriter line(name_of(command.verb));
  if (command.verb == Verb::kBench) line.value(std::int64_t{command.runs});
  if (command.verb == Verb::kBaud) line.value(std::int64_t{command.rate});
  if (command.verb == Verb::kStream) {
    line.value(command.on ? std::string_view("on") : std::string_view("off"));
    if (command.on && command.pictures) line.value(std::string_view("pictures"));
  }
  if (command.verb == Verb::kSnap && command.camera) line.value(std::string_view("camera"));
  if (command.verb == Verb::kImage)
    line.value(name_of(command.image)).value(std::int64_t{command.bytes}).hexadecimal({}, command.checksum);
  if (command.verb == Verb::kBlock) line.value(std::int64_t{command.offset});
  if (command.verb == Verb::kModel || command.verb == Verb::kBlock)
    line.value(std::int64_t{command.bytes}).hexadecimal({}, command.checksum);
  return line;
}

LineWriter data_line(std::span<const std::uint8_t> bytes) {
  char text[1 + kDataBytes / 3 * 4];
  text[0] = kDataMark;
  const std::size_t size =
      encode_base64(bytes.first(bytes.size() < kDataBytes ? bytes.size() : kDataBytes), text + 1);
  return LineWriter({text, 1 + size});
}

bool is_data(const Line& line) { return line.kind[0] == kDataMark; }

int data_in(const Line& line, std::uint8_t* out) {
  if (!is_data(line) || !line.checked || line.field_count != 0) return -1;
  return decode_base64({line.kind.data() + 1, line.kind.size() - 1}, out);
}

}  // namespace mudra::device
