// Another model over the line: whatever happens on the way, the board runs the old one or the new one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <optional>

#include "tests/firmware/sent_model.hpp"

namespace mudra::firmware {
namespace {

using testing::HasSubstr;

std::vector<int> scores_for(BoardOnPc& board, const device::PictureShape& shape = kSmall) {
  std::vector<std::uint8_t> pixels(shape.bytes());
  Random random(5);
  for (auto& pixel : pixels) pixel = static_cast<std::uint8_t>(random.bits());
  std::vector<int> scores;
  for (const auto& score : all<device::Score>(board.show(device::ImageKind::kGray, pixels)))
    scores.push_back(score.value);
  return scores;
}

std::vector<int> scores_of_flashed(const Image& image) {
  BoardOnPc board(hardware_with(flash_with(image)));
  return scores_for(board);
}

TEST(ModelUpdate, is_used_at_once_and_after_every_start) {
  const auto flash = flash_with(image_with(4));
  for (const int classes : {5, 6, 7, 4}) {
    const std::vector<int> wanted = scores_of_flashed(image_with(classes));
    std::optional<BoardOnPc> start;
    BoardOnPc& board = restart(start, flash);
    const auto answer = send_image(board, image_with(classes));
    EXPECT_EQ(refusal_in(answer), "");
    EXPECT_EQ(all<device::TestOutcome>(answer).size(), 2u);
    const auto slot = all<device::Slot>(answer).at(0);
    EXPECT_TRUE(slot.used);
    EXPECT_EQ(slot.crc32.value, device::crc32(image_with(classes)));
    EXPECT_EQ(scores_for(board), wanted);
    BoardOnPc& again = restart(start, flash);
    EXPECT_TRUE(runs(again, image_with(classes)));
    EXPECT_EQ(scores_for(again), wanted);
  }
}

TEST(ModelUpdate, is_the_first_model_of_a_board_that_had_none) {
  const auto flash = flash_with({});
  std::optional<BoardOnPc> start;
  BoardOnPc& board = restart(start, flash);
  EXPECT_EQ(refusal_in(send_image(board, image_with(4))), "");
  EXPECT_TRUE(runs(board, image_with(4)));
  BoardOnPc& again = restart(start, flash);
  EXPECT_TRUE(runs(again, image_with(4)));
}

TEST(ModelUpdate, of_a_model_in_use_writes_nothing) {
  const auto flash = flash_with(image_with(4));
  BoardOnPc board(hardware_with(flash));
  EXPECT_EQ(announce(board, image_with(4)), image_with(4).size());
  EXPECT_EQ(refusal_in(board.say("use\n")), "");
  scores_for(board);
  board.say("info\n");
  EXPECT_EQ(flash->operations(), 0u);
}

TEST(ModelUpdate, goes_on_at_the_block_where_it_was_cut) {
  const Image& image = image_with(5);
  int cuts = 0;
  for (std::size_t cut = 0; cut < image.size(); cut += kBlockBytes, ++cuts) {
    const auto flash = flash_with(image_with(4));
    BoardOnPc board(hardware_with(flash));
    announce(board, image);
    for (std::size_t at = 0; at < cut; at += kBlockBytes) send_block(board, image, at);
    // The program on the PC dies in the middle of a block, and another begins with an empty line.
    send_block(board, image, cut, [](std::string& data) { data.resize(data.size() / 2); });
    board.say("\n");
    EXPECT_TRUE(runs(board, image_with(4)));
    EXPECT_EQ(announce(board, image), cut);
    EXPECT_EQ(refusal_in(send_image(board, image)), "");
    EXPECT_TRUE(runs(board, image));
    EXPECT_TRUE(std::ranges::equal(board.partition().image(), image));
  }
  std::printf("cut at each of %d blocks, resumed there\n", cuts);
}

TEST(ModelUpdate, takes_a_damaged_block_again) {
  const Image& image = image_with(5);
  int damaged = 0;
  const auto flash = flash_with(image_with(4));
  BoardOnPc board(hardware_with(flash));
  announce(board, image);
  for (std::size_t at = 0; at < image.size(); at += kBlockBytes, ++damaged) {
    const auto flip = [](std::string& data) { data[data.size() / 2] ^= 1; };
    EXPECT_THAT(refusal_in(send_block(board, image, at, flip)), HasSubstr("image_data"));
    EXPECT_EQ(refusal_in(send_block(board, image, at)), "");
    EXPECT_EQ(refusal_in(send_block(board, image, at)), "");  // its `ok` got lost
  }
  EXPECT_EQ(refusal_in(board.say("use\n")), "");
  EXPECT_TRUE(runs(board, image));
  std::printf("each of %d blocks was damaged once\n", damaged);
}

TEST(ModelUpdate, refuses_blocks_that_are_not_wanted) {
  const Image &old = image_with(4), &image = image_with(5);
  const auto flash = flash_with(old);
  BoardOnPc board(hardware_with(flash));
  EXPECT_THAT(refusal_in(send_block(board, image, 0)), HasSubstr("model_block"));
  EXPECT_THAT(refusal_in(board.say("use\n")), HasSubstr("model_block"));
  EXPECT_EQ(flash->operations(), 0u);
  announce(board, image);
  EXPECT_THAT(refusal_in(send_block(board, image, kBlockBytes)), HasSubstr("the next is at 0"));
  send_block(board, image, 0);
  EXPECT_THAT(refusal_in(board.say("use\n")), HasSubstr("4096 of "));
  EXPECT_THAT(refusal_in(send_block(board, old, 0)), HasSubstr("another one is there"));
  EXPECT_TRUE(runs(board, old));
}

TEST(ModelUpdate, leaves_no_memory_taken) {
  const Image& image = image_with(5);
  BoardOnPc board(hardware_with(flash_with(image_with(4))));
  const std::uint32_t before = measure_memory("").internal_free;
  announce(board, image);
  send_block(board, image, 0);
  EXPECT_EQ(measure_memory("").internal_free, before);
  send_block(board, image, kBlockBytes, [](std::string& data) { data.resize(data.size() / 2); });
  EXPECT_LE(measure_memory("").internal_free, before - kBlockBytes);
  board.say("\n");
  EXPECT_EQ(measure_memory("").internal_free, before);
}

// What the old model gave before, it gives afterwards: at once and after a start.
void expect_refused(const Image& image, const std::string& why, std::size_t internal_bytes = 288 * 1024) {
  const Image& old = image_with(4);
  const std::vector<int> wanted = scores_of_flashed(old);
  const auto flash = flash_with(old);
  host::Hardware hardware = hardware_with(flash);
  hardware.internal_bytes = internal_bytes;
  for (int i = 0; i < 2; ++i) {
    BoardOnPc board(hardware);
    EXPECT_EQ(scores_for(board), wanted);
    EXPECT_THAT(refusal_in(send_image(board, image)), HasSubstr(why));
    EXPECT_TRUE(runs(board, old));
    EXPECT_EQ(scores_for(board), wanted);
  }
}

TEST(ModelUpdate, of_rubbish_leaves_the_old_model_running) {
  Image rubbish(10'000);
  Random random(3);
  for (auto& byte : rubbish) byte = static_cast<std::uint8_t>(random.bits());
  expect_refused(rubbish, "no_model");
}

TEST(ModelUpdate, of_a_model_that_fails_its_tests_leaves_the_old_one_running) {
  auto file = gesture_file(Traces::kNone, 5, kSmall);
  std::get<std::vector<std::int8_t>>(file.tests[1].output)[2] ^= 1;
  expect_refused(format::write_espdl(file), "selftest");
}

TEST(ModelUpdate, of_a_model_that_needs_more_memory_leaves_the_old_one_running) {
  expect_refused(image_of(5, {.height = 128, .width = 128}), "no_memory", kInferenceStackBytes + 32 * 1024);
}

TEST(ModelUpdate, that_fits_no_slot_is_refused_with_the_sizes_before_anything_is_written) {
  const auto flash = flash_with(image_with(4));
  BoardOnPc board(hardware_with(flash));
  const Image large(kPartition / 2 - device::kFlashSector + 1);
  EXPECT_THAT(refusal_in(send_image(board, large)),
              HasSubstr("it has 61441 bytes, a slot 61440; partition 'model' has 131072"));
  EXPECT_EQ(flash->operations(), 0u);
}

TEST(ModelUpdate, beside_a_model_that_fills_the_partition_is_refused) {
  const Image full = image_of(4, {.height = 192, .width = 192});
  ASSERT_GT(full.size(), kPartition / 2);
  ASSERT_LT(full.size(), kPartition);
  const auto flash = flash_with(full);
  BoardOnPc board(hardware_with(flash));
  EXPECT_TRUE(runs(board, full));
  EXPECT_THAT(refusal_in(send_image(board, image_with(4))),
              HasSubstr("reaches beyond its slot of 61440; flash the new one"));
  EXPECT_EQ(flash->operations(), 0u);
}

TEST(ModelUpdate, to_flash_that_is_worn_out_leaves_the_old_model_running) {
  const Image &old = image_with(4), &image = image_with(5);
  const device::SlotLayout slots(kPartition);
  for (const std::uint32_t sector : {slots.start(1), slots.start(1) + kBlockBytes, slots.header(1)}) {
    const auto flash = flash_with(old);
    flash->wear_out(sector / device::kFlashSector);
    std::optional<BoardOnPc> start;
    BoardOnPc& board = restart(start, flash);
    EXPECT_THAT(refusal_in(send_image(board, image)), HasSubstr("flash the flash does not keep"));
    EXPECT_TRUE(runs(board, old));
    BoardOnPc& again = restart(start, flash);
    EXPECT_TRUE(runs(again, old));
  }
}

TEST(ModelUpdate, whose_slot_is_damaged_gives_way_to_the_model_before_and_the_start_says_so) {
  for (const std::size_t at : {std::size_t{500}, std::size_t{device::SlotLayout(kPartition).room() + 9}}) {
    const auto flash = flash_with(image_with(4));
    std::optional<BoardOnPc> start;
    BoardOnPc& board = restart(start, flash);
    send_image(board, image_with(5));
    ASSERT_TRUE(runs(board, image_with(5)));
    Image damaged(flash->bytes().begin(), flash->bytes().end());
    damaged[device::SlotLayout(kPartition).start(1) + at] ^= 4;
    BoardOnPc& again = restart(start, flash_with(damaged));
    EXPECT_TRUE(runs(again, image_with(4)));
    again.console().report_start();
    std::string said;
    for (const SentLine& line : again.say("mem\n")) said += line.text + "\n";
    EXPECT_THAT(said, HasSubstr("error model code=model_checksum"));
    EXPECT_THAT(said, HasSubstr("slot 1 is damaged"));
    EXPECT_EQ(refusal_in(send_image(again, image_with(6))), "");
    EXPECT_TRUE(runs(again, image_with(6)));
  }
}

TEST(ModelUpdate, gives_way_to_what_is_flashed) {
  const auto flash = flash_with(image_with(4));
  for (const int classes : {5, 6}) {
    BoardOnPc board(hardware_with(flash));
    send_image(board, image_with(classes));
  }
  flash->program(image_with(7));
  BoardOnPc board(hardware_with(flash));
  EXPECT_TRUE(runs(board, image_with(7)));
}

struct PowerCut {};

// The plug is pulled in the middle of some erase or write, a thousand times on the same flash.
TEST(ModelUpdate, never_leaves_the_board_without_a_model_when_the_plug_is_pulled) {
  constexpr int kPulls = 1000;
  Random random(14);
  int now = 4, pulls = 0, found_old = 0, found_new = 0;
  const auto flash = flash_with(image_with(now));
  while (pulls < kPulls) {
    const int next = 4 + (now - 4 + 1 + static_cast<int>(random.below(3))) % 4;
    const auto blocks = static_cast<std::uint32_t>((image_with(next).size() + kBlockBytes - 1) / kBlockBytes);
    const std::uint32_t operations = 2 * blocks + 3;  // the header's sector, its mark, and its rest
    bool pulled = false;
    try {
      BoardOnPc board(hardware_with(flash));
      flash->cut_power_at(1 + random.below(operations + 1), [] { throw PowerCut(); });
      ASSERT_EQ(refusal_in(send_image(board, image_with(next))), "") << pulls;
    } catch (const PowerCut&) {
      pulled = true;
    }
    flash->cut_power_at(0, {});
    BoardOnPc board(hardware_with(flash));
    const bool is_new = runs(board, image_with(next));
    ASSERT_TRUE(is_new || (pulled && runs(board, image_with(now)))) << "none after " << pulls << " pulls";
    if (is_new) now = next;
    if (!pulled) continue;
    ++pulls;
    ++(is_new ? found_new : found_old);
  }
  std::printf(
      "the plug was pulled %d times: %d times the old model was found, %d times the new one, never none\n",
      pulls, found_old, found_new);
  EXPECT_GT(found_old, 0);
  EXPECT_GT(found_new, 0);
}

}  // namespace
}  // namespace mudra::firmware
