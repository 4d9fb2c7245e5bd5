// Whatever bytes come to a board, its reader stays within its memory and the line works afterwards; whatever
// line a program gets, every reply reads it or refuses it.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "mudra/device/protocol.hpp"
#include "mudra/device/replies.hpp"
#include "tests/fuzz/targets.hpp"

namespace mudra::fuzz {
namespace {

using namespace device;

constexpr std::uint32_t kGray = 300, kInput = 600;

void expect(bool promise) {
  if (!promise) std::abort();
}

// Anything that was parsed, said again, is parsed to the same.
void say_again(const Line& line) {
  LineWriter writer(line.kind.size() > 100 ? "kind" : line.kind);
  for (int i = 0; i < line.field_count; ++i)
    if (line.fields[i].value.size() < 40 && line.fields[i].key.size() < 40 && !line.fields[i].key.empty())
      writer.field(line.fields[i].key, line.fields[i].value);
  std::string text(writer.end(line.tag));
  text.resize(text.size() - 2);
  Line again;
  if (parse_line(text, again) != LineStatus::kOk) return;  // a kind or key that people can type and we do not
  expect(again.checked && again.tag == line.tag);
}

template <typename... Replies>
void read_all(const Line& line) {
  const auto read_one = [&]<typename Reply>(Reply reply) {
    if (read(line, reply)) (void)line_of(reply).end(line.tag);
  };
  (read_one(Replies{}), ...);
}

}  // namespace

void read_protocol(Bytes bytes) {
  std::vector<std::uint8_t> memory(kInput), block(kBlockBytes);
  CommandReader board(memory, {.gray = kGray, .rgb = kGray, .input = kInput});
  LineReader pc;
  for (const std::uint8_t unsigned_byte : bytes) {
    const char byte = static_cast<char>(unsigned_byte);
    const CommandReader::Event event = board.push(byte);
    // Every other block gets memory.
    if (event == CommandReader::Event::kReady && board.command().verb == Verb::kBlock &&
        board.command().tag % 2 == 0)
      board.receive_block(block);
    if (event == CommandReader::Event::kRefused)
      expect(!board.refused().empty() && !name_of(board.refusal()).empty() && board.detail().size() <= 80);
    expect(board.data().size() <= std::max<std::size_t>(memory.size(), block.size()));
    if (pc.push(byte) != LineReader::Step::kLine) continue;
    Line line;
    if (parse_line(pc.line(), line) != LineStatus::kOk) continue;
    say_again(line);
    read_all<Boot, Done, Failure, Ready, Progress, Usage, Board, Model, Decision, Label, EngineState, Camera,
             Memory, StackState, Score, Result, Latency, TestOutcome, Frame, Picture, Slot, Transfer>(line);
  }
  // An empty line ends whatever was open; then a command works.
  for (const char byte : std::string("\n\n")) (void)board.push(byte);
  int commands = 0;
  for (const char byte : std::string(command_line({.verb = Verb::kBench, .runs = 7}).end(3)))
    commands += board.push(byte) == CommandReader::Event::kCommand ? 1 : 0;
  expect(commands == 1 && board.command().runs == 7 && board.command().tag == 3);
}

}  // namespace mudra::fuzz
