// The conversation's two ends, and what happens to it on a bad line.
#include "mudra/device/protocol.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "mudra/device/replies.hpp"

namespace mudra::device {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Event = CommandReader::Event;

constexpr std::uint32_t kBytes = 1000;

Bytes picture() {
  Bytes bytes(kBytes);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{3});
  return bytes;
}

Command announcement() {
  const Bytes bytes = picture();
  return {.verb = Verb::kImage, .tag = 9, .bytes = kBytes, .checksum = crc32(bytes)};
}

std::vector<std::string> data_lines() {
  std::vector<std::string> lines;
  const Bytes bytes = picture();
  for (std::span<const std::uint8_t> rest(bytes); !rest.empty();) {
    const auto part = rest.first(std::min(rest.size(), kDataBytes));
    lines.emplace_back(data_line(part).end());
    rest = rest.subspan(part.size());
  }
  return lines;
}

// A board's end of the line; every event as a word.
class Reader {
 public:
  std::string say(std::string_view bytes) {
    std::string events;
    for (const char byte : bytes) events += word(reader_.push(byte));
    return events;
  }
  std::string give_up() { return word(reader_.give_up()); }
  void lend(std::span<std::uint8_t> memory) { reader_.receive_block(memory); }
  std::string announce() { return say(command_line(announcement()).end(9)); }
  const CommandReader& reader() const { return reader_; }
  Bytes received() const { return {reader_.data().begin(), reader_.data().end()}; }

 private:
  std::string word(Event event) const {
    switch (event) {
      case Event::kNone:
        return "";
      case Event::kReady:
        return "ready ";
      case Event::kCommand:
        return std::string(name_of(reader_.command().verb)) + " ";
      case Event::kRefused:
        return std::string(name_of(reader_.refusal())) + " ";
    }
    return "";
  }

  Bytes memory_ = Bytes(kBytes);
  CommandReader reader_{memory_, {.gray = kBytes, .input = 0}};
};

TEST(Protocol, commands_arrive_as_they_were_sent) {
  for (int i = 0; i < kVerbs; ++i) {
    const Command sent{.verb = static_cast<Verb>(i),
                       .tag = 77,
                       .runs = 1234,
                       .on = true,
                       .pictures = true,
                       .camera = true,
                       .bytes = kBytes,
                       .checksum = 5,
                       .offset = 3 * kBlockBytes};
    Reader reader;
    reader.say(command_line(sent).end(sent.tag));
    const Command& got = reader.reader().command();
    EXPECT_EQ(got.verb, sent.verb);
    EXPECT_EQ(got.tag, 77);
    EXPECT_EQ(got.runs, sent.verb == Verb::kBench ? 1234u : 0u);
    EXPECT_EQ(got.on, sent.verb == Verb::kStream);
    EXPECT_EQ(got.pictures, sent.verb == Verb::kStream);
    EXPECT_EQ(got.camera, sent.verb == Verb::kSnap);
    const bool is_data = sent.verb == Verb::kImage || sent.verb == Verb::kModel || sent.verb == Verb::kBlock;
    EXPECT_EQ(got.checksum, is_data ? 5u : 0u);
    EXPECT_EQ(got.bytes, is_data ? kBytes : 0u);
    EXPECT_EQ(got.offset, sent.verb == Verb::kBlock ? 3 * kBlockBytes : 0u);
  }
}

TEST(Protocol, commands_can_be_typed) {
  Reader reader;
  EXPECT_EQ(reader.say("help\rinfo\nmem\r\nrun\nbench 10\nselftest\nstream on\nstream on pictures\n"
                       "stream off\nsnap\nsnap camera\n\n"),
            "help info mem run bench selftest stream stream stream snap snap ");
  EXPECT_EQ(reader.say("image gray 1000 ABCD1234\n"), "ready ");
}

TEST(Protocol, pictures_arrive_as_they_were_sent) {
  Reader reader;
  EXPECT_EQ(reader.announce(), "ready ");
  std::string events;
  for (const std::string& line : data_lines()) events += reader.say(line);
  EXPECT_EQ(events, "image ");
  EXPECT_EQ(reader.received(), picture());
  EXPECT_EQ(reader.say("info\n"), "info ");
  EXPECT_EQ(reader.received(), picture());  // for `run`
}

TEST(Protocol, a_line_of_data_gives_its_bytes_and_no_other_line_does) {
  const auto data = [](std::string text, std::vector<std::uint8_t>& bytes) {
    Line line;
    EXPECT_EQ(parse_line(text, line), LineStatus::kOk);
    bytes.assign(kMostDataBytes, 0);
    return data_in(line, bytes.data());
  };
  const Bytes all = picture();
  Bytes got;
  for (const std::size_t size : {std::size_t{1}, std::size_t{2}, kDataBytes}) {
    const Bytes sent(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(size));
    LineWriter writer = data_line(sent);
    std::string text(writer.end(7));
    text.resize(text.size() - 2);
    ASSERT_EQ(data(text, got), static_cast<int>(size));
    got.resize(size);
    EXPECT_EQ(got, sent);
  }
  EXPECT_EQ(data(":AAAA", got), -1);  // no checksum
  for (const char* words : {"frame", ":", ":AAA", ":A?AA"}) {
    LineWriter writer(words);
    std::string text(writer.end());
    text.resize(text.size() - 2);
    EXPECT_EQ(data(text, got), -1) << words;
  }
}

TEST(Protocol, arguments_that_are_missing_wrong_or_too_many_are_refused) {
  Reader reader;
  for (const char* line : {"bench",
                           "bench 0",
                           "bench -1",
                           "bench 1000001",
                           "bench x",
                           "bench 1 2",
                           "info 1",
                           "stream",
                           "stream maybe",
                           "stream off pictures",
                           "stream on x",
                           "stream on pictures x",
                           "snap x",
                           "snap camera x",
                           "image",
                           "image gray 1000",
                           "image jpeg 1000 0",
                           "image gray x 0",
                           "image gray 1000 0x5",
                           "image gray 0 0",
                           "model",
                           "model 0 0",
                           "model 5",
                           "model x 0",
                           "model 5 0x",
                           "block 0 1",
                           "block -4096 1 0",
                           "block 1 1 0",
                           "block 4294967296 1 0",
                           "block 0 4097 0",
                           "block 0 0 0",
                           "use it"}) {
    EXPECT_EQ(reader.say(std::string(line) + "\n"), "bad_argument ") << line;
    EXPECT_EQ(reader.say("mem\n"), "mem ") << line;
  }
  EXPECT_EQ(reader.say("image gray 999 0\n"), "image_size ");
  EXPECT_EQ(reader.reader().detail(), "wanted are 1000 bytes");
  for (const char* other : {"input", "rgb"}) {
    EXPECT_EQ(reader.say(std::string("image ") + other + " 1000 0\n"), "image_size ");
    EXPECT_EQ(reader.reader().detail(), "it takes none of this kind");
  }
  EXPECT_EQ(reader.say("reboot\n"), "unknown_command ");
  EXPECT_EQ(reader.reader().refused(), "line");
}

TEST(Protocol, noise_and_damage_cost_the_line_they_are_on_and_no_other) {
  Reader reader;
  EXPECT_EQ(reader.say("\x80\xFF\x01\ninfo\n"), "line info ");
  EXPECT_EQ(reader.say("info ~0000\ninfo\n"), "line info ");
  EXPECT_EQ(reader.reader().command().tag, 0);
  EXPECT_EQ(reader.say(std::string(100'000, 'x') + "\ninfo\n"), "line info ");
  EXPECT_EQ(reader.say("info \"open\ninfo\n"), "line info ");
}

TEST(Protocol, a_damaged_data_line_ends_the_picture_with_one_message) {
  for (const std::size_t damaged : {std::size_t{0}, std::size_t{3}, std::size_t{6}}) {
    Reader reader;
    reader.announce();
    std::vector<std::string> lines = data_lines();
    lines[damaged][10] = lines[damaged][10] == 'A' ? 'B' : 'A';
    std::string events;
    for (const std::string& line : lines) events += reader.say(line);
    EXPECT_EQ(events, "image_data ");
    EXPECT_EQ(reader.reader().refused(), "image");
    EXPECT_EQ(reader.reader().command().tag, 9);
    EXPECT_EQ(reader.reader().detail(), std::to_string(damaged * kDataBytes) + " of 1000 bytes came");
    EXPECT_EQ(reader.say("info\n"), "info ");
  }
}

TEST(Protocol, two_data_lines_run_together_end_the_picture) {
  Reader reader;
  reader.announce();
  const std::vector<std::string> lines = data_lines();
  std::string events = reader.say(lines[0].substr(0, lines[0].size() - 2));
  for (std::size_t i = 1; i < lines.size(); ++i) events += reader.say(lines[i]);
  EXPECT_EQ(events, "image_data ");
  EXPECT_EQ(reader.say("info\n"), "info ");
}

TEST(Protocol, a_lost_data_line_ends_the_picture_when_nothing_more_comes) {
  Reader reader;
  reader.announce();
  const std::vector<std::string> lines = data_lines();
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (i != 2) {
      EXPECT_EQ(reader.say(lines[i]), "");
    }
  ASSERT_TRUE(reader.reader().receiving());
  EXPECT_EQ(reader.give_up(), "image_timeout ");
  EXPECT_EQ(reader.reader().detail(), "856 of 1000 bytes came");
  EXPECT_FALSE(reader.reader().receiving());
  EXPECT_EQ(reader.give_up(), "");
  EXPECT_EQ(reader.say("info\n"), "info ");
}

TEST(Protocol, a_wrong_checksum_of_the_whole_picture_is_noticed) {
  Reader reader;
  Command command = announcement();
  command.checksum ^= 1;
  EXPECT_EQ(reader.say(command_line(command).end()), "ready ");
  std::string events;
  for (const std::string& line : data_lines()) events += reader.say(line);
  EXPECT_EQ(events, "image_checksum ");
  EXPECT_TRUE(reader.received().empty());
}

TEST(Protocol, another_line_or_an_empty_one_ends_an_unfinished_picture) {
  for (const char* line : {"info\n", "\n", "\r", "noise\n"}) {
    Reader reader;
    reader.announce();
    reader.say(data_lines()[0]);
    EXPECT_EQ(reader.say(line), "image_cut ");
    EXPECT_EQ(reader.reader().detail(), "144 of 1000 bytes came");
    EXPECT_EQ(reader.say(data_lines()[1]), "");
    EXPECT_EQ(reader.say("info\n"), "info ");
  }
}

TEST(Protocol, a_board_that_was_reset_in_mid_transfer_says_so_once) {
  Reader reader;  // what is left after the reset
  std::string events;
  const std::vector<std::string> lines = data_lines();
  events += reader.say(lines[3].substr(100));
  for (std::size_t i = 4; i < lines.size(); ++i) events += reader.say(lines[i]);
  EXPECT_EQ(events, "line stray_data ");
  EXPECT_EQ(reader.announce(), "ready ");
  events.clear();
  for (const std::string& line : lines) events += reader.say(line);
  EXPECT_EQ(events, "image ");
}

TEST(Protocol, more_data_than_announced_is_no_picture) {
  Bytes memory(4);
  CommandReader reader(memory, {.gray = 4});
  const auto say = [&](std::string_view bytes) {
    Event last = Event::kNone;
    for (const char byte : bytes)
      if (const Event event = reader.push(byte); event != Event::kNone) last = event;
    return last;
  };
  EXPECT_EQ(say("image gray 4 0\n"), Event::kReady);
  const Bytes five{1, 2, 3, 4, 5};
  EXPECT_EQ(say(data_line(five).end()), Event::kRefused);
  EXPECT_EQ(reader.refusal(), Refusal::kImageData);
}

TEST(Protocol, a_picture_larger_than_the_memory_for_it_is_refused) {
  Bytes memory(10);
  CommandReader reader(memory, {.gray = 11});
  Event last = Event::kNone;
  for (const char byte : std::string("image gray 11 0\n"))
    if (const Event event = reader.push(byte); event != Event::kNone) last = event;
  EXPECT_EQ(last, Event::kRefused);
  EXPECT_EQ(reader.refusal(), Refusal::kImageSize);
}

// As the firmware does it: memory is lent once a block was announced.
TEST(Protocol, blocks_arrive_in_the_memory_that_is_lent_for_them) {
  const Bytes bytes = picture();
  const Command block{
      .verb = Verb::kBlock, .tag = 9, .bytes = kBytes, .checksum = crc32(bytes), .offset = kBlockBytes};
  Bytes lent(kBlockBytes);
  Reader reader;
  EXPECT_EQ(reader.say(command_line(block).end(9)), "ready ");
  EXPECT_EQ(reader.reader().command().offset, kBlockBytes);
  reader.lend(lent);
  std::string events;
  for (const std::string& line : data_lines()) events += reader.say(line);
  EXPECT_EQ(events, "block ");
  EXPECT_EQ(reader.received(), bytes);

  EXPECT_EQ(reader.say(command_line(block).end(9)), "ready ");
  reader.lend(lent);
  EXPECT_EQ(reader.say(data_lines()[0]), "");
  EXPECT_EQ(reader.say("info\n"), "image_cut ");
  EXPECT_EQ(reader.reader().refused(), "block");
  EXPECT_EQ(reader.say("info\n"), "info ");

  EXPECT_EQ(reader.say(command_line(block).end(9)), "ready ");  // nothing is lent: there was no memory
  for (const std::string& line : data_lines()) EXPECT_EQ(reader.say(line), "");
  EXPECT_EQ(reader.say("info\n"), "info ");
}

TEST(Protocol, every_refusal_has_its_own_name_and_words) {
  std::vector<std::string_view> names, words;
  for (int i = 0; i <= static_cast<int>(Refusal::kFlash); ++i) {
    names.push_back(name_of(static_cast<Refusal>(i)));
    words.push_back(describe(static_cast<Refusal>(i)));
  }
  for (std::vector<std::string_view>* list : {&names, &words}) {
    std::ranges::sort(*list);
    EXPECT_EQ(std::ranges::adjacent_find(*list), list->end());
    EXPECT_FALSE(list->front().empty());
  }
}

// A reply as the PC gets it.
template <typename Reply>
bool arrives(const Reply& sent, Reply& got, std::string& text) {
  text = line_of(sent).end(5);
  text.resize(text.size() - 2);
  Line line;
  return parse_line(text, line) == LineStatus::kOk && line.tag == 5 && read(line, got);
}

TEST(Replies, arrive_as_they_were_sent) {
  std::string text;
  Score score;
  ASSERT_TRUE(arrives({.engine = "mudra", .index = 7, .value = -128, .percent = {1}, .label = "thumb up"},
                      score, text));
  EXPECT_EQ(score.engine, "mudra");
  EXPECT_EQ(score.index, 7);
  EXPECT_EQ(score.value, -128);
  EXPECT_EQ(score.percent.value, 1);
  EXPECT_EQ(score.label, "thumb up");

  Failure failure;
  ASSERT_TRUE(
      arrives({.command = "image", .code = name_of(Refusal::kImageCut), .text = "a: b"}, failure, text));
  EXPECT_EQ(failure.command, "image");
  EXPECT_EQ(failure.code, "image_cut");
  EXPECT_EQ(failure.text, "a: b");

  Model model;
  ASSERT_TRUE(arrives({.bytes = 4'000'000'000, .crc32 = {0xFFFFFFFF}, .input_exponent = -7}, model, text));
  EXPECT_EQ(model.bytes, 4'000'000'000);
  EXPECT_EQ(model.crc32.value, 0xFFFFFFFF);
  EXPECT_EQ(model.input_exponent, -7);

  EngineState engine;
  ASSERT_TRUE(arrives({.name = "esp-dl", .ready = true, .arena_bytes = 5}, engine, text));
  EXPECT_TRUE(engine.ready);
  EXPECT_EQ(engine.memory, "");
}

TEST(Replies, fit_a_line_with_the_largest_numbers) {
  constexpr std::uint32_t kMost = std::numeric_limits<std::uint32_t>::max();
  std::string text;
  Memory memory;
  EXPECT_TRUE(arrives({"after_inference", kMost, kMost, kMost, kMost, kMost, kMost}, memory, text)) << text;
  Model model;
  EXPECT_TRUE(arrives({kMost, {kMost}, kMost, 4096, 4096, 4096, 16, -128, 4096, 16, -128, 64}, model, text))
      << text;
  Latency latency;
  EXPECT_TRUE(arrives({"esp-dl", kMost, kMost, kMost, kMost, kMost, kMost}, latency, text)) << text;
  TestOutcome test;
  EXPECT_TRUE(arrives({.engine = "mudra", .node = std::string(200, 'x')}, test, text)) << text;
  EXPECT_GT(test.node.size(), 100u);
}

TEST(Replies, of_another_kind_damaged_or_incomplete_are_not_read) {
  const auto reads = [](std::string text) {
    Line line;
    Progress progress;
    return parse_line(text, line) == LineStatus::kOk && read(line, progress);
  };
  const auto sent = [](LineWriter writer) {
    const std::string_view line = writer.end();
    return std::string(line.substr(0, line.size() - 2));
  };
  EXPECT_TRUE(reads(sent(line_of(Progress{3, 10}))));
  EXPECT_TRUE(reads(sent(LineWriter("progress").field("done", 1).field("new", 5).field("total", 2))));
  EXPECT_FALSE(reads("progress done=3 total=10"));  // without a checksum
  EXPECT_FALSE(reads(sent(LineWriter("progress").field("done", 1))));
  EXPECT_FALSE(reads(sent(LineWriter("progress").field("done", 1).field("total", -1))));
  EXPECT_FALSE(reads(sent(LineWriter("progress").field("done", 1).field("total", 4'294'967'296))));
  EXPECT_FALSE(reads(sent(LineWriter("progres").field("done", 1).field("total", 2))));
}

TEST(Replies, hundredths_have_two_digits_behind_the_point) {
  std::int32_t value = 0;
  for (const auto& [text, want] : {std::pair("0.00", 0), {"100.00", 10000}, {"-0.05", -5}, {"98.04", 9804}}) {
    EXPECT_TRUE(reply::parse_hundredths(text, value)) << text;
    EXPECT_EQ(value, want);
  }
  for (const char* text : {"", ".00", "1", "1.0", "1.000", "1,00", "1.-1", "x.00", "99999999999.00"})
    EXPECT_FALSE(reply::parse_hundredths(text, value)) << text;
}

}  // namespace
}  // namespace mudra::device
