// A conversation over a line and with a board that fail in every way they can.
#include "mudra/deploy/board.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <numeric>

#include "mudra/deploy/port_talk.hpp"
#include "tests/deploy/foreign_talk.hpp"
#include "tests/deploy/pty_board.hpp"
#include "tests/refusal.hpp"

namespace mudra::deploy {
namespace {

using device::Command;
using device::Verb;
using std::chrono::milliseconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::uint8_t> picture() {
  std::vector<std::uint8_t> pixels(PtyBoard::kPictureBytes);
  std::iota(pixels.begin(), pixels.end(), std::uint8_t{0});
  return pixels;
}

// Answers `mem` with two lines and `image` with the sum of its bytes.
void answer(PtyBoard& board, const Command& command) {
  if (command.verb == Verb::kMem) {
    board.reply(device::Memory{.when = "boot", .internal_free = 5}, command.tag);
    board.reply(device::Memory{.when = "now", .internal_free = 4}, command.tag);
  }
  if (command.verb == Verb::kImage) {
    const auto got = board.data();
    board.reply(
        device::Result{.engine = "mudra", .us = std::accumulate(got.begin(), got.end(), 0u), .label = "x"},
        command.tag);
  }
  board.done(command);
}

std::uint32_t sum_of_picture() {
  const auto pixels = picture();
  return std::accumulate(pixels.begin(), pixels.end(), 0u);
}

TEST(Board, answers_with_its_lines) {
  PtyBoard board(answer);
  Client client(board.path());
  const Answer got = client.board.ask({.verb = Verb::kMem});
  const auto memory = got.all<device::Memory>();
  ASSERT_EQ(memory.size(), 2u);
  EXPECT_EQ(memory[0].when, "boot");
  EXPECT_EQ(memory[1].internal_free, 4u);
  EXPECT_THAT(refusal([&] { (void)got.one<device::Model>(); }), HasSubstr("no 'model' line"));
  EXPECT_THAT(client.told, IsEmpty());
}

TEST(Board, gets_pictures_as_they_are) {
  PtyBoard board(answer);
  Client client(board.path());
  const Answer got = client.board.classify(device::ImageKind::kGray, picture());
  EXPECT_EQ(got.one<device::Result>().us, sum_of_picture());
}

TEST(Board, may_log_between_its_answers) {
  PtyBoard board([](PtyBoard& self, const Command& command) {
    self.send("I (312) system: started\r\n\x1b[0;31mE (313) red\x1b[0m\r\n");
    self.reply(device::Memory{.when = "of another command"}, static_cast<std::uint16_t>(command.tag ^ 1));
    answer(self, command);
  });
  Client client(board.path());
  EXPECT_EQ(client.board.ask({.verb = Verb::kMem}).all<device::Memory>().size(), 2u);
  EXPECT_THAT(client.logged, Contains("I (312) system: started"));
  EXPECT_THAT(client.told, IsEmpty());
}

TEST(Board, refuses_in_its_own_words) {
  std::atomic<int> asked = 0;
  PtyBoard board([&](PtyBoard& self, const Command& command) {
    ++asked;
    self.reply(device::Failure{.command = "run", .code = "no_picture", .text = "there is no picture yet"},
               command.tag);
  });
  Client client(board.path());
  EXPECT_EQ(refusal([&] { (void)client.board.ask({.verb = Verb::kRun}); }),
            board.path().string() + ": the board says: there is no picture yet");
  EXPECT_EQ(asked, 1);
  EXPECT_THAT(client.board.try_ask({.verb = Verb::kRun}).refusal(), HasSubstr("no picture yet"));
}

TEST(Board, is_asked_again_when_its_answer_is_damaged) {
  PtyBoard board(answer, {}, damage("when=no"));
  Client client(board.path());
  EXPECT_EQ(client.board.ask({.verb = Verb::kMem}).all<device::Memory>().size(), 2u);
  EXPECT_THAT(client.told, ElementsAre("a line of the answer was damaged; trying again"));
}

TEST(Board, is_asked_again_when_the_end_of_its_answer_is_damaged) {
  PtyBoard board(answer, {}, damage("ok me"));
  Client client(board.path());
  EXPECT_EQ(client.board.ask({.verb = Verb::kMem}).all<device::Memory>().size(), 2u);
  EXPECT_THAT(client.told, ElementsAre(HasSubstr("no answer within 0.8 s")));
}

TEST(Board, is_asked_again_when_the_command_is_damaged) {
  PtyBoard board(answer, damage("mem #"));
  Client client(board.path());
  EXPECT_EQ(client.board.ask({.verb = Verb::kMem}).all<device::Memory>().size(), 2u);
  EXPECT_THAT(client.told, ElementsAre("the board says: the line cannot be read; trying again"));
}

TEST(Board, gets_a_picture_again_that_was_damaged_on_its_way) {
  PtyBoard board(answer, damage("\n:AAECAwQF"));
  Client client(board.path());
  EXPECT_EQ(client.board.classify(device::ImageKind::kGray, picture()).one<device::Result>().us,
            sum_of_picture());
  EXPECT_THAT(client.told, ElementsAre(HasSubstr("a line of the data is damaged; trying again")));
}

TEST(Board, gets_a_picture_again_when_it_was_reset_in_mid_transfer) {
  PtyBoard* self = nullptr;
  std::size_t received = 0;
  bool was_reset = false;
  PtyBoard board(answer, [&](std::string& bytes) {
    received += bytes.size();
    if (received < 5000 || was_reset) return;
    was_reset = true;
    bytes.clear();
    self->reset();
  });
  self = &board;
  Client client(board.path());
  EXPECT_EQ(client.board.classify(device::ImageKind::kGray, picture()).one<device::Result>().us,
            sum_of_picture());
  EXPECT_THAT(client.told, ElementsAre("the board was reset (external); trying again"));
}

TEST(Board, that_keeps_failing_is_given_up) {
  PtyBoard board([](PtyBoard& self, const Command&) { self.reset(); });
  Client client(board.path());
  EXPECT_EQ(refusal([&] { (void)client.board.ask({.verb = Verb::kInfo}); }),
            board.path().string() + ": the board was reset (external) (3 attempts)");
}

TEST(Board, that_says_nothing_is_told_from_one_that_works) {
  PtyBoard silent([](PtyBoard&, const Command&) {});
  Client client(silent.path());
  EXPECT_THAT(refusal([&] { (void)client.board.ask({.verb = Verb::kInfo}); }),
              HasSubstr("no answer within 0.8 s; is it a board with mudra's firmware"));

  PtyBoard busy([](PtyBoard& self, const Command& command) {
    for (std::uint32_t done = 0; done < 4; ++done) {
      std::this_thread::sleep_for(kSilence / 2);
      self.reply(device::Progress{done, 4}, command.tag);
    }
    self.done(command);
  });
  Client patient(busy.path());
  EXPECT_EQ(patient.board.ask({.verb = Verb::kBench, .runs = 4}).all<device::Progress>().size(), 4u);
}

// Says something over and over, whatever it is asked, on a thread of its own.
class Talker {
 public:
  explicit Talker(std::string bytes) : board_([](PtyBoard&, const Command&) {}), bytes_(std::move(bytes)) {
    thread_ = std::jthread([this](const std::stop_token& stop) {
      for (; !stop.stop_requested(); std::this_thread::sleep_for(milliseconds(10))) board_.send(bytes_);
    });
  }
  std::filesystem::path path() const { return board_.path(); }

 private:
  PtyBoard board_;
  std::string bytes_;
  std::jthread thread_;
};

TEST(Board, that_is_none_is_given_up_with_what_it_says_and_what_that_means) {
  for (const ForeignTalk& trace : foreign_talk()) {
    const Talker port(trace.bytes);
    std::vector<std::string> told;
    Board board(port.path(), {.silence = milliseconds(150),
                              .tell = [&](const std::string& text) { told.push_back(text); }});
    const std::string why = refusal([&] { (void)board.ask({.verb = Verb::kInfo}); });
    EXPECT_THAT(why, HasSubstr("no answer within 0.15 s; heard instead \""));
    EXPECT_THAT(why, HasSubstr(std::string(talk_in(trace.bytes).cure)));
    EXPECT_EQ(why.find_first_of("\r\n\x1b"), std::string::npos);
    EXPECT_THAT(told, IsEmpty()) << trace.bytes;
  }
}

TEST(Board, is_no_port_that_gives_back_what_it_gets) {
  PtyBoard* self = nullptr;
  PtyBoard port([](PtyBoard&, const Command&) {},
                [&](std::string& bytes) { self->send(std::exchange(bytes, {})); });
  self = &port;
  Client client(port.path());
  EXPECT_THAT(refusal([&] { (void)client.board.ask({.verb = Verb::kInfo}); }),
              HasSubstr("heard instead \"info #"));
  EXPECT_THAT(client.told, IsEmpty());
}

TEST(Board, is_asked_again_when_its_own_system_spoke_instead) {
  int asked = 0;
  PtyBoard board([&](PtyBoard& self, const Command& command) {
    if (++asked > 1) return answer(self, command);
    self.reply(device::TestOutcome{.engine = "mudra"}, 0);  // of the self-test at its start
    self.send("W (3127) wdt: a warning\r\n");
  });
  Client client(board.path());
  EXPECT_EQ(client.board.ask({.verb = Verb::kMem}).all<device::Memory>().size(), 2u);
  EXPECT_THAT(client.told, ElementsAre(HasSubstr("heard instead \"W (3127) wdt: a warning\"")));
}

TEST(Board, that_was_unplugged_is_found_again) {
  bool was_unplugged = false;
  PtyBoard board([&](PtyBoard& self, const Command& command) {
    if (!std::exchange(was_unplugged, true)) {
      self.unplug();
      std::this_thread::sleep_for(kSilence);
      self.plug_in();
    } else {
      answer(self, command);
    }
  });
  Client client(board.path());
  EXPECT_EQ(client.board.ask({.verb = Verb::kMem}).all<device::Memory>().size(), 2u);
  EXPECT_THAT(client.told, ElementsAre("the port vanished; trying again"));
}

TEST(Board, that_stays_unplugged_is_given_up) {
  PtyBoard board([](PtyBoard& self, const Command&) { self.unplug(); });
  Client client(board.path(), milliseconds(400));
  EXPECT_EQ(refusal([&] { (void)client.board.ask({.verb = Verb::kMem}); }),
            board.path().string() + ": the port vanished and did not come back within 0.4 s");
}

TEST(Board, streams_until_told_to_stop_and_goes_on_after_a_reset) {
  std::vector<Verb> asked;
  int starts = 0;
  PtyBoard board([&](PtyBoard& self, const Command& command) {
    asked.push_back(command.verb);
    self.done(command);
    if (!command.on) return;
    for (std::uint32_t i = 1; i <= 3; ++i)
      self.reply(device::Frame{.number = i, .percent = {9000}, .label = "palm", .shown = "none"},
                 command.tag);
    if (++starts == 1) self.reset();
  });
  Client client(board.path());
  int frames = 0;
  client.board.stream([&](const device::Frame& frame) {
    EXPECT_EQ(frame.shown, "none");
    return ++frames < 5;
  });
  EXPECT_EQ(frames, 5);
  EXPECT_EQ(starts, 2);
  EXPECT_THAT(client.told, ElementsAre("the board was reset (external); starting again"));
  EXPECT_THAT(asked, ElementsAre(Verb::kStream, Verb::kStream, Verb::kStream));
}

TEST(Board, whose_stream_gives_no_pictures_is_given_up) {
  PtyBoard silent([](PtyBoard& self, const Command& command) { self.done(command); });
  Client client(silent.path());
  EXPECT_THAT(refusal([&] { client.board.stream([](const device::Frame&) { return true; }); }),
              HasSubstr("(3 attempts without a picture)"));

  PtyBoard resetting([](PtyBoard& self, const Command& command) {
    self.done(command);
    if (command.on) self.reset();
  });
  Client other(resetting.path());
  EXPECT_THAT(refusal([&] { other.board.stream([](const device::Frame&) { return true; }); }),
              HasSubstr("the board was reset (external) (3 attempts without a picture)"));
}

TEST(SerialPort, that_is_none_is_refused_with_a_reason) {
  const data::TemporaryFolder folder;
  folder.add_file("file", "text");
  const auto open = [](const std::filesystem::path& path) { return refusal([&] { SerialPort port(path); }); };
  EXPECT_THAT(open(folder / "missing"),
              HasSubstr("missing: there is no such port; is the board plugged in?"));
  EXPECT_THAT(open(folder / "file"), HasSubstr("file: is no serial port"));
  EXPECT_THAT(open(folder.path()), HasSubstr("Is a directory"));
  EXPECT_THAT(open("/dev/null"), HasSubstr("/dev/null: is no serial port"));

  PtyBoard board(answer);
  const SerialPort first(board.path());
  EXPECT_THAT(open(board.path()), HasSubstr("in use by another program"));
}

}  // namespace
}  // namespace mudra::deploy
