// A model over the line into a board that a test scripts: whatever the board says and the line does, the
// model is there as a whole in the end, or an error says why not.
#include "mudra/deploy/transfer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>

#include "mudra/base/random.hpp"
#include "mudra/sim/packed_model.hpp"
#include "tests/deploy/pty_board.hpp"
#include "tests/firmware/gesture_model.hpp"
#include "tests/refusal.hpp"

namespace mudra::deploy {
namespace {

using device::Command;
using device::kBlockBytes;
using device::Refusal;
using device::Verb;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::size_t kBlocks = 4;
constexpr std::size_t kImageBytes = (kBlocks - 1) * kBlockBytes + 100;

const std::vector<std::uint8_t>& sent_image() {
  static const std::vector<std::uint8_t> image = [] {
    std::vector<std::uint8_t> bytes(kImageBytes);
    Random random(8);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random.bits());
    return bytes;
  }();
  return image;
}

// Takes a model as the firmware does, where `instead` does not answer.
class ModelBoard {
 public:
  // True: the command was dealt with.
  using Instead = std::function<bool(ModelBoard&, const Command&)>;

  explicit ModelBoard(
      Instead instead = [](ModelBoard&, const Command&) { return false; }, PtyBoard::Damage on_arrival = {},
      PtyBoard::Damage on_sending = {})
      : instead_(std::move(instead)),
        port([this](PtyBoard&, const Command& command) { take(command); }, std::move(on_arrival),
             std::move(on_sending)) {}

  void say_offset(const Command& command, std::size_t offset) {
    port.reply(device::Transfer{.slot = 1, .offset = static_cast<std::uint32_t>(offset)}, command.tag);
    port.done(command);
  }
  void refuse(const Command& command, Refusal why) {
    port.reply(device::Failure{.command = name_of(command.verb), .code = name_of(why), .text = describe(why)},
               command.tag);
  }
  void say_used(const Command& command, const device::Slot& slot) {
    port.reply(slot, command.tag);
    port.done(command);
  }
  device::Slot slot() const {
    return {.index = 1,
            .bytes = static_cast<std::uint32_t>(there.size()),
            .crc32 = {device::crc32(there)},
            .sequence = 1,
            .used = true};
  }
  // As when so many bytes came of the model that is announced.
  void has(const Command& command, std::size_t bytes) {
    announced_ = command;
    there.assign(sent_image().begin(), sent_image().begin() + static_cast<std::ptrdiff_t>(bytes));
  }
  // As after a start: what came before is not gone on with.
  void forget() {
    announced_ = {};
    there.clear();
  }
  int times(Verb verb) const {
    return static_cast<int>(
        std::ranges::count_if(asked, [&](const Command& command) { return command.verb == verb; }));
  }

  std::vector<std::uint8_t> there;  // of the model
  std::vector<Command> asked;       // that came undamaged, with their data

 private:
  void take(const Command& command) {
    asked.push_back(command);
    if (!instead_(*this, command)) obey(command);
  }

  void obey(const Command& command) {
    if (command.verb == Verb::kModel) {
      if (command.bytes != announced_.bytes || command.checksum != announced_.checksum) there.clear();
      announced_ = command;
      return say_offset(command, there.size());
    }
    if (command.verb == Verb::kBlock) {
      if (announced_.bytes == 0 || command.offset > there.size())
        return refuse(command, Refusal::kModelBlock);
      const std::vector<std::uint8_t> block = port.data();
      there.resize(command.offset);
      there.insert(there.end(), block.begin(), block.end());
      return port.done(command);
    }
    if (there.size() < announced_.bytes || announced_.bytes == 0)
      return refuse(command, Refusal::kModelBlock);
    if (device::crc32(there) != announced_.checksum) {
      forget();
      return refuse(command, Refusal::kModelChecksum);
    }
    say_used(command, slot());
  }

  Instead instead_;
  Command announced_;

 public:
  PtyBoard port;  // the last: it has a thread
};

Sent send_to(Client& client) { return send_model(client.board, sent_image()); }

bool has_all(const ModelBoard& board) { return board.there == sent_image(); }

// Why the model cannot be sent to a board with this script.
std::string refusal_of(ModelBoard::Instead instead) {
  ModelBoard board(std::move(instead));
  Client client(board.port.path(), milliseconds(200), milliseconds(200));
  return refusal([&] { send_to(client); });
}

// A script that is followed the first `times` that `verb` comes.
ModelBoard::Instead at_first(Verb verb, int times, std::function<void(ModelBoard&, const Command&)> script) {
  return [verb, times, script = std::move(script)](ModelBoard& board, const Command& command) {
    if (command.verb != verb || board.times(verb) > times) return false;
    script(board, command);
    return true;
  };
}

TEST(Transfer, brings_every_block_in_order_and_tells_how_far_it_is) {
  ModelBoard board;
  Client client(board.port.path());
  std::vector<std::size_t> told;
  const Sent sent = send_model(client.board, sent_image(), [&](std::size_t bytes) { told.push_back(bytes); });
  EXPECT_TRUE(has_all(board));
  EXPECT_EQ(sent.found, 0u);
  EXPECT_EQ(sent.blocks, kBlocks);
  EXPECT_EQ(sent.answer.one<device::Slot>().bytes, kImageBytes);
  EXPECT_THAT(told, ElementsAre(0, kBlockBytes, 2 * kBlockBytes, 3 * kBlockBytes, kImageBytes));
  EXPECT_THAT(client.told, IsEmpty());
}

TEST(Transfer, goes_on_where_the_board_says) {
  for (std::size_t blocks = 0; blocks <= kBlocks; ++blocks) {
    const std::size_t offset = std::min(blocks * kBlockBytes, kImageBytes);
    ModelBoard board(at_first(Verb::kModel, 1, [&](ModelBoard& self, const Command& command) {
      self.has(command, offset);
      self.say_offset(command, offset);
    }));
    Client client(board.port.path());
    const Sent sent = send_to(client);
    EXPECT_TRUE(has_all(board));
    EXPECT_EQ(sent.found, offset);
    EXPECT_EQ(sent.blocks, kBlocks - blocks);
    EXPECT_EQ(board.times(Verb::kModel), 1);
  }
}

TEST(Transfer, that_is_refused_ends_there_in_the_boards_words) {
  ModelBoard board([](ModelBoard& self, const Command& command) {
    self.refuse(command, Refusal::kModelSize);
    return true;
  });
  Client client(board.port.path());
  EXPECT_THAT(refusal([&] { send_to(client); }), EndsWith("the board says: there is no slot for the model"));
  EXPECT_THAT(board.asked, SizeIs(1));
}

TEST(Transfer, is_not_begun_at_an_offset_that_cannot_be) {
  int lies = 0;
  for (const std::size_t offset :
       {std::size_t{1}, std::size_t{4095}, std::size_t{kBlockBytes + 1}, kImageBytes - 1, kImageBytes + 1,
        kBlocks * kBlockBytes, std::size_t{1} << 31, std::size_t{0xFFFFFFFF}}) {
    ModelBoard board([&](ModelBoard& self, const Command& command) {
      self.say_offset(command, offset);
      return true;
    });
    Client client(board.port.path());
    EXPECT_EQ(refusal([&] { send_to(client); }),
              fmt::format("the board wants the model from byte {} of {} on", offset, kImageBytes));
    EXPECT_THAT(board.asked, SizeIs(1));
    ++lies;
  }
  std::printf("%d offsets that cannot be\n", lies);
}

// Of a board that says it has what it has not: `use` tells, and the model is announced anew.
TEST(Transfer, begins_anew_when_what_the_board_says_it_has_is_not_there) {
  const auto lie = [](ModelBoard& self, const Command& command) { self.say_offset(command, kBlockBytes); };
  ModelBoard once(at_first(Verb::kModel, 1, lie));
  Client client(once.port.path());
  EXPECT_EQ(send_to(client).found, kBlockBytes);
  EXPECT_TRUE(has_all(once));
  EXPECT_EQ(once.times(Verb::kModel), 2);

  ModelBoard always(at_first(Verb::kModel, 1000, lie));
  Client other(always.port.path());
  EXPECT_THAT(refusal([&] { send_to(other); }),
              EndsWith(fmt::format("(3 times, at most 0 of {} bytes)", kImageBytes)));
  EXPECT_EQ(always.times(Verb::kModel), 3);
}

TEST(Transfer, whose_checksum_is_wrong_in_the_end_is_repeated_as_often_and_no_more) {
  const auto wrong = [](ModelBoard& self, const Command& command) {
    self.forget();
    self.refuse(command, Refusal::kModelChecksum);
  };
  ModelBoard twice(at_first(Verb::kUse, 2, wrong));
  Client client(twice.port.path());
  EXPECT_EQ(send_to(client).blocks, 3 * kBlocks);
  EXPECT_TRUE(has_all(twice));

  ModelBoard always(at_first(Verb::kUse, 1000, wrong));
  Client other(always.port.path());
  EXPECT_THAT(refusal([&] { send_to(other); }),
              EndsWith(fmt::format("(3 times, at most {0} of {0} bytes)", kImageBytes)));
  EXPECT_EQ(always.times(Verb::kUse), 3);
}

// The text that begins the data of a block.
std::string data_of_block(std::size_t block) {
  const auto first = std::span(sent_image()).subspan(block * kBlockBytes, 100);
  return std::string(device::data_line(first).end().substr(0, 60));
}

TEST(Transfer, sends_a_damaged_block_again) {
  int damaged = 0;
  for (std::size_t block = 0; block < kBlocks; ++block)
    for (const std::string& mark : {data_of_block(block), fmt::format("block {} ", block * kBlockBytes)}) {
      ModelBoard board([](ModelBoard&, const Command&) { return false; }, damage(mark));
      Client client(board.port.path());
      EXPECT_EQ(send_to(client).blocks, kBlocks);
      EXPECT_TRUE(has_all(board));
      EXPECT_THAT(client.told, ElementsAre(EndsWith("; trying again")));
      ++damaged;
    }
  std::printf("%d blocks damaged once, in their data or announcement\n", damaged);
}

TEST(Transfer, of_a_block_that_arrives_damaged_again_and_again_is_given_up) {
  ModelBoard board([](ModelBoard&, const Command&) { return false; }, damage(data_of_block(2), 1000));
  Client client(board.port.path());
  EXPECT_THAT(refusal([&] { send_to(client); }), EndsWith("a line of the data is damaged (3 attempts)"));
  EXPECT_THAT(client.told, SizeIs(2));
  EXPECT_THAT(board.there, SizeIs(2 * kBlockBytes));
  EXPECT_EQ(board.times(Verb::kUse), 0);
}

TEST(Transfer, counts_a_block_once_whose_answer_got_lost) {
  ModelBoard board([](ModelBoard&, const Command&) { return false; }, {}, damage("ok blo"));
  Client client(board.port.path());
  EXPECT_EQ(send_to(client).blocks, kBlocks);
  EXPECT_TRUE(has_all(board));
  EXPECT_EQ(board.times(Verb::kBlock), static_cast<int>(kBlocks) + 1);
}

TEST(Transfer, ends_at_a_block_that_the_flash_does_not_keep) {
  ModelBoard board([](ModelBoard& self, const Command& command) {
    if (command.verb != Verb::kBlock || command.offset == 0) return false;
    self.refuse(command, Refusal::kFlash);
    return true;
  });
  Client client(board.port.path());
  EXPECT_THAT(refusal([&] { send_to(client); }), HasSubstr(std::string(describe(Refusal::kFlash))));
  EXPECT_EQ(board.times(Verb::kBlock), 2);
  EXPECT_EQ(board.times(Verb::kUse), 0);
}

TEST(Transfer, of_a_model_that_the_board_cannot_use_says_why_and_is_not_repeated) {
  for (const Refusal why : {Refusal::kSelftest, Refusal::kNoMemory, Refusal::kNoModel, Refusal::kFlash}) {
    ModelBoard board(at_first(Verb::kUse, 1, [&](ModelBoard& self, const Command& command) {
      self.port.reply(device::TestOutcome{.engine = "mudra", .index = 1}, command.tag);
      self.refuse(command, why);
    }));
    Client client(board.port.path());
    const Sent sent = send_to(client);
    EXPECT_EQ(sent.answer.refusal_code(), name_of(why));
    EXPECT_THAT(sent.answer.all<device::TestOutcome>(), SizeIs(1));
    EXPECT_THAT(board.asked, SizeIs(kBlocks + 2));
  }
}

TEST(Transfer, to_a_board_that_uses_another_model_in_the_end_is_an_error) {
  for (const auto& lie : std::vector<std::function<void(device::Slot&)>>{
           [](device::Slot& slot) { slot.used = false; }, [](device::Slot& slot) { ++slot.bytes; },
           [](device::Slot& slot) { slot.crc32.value ^= 1; }})
    EXPECT_THAT(refusal_of(at_first(Verb::kUse, 1,
                                    [&](ModelBoard& self, const Command& command) {
                                      device::Slot slot = self.slot();
                                      lie(slot);
                                      self.say_used(command, slot);
                                    })),
                EndsWith("which are not those that were sent"));
  EXPECT_THAT(refusal_of(at_first(Verb::kUse, 1,
                                  [](ModelBoard& self, const Command& command) { self.port.done(command); })),
              HasSubstr("no 'slot' line"));
  EXPECT_THAT(refusal_of(at_first(Verb::kModel, 1,
                                  [](ModelBoard& self, const Command& command) { self.port.done(command); })),
              HasSubstr("no 'transfer' line"));
}

TEST(Transfer, begins_anew_on_a_board_that_was_reset) {
  const auto reset = [](ModelBoard& self, const Command&) {
    self.forget();
    self.port.reset();
  };
  int resets = 0;
  for (int block = 1; block <= static_cast<int>(kBlocks); ++block, ++resets) {
    ModelBoard board([&](ModelBoard& self, const Command& command) {
      if (command.verb != Verb::kBlock || self.times(Verb::kBlock) != block) return false;
      reset(self, command);
      return true;
    });
    Client client(board.port.path());
    const Sent sent = send_to(client);
    EXPECT_TRUE(has_all(board));
    EXPECT_EQ(sent.blocks, kBlocks + static_cast<std::size_t>(block) - 1);
    EXPECT_EQ(board.times(Verb::kModel), 2);
    EXPECT_THAT(client.told, ElementsAre("the board was reset (external); trying again"));
  }
  ModelBoard in_the_end(at_first(Verb::kUse, 1, reset));
  Client client(in_the_end.port.path());
  EXPECT_EQ(send_to(client).blocks, 2 * kBlocks);
  EXPECT_TRUE(has_all(in_the_end));
  std::printf("reset at each of %d blocks, and in the end\n", resets);
}

// Each reset at another block, so that it gets further each time.
TEST(Transfer, goes_on_as_long_as_it_gets_further) {
  std::size_t furthest = 0;
  ModelBoard board([&](ModelBoard& self, const Command& command) {
    if (command.verb != Verb::kBlock || command.offset < furthest) return false;
    furthest = command.offset + 1;
    self.forget();
    self.port.reset();
    return true;
  });
  Client client(board.port.path());
  send_to(client);
  EXPECT_TRUE(has_all(board));
  EXPECT_EQ(board.times(Verb::kModel), static_cast<int>(kBlocks) + 1);

  EXPECT_THAT(refusal_of([](ModelBoard& self, const Command& command) {
                if (command.verb != Verb::kBlock) return false;
                self.forget();
                self.port.reset();
                return true;
              }),
              HasSubstr("the board was reset (external) (3 attempts)"));
}

TEST(Transfer, goes_on_after_the_plug_was_pulled) {
  for (const bool keeps : {true, false}) {
    ModelBoard board([&](ModelBoard& self, const Command& command) {
      if (command.verb != Verb::kBlock || self.times(Verb::kBlock) != 2) return false;
      self.port.unplug();
      if (!keeps) self.forget();
      std::this_thread::sleep_for(milliseconds(150));
      self.port.plug_in();
      return true;
    });
    Client client(board.port.path());
    EXPECT_EQ(send_to(client).blocks, keeps ? kBlocks : kBlocks + 1);
    EXPECT_TRUE(has_all(board));
    EXPECT_THAT(client.told, ElementsAre("the port vanished; trying again"));
  }
  EXPECT_THAT(refusal_of([](ModelBoard& self, const Command& command) {
                if (command.verb == Verb::kBlock) self.port.unplug();
                return command.verb == Verb::kBlock;
              }),
              EndsWith("the port vanished and did not come back within 0.2 s"));
}

TEST(Transfer, to_a_board_that_answers_nothing_is_given_up) {
  EXPECT_THAT(refusal_of([](ModelBoard&, const Command&) { return true; }),
              HasSubstr("no answer within 0.2 s; is it a board with mudra's firmware"));
  for (const Verb verb : {Verb::kBlock, Verb::kUse})
    EXPECT_THAT(refusal_of([&](ModelBoard&, const Command& command) { return command.verb == verb; }),
                AllOf(HasSubstr("no answer within 0.2 s"), EndsWith("(3 attempts)")));
}

// What a board answers to `info`.
Answer info_with(const std::string& engine, const std::vector<device::Slot>& slots) {
  Answer info;
  const auto add = [&](const auto& reply) {
    const std::string text(device::line_of(reply).end());
    info.add(text.substr(0, text.find('\r')));
  };
  add(device::Model{.bytes = 1000, .partition_bytes = 40960});
  for (const device::Slot& slot : slots) add(slot);
  add(device::EngineState{.name = engine});
  return info;
}

TEST(Transfer, has_its_weights_packed_where_the_engine_wants_them) {
  const auto file = firmware::gesture_file(firmware::Traces::kNone, 4, {.height = 32, .width = 32});
  const DeployModel model{.bytes = format::write_espdl(file), .file = file};
  EXPECT_EQ(image_for(model, info_with("esp-dl", {})), model.bytes);
  EXPECT_EQ(image_for(model, info_with("mudra", {})), sim::with_packed_weights(model.bytes));
}

TEST(Transfer, needs_a_slot_with_room) {
  const auto why = [](const std::vector<device::Slot>& slots) {
    return refusal([&] { check_room(info_with("mudra", slots), 16384); });
  };
  const device::Slot flashed{.index = 0, .room = 16384, .bytes = 16384, .used = true};
  EXPECT_EQ(why({flashed, {.index = 1, .room = 16384}}), "");
  EXPECT_THAT(why({}), HasSubstr("no slots for models in its partition of 40960 bytes"));
  EXPECT_THAT(why({{.room = 0}}), HasSubstr("no slots for models"));
  EXPECT_THAT(why({{.room = 16383}}), HasSubstr("it has 16384 bytes with its packed weights, a slot"));
  EXPECT_THAT(why({{.room = 16384, .bytes = 16385, .used = true}}),
              HasSubstr("reaches beyond its slot of 16384"));
}

}  // namespace
}  // namespace mudra::deploy
