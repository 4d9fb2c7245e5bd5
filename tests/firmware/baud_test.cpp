// The rate of a line: agreed on, held, and lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "conversation.hpp"
#include "esp_timer.h"

namespace mudra::firmware {
namespace {

using testing::ElementsAre;

// Says what a test wants, and keeps the rates that it was set to.
class ScriptedPort final : public SerialPort {
 public:
  std::string_view name() const override { return "scripted"; }
  bool set_rate(int baud) override {
    rates.push_back(baud);
    return baud <= most;
  }

  std::string input, output;
  std::vector<int> rates;
  int most = 2'000'000;

 private:
  bool start() override { return true; }
  std::size_t receive(std::span<char> bytes, int) override {
    const std::size_t count = std::min(bytes.size(), input.size());
    std::copy_n(input.begin(), count, bytes.begin());
    input.erase(0, count);
    return count;
  }
  bool take(std::string_view line, int) override { return output += line, true; }
};

class Baud : public testing::Test {
 protected:
  Baud() { EXPECT_TRUE(port.open()); }

  // Obeys every `baud` in it.
  void say(std::string_view bytes) {
    port.input += bytes;
    while (!port.input.empty()) step();
    step();
  }
  void step() {
    if (talk.next_event(0) == Conversation::Event::kCommand &&
        talk.said().command().verb == device::Verb::kBaud)
      talk.change_rate(talk.said().command());
  }
  // Whether the next change of the rate comes, and not before so many milliseconds.
  bool changes_after(int ms) {
    const std::size_t before = port.rates.size();
    const std::int64_t begin = esp_timer_get_time();
    while (port.rates.size() == before && esp_timer_get_time() - begin < 20'000'000) step();
    return port.rates.size() > before && esp_timer_get_time() - begin >= std::int64_t{ms} * 900;
  }
  std::string fast() {
    return std::string(device::command_line({.verb = device::Verb::kBaud, .rate = 1'000'000}).end(3));
  }

  ScriptedPort port;
  Conversation talk{port};
};

TEST_F(Baud, is_answered_before_it_changes_and_goes_back_unless_it_is_confirmed) {
  say("baud 1000000\n");
  EXPECT_THAT(port.output, testing::StartsWith("ok baud"));
  EXPECT_THAT(port.rates, ElementsAre(1'000'000));
  say("help\n");  // what has no checksum confirms nothing
  EXPECT_TRUE(changes_after(device::kBaudConfirmMs));
  EXPECT_THAT(port.rates, ElementsAre(1'000'000, device::kBaudRate));
}

TEST_F(Baud, holds_while_something_is_said) {
  say(fast() + fast());
  EXPECT_TRUE(changes_after(device::kBaudSilenceMs));
  EXPECT_THAT(port.rates, ElementsAre(1'000'000, 1'000'000, device::kBaudRate));
}

TEST_F(Baud, is_the_first_again_when_what_comes_is_no_text) {
  say(fast() + fast());
  say("\xff\x80\xc0");
  EXPECT_EQ(port.rates.back(), 1'000'000);
  say("\xe0");
  EXPECT_EQ(port.rates.back(), device::kBaudRate);
}

TEST_F(Baud, that_the_driver_does_not_do_is_not_taken) {
  port.most = 115200;
  say(fast());
  say("\xff\x80\xc0\xe0");  // nothing to go back from
  EXPECT_THAT(port.rates, ElementsAre(1'000'000));
}

}  // namespace
}  // namespace mudra::firmware
