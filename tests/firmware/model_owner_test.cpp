// Models that are sent over two sockets, and to an engine that does not come back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <optional>
#include <thread>

#include "tests/firmware/sent_model.hpp"

namespace mudra::firmware {
namespace {

using testing::HasSubstr;

std::vector<SentLine> say_on_usb(BoardOnPc& board, const device::Command& command) {
  return board.say(device::command_line(command).end(command.tag), BoardOnPc::kUsb);
}

TEST(ModelUpdate, belongs_to_the_socket_that_announced_it) {
  const Image &ours = image_with(5), &others = image_with(6);
  BoardOnPc board(hardware_with(flash_with(image_with(4))));
  announce(board, ours);
  int refused = 0;
  for (std::size_t at = 0; at < ours.size(); at += kBlockBytes, refused += 3) {
    EXPECT_THAT(refusal_in(say_on_usb(board, announcement_of(others))),
                HasSubstr("busy a picture or model is"));
    EXPECT_THAT(refusal_in(say_on_usb(board, {.verb = Verb::kBlock,
                                              .tag = 7,
                                              .bytes = kBlockBytes,
                                              .offset = static_cast<std::uint32_t>(at)})),
                HasSubstr("model_block"));
    EXPECT_THAT(refusal_in(say_on_usb(board, {.verb = Verb::kUse, .tag = 8})), HasSubstr("model_block"));
    EXPECT_EQ(refusal_in(send_block(board, ours, at)), "");
  }
  EXPECT_EQ(refusal_in(board.say("use\n")), "");
  EXPECT_TRUE(runs(board, ours));
  std::printf("the other socket was refused %d times\n", refused);

  EXPECT_EQ(refusal_in(say_on_usb(board, announcement_of(others))), "");  // nothing is on its way any more
  EXPECT_THAT(refusal_in(board.say(announcement_of(image_with(7)))), HasSubstr("busy"));
  std::this_thread::sleep_for(std::chrono::milliseconds(device::kTransferTimeoutMs));
  EXPECT_EQ(refusal_in(send_image(board, image_with(7))), "");
  EXPECT_TRUE(runs(board, image_with(7)));
}

// Keeps the memory of a model that it could not take, as ESP-DL can.
class KeepingEngine final : public InferenceEngine {
 public:
  std::string_view name() const override { return "keeping"; }
  bool load(ModelPartition& partition) override {
    ready_ = !keeps_ && own_.load(partition);
    keeps_ = !ready_;
    return ready_;
  }
  void unload() override {
    own_.unload();
    InferenceEngine::unload();
  }
  std::span<std::byte> input() override { return own_.input(); }
  bool run() override { return own_.run(); }
  std::span<const std::byte> output() const override { return own_.output(); }
  int first_wrong_node(const device::Trace& trace) override { return own_.first_wrong_node(trace); }

 private:
  MudraEngine own_;
  bool keeps_ = false;
};

struct Restart {};

TEST(ModelUpdate, that_leaves_no_engine_restarts_the_chip_with_the_old_model) {
  const auto flash = flash_with(image_with(4));
  host::Hardware hardware = hardware_with(flash);
  hardware.internal_bytes = 32 * 1024;
  hardware.restart = [] { throw Restart(); };
  KeepingEngine engine;
  std::optional<BoardOnPc> start;
  BoardOnPc& board = start.emplace(hardware, std::vector<InferenceEngine*>{&engine});
  EXPECT_TRUE(runs(board, image_with(4)));
  EXPECT_THROW(send_image(board, image_of(5, {.height = 128, .width = 128})), Restart);
  EXPECT_THAT(refusal_in(board.say("")), HasSubstr("no_m"));  // it was said before
  BoardOnPc& again = restart(start, flash);
  EXPECT_TRUE(runs(again, image_with(4)));
}

}  // namespace
}  // namespace mudra::firmware
