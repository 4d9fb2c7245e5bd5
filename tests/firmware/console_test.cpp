// The firmware's own console, on this PC, with real models in its partition.
#include "console.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <thread>
#include <tuple>

#include "board.hpp"
#include "mudra/base/files.hpp"
#include "mudra/device/s3/kernels.hpp"
#include "mudra/format/espdl.hpp"
#include "mudra/graph/decision_rule.hpp"
#include "mudra/sim/espdl_runner.hpp"
#include "mudra/sim/packed_model.hpp"
#include "tests/device/damaged_chip.hpp"
#include "tests/firmware/board_on_pc.hpp"

namespace mudra::firmware {
namespace {

using namespace std::string_literals;
using device::Command;
using device::ImageKind;
using device::Verb;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

host::Hardware good_board() { return board_with(gesture_file()); }

std::vector<std::uint8_t> gray_picture(std::uint64_t seed) {
  Random random(seed);
  std::vector<std::uint8_t> pixels(device::PictureShape{}.bytes());
  for (auto& pixel : pixels) pixel = static_cast<std::uint8_t>(random.bits());
  return pixels;
}

std::vector<int> simulated_scores(const format::EspdlFile& file, const graph::Values& input) {
  const auto values = sim::Simulator(file.graph).run(input)[static_cast<std::size_t>(file.graph.output)];
  const auto& scores = std::get<std::vector<std::int8_t>>(values);
  return {scores.begin(), scores.end()};
}

TEST(Console, answers_every_command_with_its_tag_on_every_line_and_one_end) {
  BoardOnPc board(good_board());
  board.show(ImageKind::kGray, gray_picture(1));
  std::uint16_t tag = 7;
  for (const Verb verb : {Verb::kHelp, Verb::kInfo, Verb::kMem, Verb::kRun, Verb::kBench, Verb::kSelftest,
                          Verb::kStream, Verb::kStats}) {
    const auto lines = board.say(Command{.verb = verb, .tag = ++tag, .runs = 3});
    EXPECT_EQ(end_of(lines), "ok") << name_of(verb);
    for (const SentLine& sent : lines) EXPECT_EQ(sent.line.tag, tag) << sent.text;
  }
}

TEST(Console, says_what_can_be_said) {
  BoardOnPc board(good_board());
  EXPECT_THAT(all<device::Usage>(board.say("help\n")), SizeIs(device::kVerbs));
}

TEST(Console, describes_the_model_as_its_file_does) {
  const auto file = gesture_file();
  BoardOnPc board(board_with(file));
  const auto lines = board.say("info\n");
  const auto model = only<device::Model>(lines);
  const auto bytes = format::write_espdl(file);
  EXPECT_EQ(model.bytes, bytes.size());
  EXPECT_EQ(model.crc32.value, device::crc32(bytes));
  EXPECT_EQ(model.partition_bytes, 1u << 20);
  EXPECT_EQ(model.height * model.width * model.channels, 96 * 96);
  EXPECT_EQ(model.input_exponent, -7);
  EXPECT_EQ(model.classes, 4);
  EXPECT_EQ(model.tests, 2);
  std::vector<std::string> names;
  for (const auto& label : all<device::Label>(lines)) names.emplace_back(label.name);
  EXPECT_EQ(names, file.graph.class_names);
  const auto engine = only<device::EngineState>(lines);
  EXPECT_TRUE(engine.ready);
  EXPECT_GT(engine.arena_bytes, 0u);
  EXPECT_EQ(engine.memory, "internal");
  EXPECT_FALSE(only<device::Camera>(lines).present);
}

TEST(Console, tells_the_models_rule_of_decision) {
  EXPECT_THAT(all<device::Decision>(BoardOnPc(host::Hardware{}).say("info\n")), IsEmpty());
  auto file = gesture_file();
  graph::state_decision_rule(
      file.graph.metadata,
      {.pictures = 7, .enter = device::probability_of(9250), .leave = device::probability_of(6938)});
  BoardOnPc board(board_with(file));
  const auto rule = only<device::Decision>(board.say("info\n"));
  EXPECT_EQ(rule.pictures, 1);  // as a BoardOnPc has it
  EXPECT_EQ(rule.enter.value, 9250);
  EXPECT_EQ(rule.leave.value, 6938);
}

TEST(Console, names_classes_by_numbers_when_their_names_are_too_long_and_says_so) {
  auto file = gesture_file();
  EXPECT_TRUE(only<device::Model>(BoardOnPc(board_with(file)).say("info\n")).named);
  for (std::string& name : file.graph.class_names) name.resize(300, 'x');
  BoardOnPc board(board_with(file));
  const auto lines = board.say("info\n");
  EXPECT_FALSE(only<device::Model>(lines).named);
  std::vector<std::string> names;
  for (const auto& label : all<device::Label>(lines)) names.emplace_back(label.name);
  EXPECT_EQ(names, (std::vector<std::string>{"0", "1", "2", "3"}));
}

TEST(Console, classifies_a_gray_picture_as_the_simulator_does) {
  const auto file = gesture_file();
  BoardOnPc board(board_with(file));
  const auto gray = gray_picture(4);
  std::vector<std::int8_t> input(gray.size());
  ASSERT_EQ(device::to_model_input(gray, -7, device::InputRule::kRounded, std::span(input)),
            device::Status::kOk);
  const auto lines = board.show(ImageKind::kGray, gray);
  const auto want = simulated_scores(file, input);
  EXPECT_EQ(scores_of(lines), want);
  const auto result = only<device::Result>(lines);
  EXPECT_EQ(result.index, std::ranges::max_element(want) - want.begin());
  EXPECT_EQ(result.label, file.graph.class_names[static_cast<std::size_t>(result.index)]);
  EXPECT_EQ(end_of(lines), "ok");
  int sum = 0;
  for (const auto& score : all<device::Score>(lines)) sum += score.percent.value;
  EXPECT_NEAR(sum, 10000, 2);
}

TEST(Console, tells_the_shape_of_its_pictures_and_takes_colour) {
  const auto file = gesture_file(Traces::kAll, 4, kColor);
  BoardOnPc board(board_with(file));
  const auto model = only<device::Model>(board.say("info\n"));
  EXPECT_EQ((device::PictureShape{model.height, model.width, model.channels}), kColor);

  Random random(4);
  std::vector<std::uint8_t> picture(kColor.bytes());
  for (auto& value : picture) value = static_cast<std::uint8_t>(random.bits());
  std::vector<std::int8_t> input(picture.size());
  ASSERT_EQ(device::to_model_input(picture, -7, device::InputRule::kRounded, input), device::Status::kOk);
  const auto lines = board.show(ImageKind::kRgb, picture);
  EXPECT_EQ(scores_of(lines), simulated_scores(file, input));
  EXPECT_EQ(end_of(lines), "ok");

  EXPECT_EQ(end_of(board.show(ImageKind::kGray, picture)), "image_size");
  EXPECT_EQ(end_of(board.show(ImageKind::kRgb, gray_picture(1))), "image_size");
}

TEST(Console, of_a_gray_model_takes_no_colour) {
  BoardOnPc board(good_board());
  EXPECT_EQ(end_of(board.show(ImageKind::kRgb, gray_picture(1))), "image_size");
}

TEST(Console, classifies_the_models_input_as_it_is_sent_and_again_with_run) {
  const auto file = gesture_file();
  BoardOnPc board(board_with(file));
  for (const format::EspdlTest& test : file.tests) {
    const auto bytes = std::as_bytes(std::span(std::get<std::vector<std::int8_t>>(test.input)));
    const auto lines =
        board.show(ImageKind::kInput, {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    EXPECT_EQ(scores_of(lines), simulated_scores(file, test.input));
    EXPECT_EQ(scores_of(board.say("run\n")), scores_of(lines));
  }
}

TEST(Console, has_no_picture_before_one_came_and_after_a_damaged_one) {
  BoardOnPc board(good_board());
  EXPECT_EQ(end_of(board.say("run\n")), "no_picture");
  EXPECT_EQ(end_of(board.say("bench 3\n")), "no_picture");
  EXPECT_EQ(end_of(board.show(ImageKind::kGray, gray_picture(1))), "ok");
  EXPECT_EQ(end_of(board.say("run\n")), "ok");
  board.say("image gray 9216 12345678\n");
  EXPECT_EQ(end_of(board.say(":AAAA ~0000\n")), "image_data");
  EXPECT_EQ(end_of(board.say("run\n")), "no_picture");
  EXPECT_EQ(end_of(board.show(ImageKind::kGray, gray_picture(1))), "ok");
}

TEST(Console, refuses_a_picture_of_another_size_with_the_one_it_wants) {
  BoardOnPc board(good_board());
  const auto lines = board.say("image gray 100 0\n");
  EXPECT_EQ(end_of(lines), "image_size");
  EXPECT_THAT(std::string(only<device::Failure>(lines).text), HasSubstr("9216"));
}

TEST(Console, answers_noise_long_lines_and_unknown_commands_and_goes_on) {
  BoardOnPc board(good_board());
  EXPECT_EQ(end_of(board.say("\x01\x02\xff\n")), "line");
  EXPECT_EQ(end_of(board.say(std::string(5000, 'x') + "\n")), "line");
  EXPECT_EQ(end_of(board.say("dance\n")), "unknown_command");
  EXPECT_EQ(end_of(board.say("bench many\n")), "bad_argument");
  EXPECT_EQ(end_of(board.say("help\n")), "ok");
}

TEST(Console, times_each_run_of_a_bench) {
  BoardOnPc board(good_board());
  board.show(ImageKind::kGray, gray_picture(1));
  const auto latency = only<device::Latency>(board.say("bench 20\n"));
  EXPECT_EQ(latency.runs, 20u);
  EXPECT_LE(latency.least_us, latency.median_us);
  EXPECT_LE(latency.median_us, latency.p99_us);
  EXPECT_LE(latency.p99_us, latency.most_us);
  EXPECT_GE(latency.mean_us, latency.least_us);
}

TEST(Console, ends_a_bench_when_another_command_comes_and_answers_that_too) {
  BoardOnPc board(good_board());
  board.show(ImageKind::kGray, gray_picture(1));
  const auto lines = board.say("bench 1000000 #5\nmem #6\n");
  const auto failure = only<device::Failure>(lines);
  EXPECT_EQ(failure.command, "bench");
  EXPECT_EQ(failure.code, "interrupted");
  EXPECT_EQ(end_of(lines), "ok");
  EXPECT_EQ(lines.back().line.tag, 6);
}

TEST(Console, is_not_ended_in_a_bench_by_noise) {
  BoardOnPc board(good_board());
  board.show(ImageKind::kGray, gray_picture(1));
  const auto lines = board.say("bench 50\n\x01\n");
  EXPECT_EQ(only<device::Failure>(lines).code, "line");
  EXPECT_EQ(only<device::Latency>(lines).runs, 50u);
}

TEST(Console, reports_memory_at_the_moments_of_a_start_and_around_an_inference) {
  BoardOnPc board(good_board());
  const auto moments = [&] {
    std::map<std::string, device::Memory> result;
    for (const auto& memory : all<device::Memory>(board.say("mem\n")))
      result[std::string(memory.when)] = memory;
    return result;
  };
  EXPECT_THAT(moments(), SizeIs(3));
  board.show(ImageKind::kGray, gray_picture(1));
  auto now = moments();
  ASSERT_THAT(now, SizeIs(5));
  EXPECT_EQ(now["boot"].internal_free, host::hardware().internal_bytes);
  EXPECT_LT(now["loaded"].internal_free, now["boot"].internal_free);
  EXPECT_EQ(now["after_inference"].internal_free, now["loaded"].internal_free);
  EXPECT_EQ(now["now"].internal_least, now["loaded"].internal_free);
  const auto stacks = all<device::StackState>(board.say("mem\n"));
  ASSERT_THAT(stacks, SizeIs(2));
  EXPECT_EQ(stacks[0].task, "main");
  EXPECT_EQ(stacks[1].task, "inference");
#ifndef __SANITIZE_ADDRESS__  // whose frames are larger
  EXPECT_GT(stacks[1].least_free, 1000u);
#endif
}

TEST(Console, needs_no_more_memory_after_many_inferences) {
  BoardOnPc board(good_board());
  board.show(ImageKind::kGray, gray_picture(1));
  const auto before = measure_memory("before");
  EXPECT_EQ(end_of(board.say("bench 300\n")), "ok");
  const auto after = measure_memory("after");
  EXPECT_EQ(after.internal_free, before.internal_free);
  EXPECT_EQ(after.internal_least, before.internal_least);
  EXPECT_EQ(after.internal_largest, before.internal_largest);
}

TEST(Console, refuses_what_does_not_fit_with_figures) {
  auto hardware = good_board();
  hardware.internal_bytes = kInferenceStackBytes + 12 * 1024;
  BoardOnPc board(hardware);
  const auto engine = only<device::EngineState>(board.say("info\n"));
  EXPECT_FALSE(engine.ready);
  EXPECT_THAT(std::string(engine.problem), HasSubstr(std::to_string(engine.arena_bytes) + " bytes"));
  EXPECT_THAT(std::string(engine.problem), HasSubstr("largest free piece has 3072"));
  EXPECT_EQ(end_of(board.say("run\n")), "no_memory");
  EXPECT_EQ(end_of(board.say("selftest\n")), "no_memory");
}

TEST(Console, puts_into_psram_what_internal_ram_has_no_room_for) {
  auto hardware = good_board();
  hardware.internal_bytes = kInferenceStackBytes + 12 * 1024;
  hardware.psram_bytes = 1 << 20;
  BoardOnPc board(hardware);
  EXPECT_EQ(only<device::EngineState>(board.say("info\n")).memory, "psram");
  EXPECT_EQ(end_of(board.say("selftest\n")), "ok");
}

TEST(Console, takes_no_pictures_without_memory_for_one) {
  auto hardware = good_board();
  hardware.internal_bytes = 4096;
  BoardOnPc board(hardware);
  EXPECT_EQ(end_of(board.say("image gray 9216 0\n")), "image_size");
}

TEST(Board, lacks_the_psram_that_it_should_have) {
  const auto problem = [](std::size_t bytes, int megabytes) {
    host::power_on({.psram_bytes = bytes});
    return std::string(psram_problem(megabytes).view());
  };
  EXPECT_EQ(problem(0, 8), "no PSRAM is found; this board has 8 MB");
  EXPECT_EQ(problem(0, 0), "");
  EXPECT_EQ(problem(1 << 20, 8), "");
}

TEST(Console, says_why_there_is_no_model) {
  const auto problem = [](const host::Hardware& hardware) {
    BoardOnPc board(hardware);
    for (const char* command : {"run\n", "selftest\n", "stream on\n", "image gray 9216 0\n"})
      EXPECT_EQ(end_of(board.say(command)), "no_model") << command;
    return std::string(only<device::EngineState>(board.say("info\n")).problem);
  };
  host::Hardware hardware;
  EXPECT_THAT(problem(hardware), HasSubstr("empty"));
  hardware.model.assign(100, 7);
  EXPECT_THAT(problem(hardware), HasSubstr("not an .espdl file"));
  hardware = good_board();
  hardware.model.resize(hardware.model.size() / 2);
  EXPECT_THAT(problem(hardware), HasSubstr("offset"));
  hardware.model.clear();
  hardware.model_partition_bytes = 0;
  EXPECT_THAT(problem(hardware), HasSubstr("no partition"));
}

TEST(Console, takes_the_first_model_of_a_pack) {
  const std::vector<format::EspdlPackEntry> entries{{"a.espdl", gesture_file()}};
  host::Hardware hardware;
  hardware.model = format::write_espdl_pack(entries);
  BoardOnPc board(hardware);
  EXPECT_EQ(end_of(board.say("selftest\n")), "ok");
}

// A kind of operation whose first integer comes out wrong.
template <device::Operation::Kind kKind>
device::Kernels spoiled() {
  device::Kernels kernels = device::portable_kernels();
  kernels.choose = [](const device::Operation& chosen) {
    if (chosen.kind != kKind) return device::portable_kernels().choose(chosen);
    return device::Kernel([](const device::Operation& operation, const device::Tile& tile) {
      device::portable_kernels().choose(operation)(operation, tile);
      if (tile.out != nullptr) tile.out[0] ^= std::byte{0x40};
    });
  };
  return kernels;
}

TEST(SelfTest, passes_for_every_recorded_input) {
  BoardOnPc board(good_board());
  const auto lines = board.say("selftest\n");
  EXPECT_THAT(all<device::TestOutcome>(lines), SizeIs(2));
  for (const auto& test : all<device::TestOutcome>(lines)) EXPECT_TRUE(test.passed);
  EXPECT_EQ(end_of(lines), "ok");
}

TEST(SelfTest, names_the_first_node_that_differs_and_the_first_wrong_score) {
  const device::Kernels kernels = spoiled<device::Operation::Kind::kAveragePool>();
  MudraEngine engine(kernels);
  BoardOnPc board(good_board(), {&engine});
  const auto lines = board.say("selftest\n");
  EXPECT_EQ(end_of(lines), "selftest");
  for (const auto& test : all<device::TestOutcome>(lines)) {
    EXPECT_FALSE(test.passed);
    EXPECT_EQ(test.node, "pool");
    ASSERT_GE(test.element, 0);
    EXPECT_NE(test.got, test.want);
  }
}

TEST(SelfTest, fails_without_a_node_when_the_model_has_no_trace) {
  const device::Kernels kernels = spoiled<device::Operation::Kind::kAveragePool>();
  MudraEngine engine(kernels);
  BoardOnPc board(board_with(gesture_file(Traces::kNone)), {&engine});
  const auto tests = all<device::TestOutcome>(board.say("selftest\n"));
  ASSERT_THAT(tests, SizeIs(2));
  EXPECT_FALSE(tests[0].passed);
  EXPECT_THAT(tests[0].node, IsEmpty());
}

TEST(SelfTest, runs_at_the_start) {
  BoardOnPc board(good_board());
  EXPECT_TRUE(board.console().report_start());
  EXPECT_THAT(all<device::TestOutcome>(board.say("")), SizeIs(2));
}

TEST(SelfTest, that_fails_at_the_start_is_told) {
  const device::Kernels kernels = spoiled<device::Operation::Kind::kConvolution>();
  MudraEngine wrong(kernels);
  BoardOnPc board(good_board(), {&wrong});
  EXPECT_FALSE(board.console().report_start());
  const auto lines = board.say("");
  EXPECT_EQ(end_of(lines), "selftest");
  EXPECT_EQ(all<device::TestOutcome>(lines).front().node, "first conv");
}

TEST(Console, runs_every_engine_there_is) {
  MudraEngine one, other;
  BoardOnPc board(good_board(), {&one, &other});
  const auto lines = board.show(ImageKind::kGray, gray_picture(1));
  EXPECT_EQ(end_of(lines), "ok");
  EXPECT_THAT(all<device::Result>(lines), SizeIs(2));
  EXPECT_THAT(all<device::Latency>(board.say("bench 2\n")), SizeIs(2));
}

// The kernels that the engine chooses on a chip with this vector unit, and the one it says is wrong. Its
// scores are those of the portable ones.
std::pair<std::string, std::string> kernels_on(device::s3::Executor& vector_unit) {
  auto hardware = good_board();
  hardware.vector_unit = &vector_unit;
  MudraEngine portable, vector(device::s3::kernels());
  BoardOnPc board(hardware, {&portable, &vector});
  EXPECT_EQ(end_of(board.show(ImageKind::kGray, gray_picture(1))), "ok");
  EXPECT_EQ(end_of(board.say("selftest\n")), "ok");
  const auto lines = board.say("info\n");
  const auto engines = all<device::EngineState>(lines);
  EXPECT_THAT(engines, SizeIs(2));
  EXPECT_EQ(engines.front().kernels, "portable");
  EXPECT_EQ(engines.front().problem, "");
  return {std::string(engines.back().kernels), std::string(engines.back().problem)};
}

TEST(VectorKernels, give_the_scores_of_the_portable_ones) {
  device::s3::DamagedChip chip("none of it");
  EXPECT_EQ(kernels_on(chip), std::pair("vector"s, ""s));
  EXPECT_TRUE(chip.called().contains("mudra_s3_depthwise3_stride2"));
}

TEST(VectorKernels, of_which_one_is_wrong_are_not_used_and_it_is_named) {
  device::s3::DamagedChip chip("mudra_s3_pointwise16");
  EXPECT_EQ(kernels_on(chip), std::pair("portable"s, "the vector kernel 'pointwise' computes wrong"s));
}

TEST(VectorKernels, that_could_not_be_checked_are_not_used) {
  sim::VirtualChip chip;
  auto hardware = good_board();
  hardware.internal_bytes = kInferenceStackBytes + 12 * 1024;
  hardware.vector_unit = &chip;
  MudraEngine vector(device::s3::kernels());
  BoardOnPc board(hardware, {&vector});
  const auto lines = board.say("info\n");
  const auto engine = only<device::EngineState>(lines);
  EXPECT_EQ(engine.kernels, "portable");
  EXPECT_THAT(std::string(engine.problem), HasSubstr("no 8192 bytes to check the vector kernels in; node "));
}

TEST(VectorKernels, have_their_weights_in_ram_or_where_that_is_short_behind_the_model_in_flash) {
  sim::VirtualChip chip;
  auto hardware = good_board();
  const auto model = hardware.model, packed = sim::with_packed_weights(model);
  const auto bytes_of = [&](device::PackedWeights where) {
    return sim::planned_engine(packed, device::s3::kernels(), where)->arena_bytes();
  };
  const std::size_t in_arena = bytes_of(device::PackedWeights::kInArena);
  hardware.vector_unit = &chip;
  hardware.psram_bytes = 1 << 20;
  std::vector<int> scores;
  std::uint32_t room = 0;  // of the piece that the engine finds
  const auto engine_on = [&](std::span<const std::uint8_t> image) {
    hardware.model.assign(image.begin(), image.end());
    MudraEngine engine(device::s3::kernels());
    BoardOnPc board(hardware, {&engine});
    const auto lines = board.say("info\n");
    EXPECT_EQ(only<device::Model>(lines).crc32.value, device::crc32(model));
    scores = scores_of(board.show(ImageKind::kGray, gray_picture(1)));
    const auto state = only<device::EngineState>(lines);
    room = measure_memory("now").internal_largest;
    return std::tuple(std::string(state.weights), std::string(state.memory), std::size_t{state.arena_bytes});
  };
  EXPECT_EQ(engine_on(packed), std::tuple("ram"s, "internal"s, in_arena));
  const std::vector<int> expected = scores;
  hardware.internal_bytes -= room + 64;  // less than was left and a part of the arena
  EXPECT_EQ(engine_on(packed), std::tuple("flash"s, "internal"s, bytes_of(device::PackedWeights::kInPlace)));
  EXPECT_EQ(scores, expected);
  EXPECT_EQ(engine_on(model), std::tuple("ram"s, "psram"s, in_arena));
  EXPECT_EQ(scores, expected);
}

TEST(VectorKernels, are_configured_for_a_chip_with_a_vector_unit) {
  sim::VirtualChip chip;
  auto hardware = good_board();
  hardware.vector_unit = &chip;
  host::power_on(hardware);
  EXPECT_EQ(configured_engines().front()->kernels(), "vector");
}

TEST(Console, tells_of_a_difference_between_engines) {
  const device::Kernels kernels = spoiled<device::Operation::Kind::kAveragePool>();
  MudraEngine right, wrong(kernels);
  BoardOnPc board(good_board(), {&right, &wrong});
  const auto lines = board.show(ImageKind::kGray, gray_picture(1));
  EXPECT_THAT(all<device::Result>(lines), SizeIs(2));
  EXPECT_EQ(end_of(lines), "engine");
}

}  // namespace
}  // namespace mudra::firmware
