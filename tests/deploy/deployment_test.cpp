// What fits a board and what does not, and the project that is written for it.
#include "mudra/deploy/deployment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mudra/deploy/firmware_project.hpp"
#include "mudra/deploy/firmware_sources.hpp"
#include "tests/data/temporary_folder.hpp"
#include "tests/firmware/gesture_model.hpp"
#include "tests/refusal.hpp"

namespace mudra::deploy {
namespace {

using ::testing::HasSubstr;

DeployModel model_of(format::EspdlFile file) {
  DeployModel model{.bytes = format::write_espdl(file), .file = {}};
  model.file = std::move(file);
  return model;
}

DeployModel gesture_model() { return model_of(firmware::gesture_file()); }

std::string text_in(const std::vector<ProjectFile>& files, const std::string& path) {
  for (const ProjectFile& file : files)
    if (file.path == path) return {file.bytes.begin(), file.bytes.end()};
  return "";
}

TEST(Deployment, of_a_small_model_fits_every_board_with_mudras_engine) {
  const DeployModel model = gesture_model();
  for (const BoardKind& board : board_kinds()) {
    const Deployment plan = plan_deployment(model, {.board = board});
    EXPECT_TRUE(plan.fits()) << plan.refusals.front();
    EXPECT_FALSE(plan.uses_psram);
    EXPECT_LE(plan.flash_bytes, plan.config.flash_bytes);
    EXPECT_GE(find_partition(plan.partitions, "model")->bytes, model.bytes.size());
    EXPECT_GE(plan.ram_bytes, plan.arena.arena_bytes);
  }
}

TEST(Deployment, that_needs_more_ram_than_there_is_is_refused_with_figures) {
  format::EspdlFile file;
  format::IntegerGraph g(5);
  g.graph.input = g.activation("picture", {1, 96, 96, 1}, graph::Type::kInt8, -7);
  const auto w = g.constant<std::int8_t>("w", {64, 1, 3, 3}, graph::Layout::kOihw, -6, 20);
  const auto wide = g.activation("wide", {1, 96, 96, 64}, graph::Type::kInt8, -5);
  g.node("wide conv", graph::Conv{.window = {3, 3, 1, 1, 1, 1, 1, 1}}, {g.graph.input, w}, wide);
  const auto pooled = g.activation("pooled", {1, 1, 1, 64}, graph::Type::kInt8, -5);
  g.node("pool", graph::GlobalAveragePool{}, {wide}, pooled);
  const auto flat = g.activation("flat", {1, 64}, graph::Type::kInt8, -5);
  g.node("flatten", graph::Flatten{}, {pooled}, flat);
  const auto w2 = g.constant<std::int8_t>("w2", {4, 64}, graph::Layout::kOi, -6, 100);
  const auto scores = g.activation("scores", {1, 4}, graph::Type::kInt8, -4);
  g.node("classifier", graph::Gemm{}, {flat, w2}, scores);
  file.graph = std::move(g.graph);
  const DeployModel large = model_of(std::move(file));

  const Deployment refused = plan_deployment(large, {});
  ASSERT_FALSE(refused.fits());
  EXPECT_THAT(refused.refusals.front(), HasSubstr("arena of mudra's engine (590016)"));
  EXPECT_THAT(refused.refusals.front(), HasSubstr("generic has 262144 free"));
  EXPECT_THAT(text_of(refused), HasSubstr("does not fit: it needs "));

  const Deployment with_psram = plan_deployment(large, {.board = board_named("devkitc")});
  EXPECT_TRUE(with_psram.fits());
  EXPECT_TRUE(with_psram.uses_psram);
  EXPECT_THAT(with_psram.remarks, ::testing::Contains(HasSubstr("does not name its classes")));
}

TEST(Deployment, that_needs_more_flash_than_there_is_is_refused_with_figures) {
  const Deployment refused = plan_deployment(gesture_model(), {.flash_bytes = flash_bytes_named("2MB")});
  ASSERT_FALSE(refused.fits());
  EXPECT_THAT(refused.refusals.front(), HasSubstr("more than 2097152 bytes of flash"));
}

TEST(Deployment, of_what_is_no_picture_classifier_is_refused) {
  const DeployModel model = model_of(format::small_espdl());
  EXPECT_THAT(refusal([&] { (void)plan_deployment(model, {}); }), HasSubstr("not one gray picture of 96x96"));
}

TEST(Deployment, of_esp_dl_needs_room_for_whole_tensors) {
  const DeployModel model = gesture_model();
  const Deployment own = plan_deployment(model, {.engine = EngineChoice::kMudra});
  const Deployment both = plan_deployment(model, {.engine = EngineChoice::kBoth});
  EXPECT_EQ(both.ram_bytes, own.ram_bytes + esp_dl_arena_bytes(model.file.graph));
}

TEST(Deployment, options_are_told_by_name) {
  EXPECT_THAT(refusal([] { (void)board_named("uno"); }),
              HasSubstr("no board 'uno', only generic, devkitc, eye"));
  EXPECT_THAT(refusal([] { (void)engine_named("tflite"); }), HasSubstr("only mudra, esp-dl and both"));
  EXPECT_EQ(flash_bytes_named("16M"), 16u << 20);
  for (const char* size : {"", "MB", "3", "8GB", "-8", "99999999999"})
    EXPECT_NE(refusal([&] { (void)flash_bytes_named(size); }), "") << size;
}

TEST(FirmwareProject, holds_the_firmware_the_engine_the_model_and_what_was_chosen) {
  const DeployModel model = gesture_model();
  const Deployment plan = plan_deployment(
      model,
      {.board = board_named("eye"), .flash_bytes = flash_bytes_named("16"), .engine = EngineChoice::kBoth});
  const auto files = firmware_project(model, plan);
  for (const char* path :
       {"CMakeLists.txt", "main/CMakeLists.txt", "main/app_main.cpp", "main/Kconfig.projbuild",
        "components/device/CMakeLists.txt", "components/device/src/engine.cpp",
        "components/device/include/mudra/device/engine.hpp", "memory_plan.svg", "memory_plan.txt"})
    EXPECT_NE(text_in(files, path), "") << path;
  EXPECT_EQ(text_in(files, "model.espdl"), std::string(model.bytes.begin(), model.bytes.end()));
  EXPECT_EQ(read_partition_table(text_in(files, "partitions.csv")), plan.partitions);
  const std::string settings = text_in(files, "sdkconfig.defaults");
  for (const char* line : {"\nCONFIG_ESPTOOLPY_FLASHSIZE_16MB=y\n", "\nCONFIG_MUDRA_ENGINE_BOTH=y\n",
                           "\nCONFIG_MUDRA_CAMERA=y\n", "\nCONFIG_COMPILER_OPTIMIZATION_PERF=y\n"})
    EXPECT_THAT(settings, HasSubstr(line));
  EXPECT_EQ(settings.find("FLASHSIZE"), settings.rfind("FLASHSIZE"));
  for (const ProjectFile& file : files) {
    EXPECT_FALSE(file.path.is_absolute());
    EXPECT_EQ(file.path.string().find(".."), std::string::npos);
    EXPECT_EQ(file.path.string().find("host/"), std::string::npos) << file.path;
  }
}

TEST(FirmwareProject, has_the_sources_as_they_are_in_the_repository) {
  int compared = 0;
  for (const SourceFile& source : firmware_sources()) {
    const auto path = std::filesystem::path(MUDRA_SOURCE) / source.path;
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "the sources are elsewhere";
    EXPECT_EQ(read_text(path), source.text) << source.path;
    ++compared;
  }
  EXPECT_GT(compared, 40);
}

TEST(FirmwareProject, is_written_as_a_whole_or_not_at_all) {
  const data::TemporaryFolder folder;
  const std::vector<ProjectFile> files{{"a/b.txt", {'x'}}, {"mudra-project.json", {'{', '}'}}};
  write_project(folder / "new/project/", files, Existing::kRefuse);
  EXPECT_EQ(read_text(folder / "new/project/a/b.txt"), "x");

  EXPECT_THAT(refusal([&] { write_project(folder / "new/project", files, Existing::kRefuse); }),
              HasSubstr("is there and not empty; --replace"));
  folder.add_file("mine/notes.txt", "keep");
  EXPECT_THAT(refusal([&] { write_project(folder / "mine", files, Existing::kReplace); }),
              HasSubstr("has no mudra-project.json, so it is not replaced"));
  EXPECT_EQ(read_text(folder / "mine/notes.txt"), "keep");
  folder.add_file("file", "");
  EXPECT_THAT(refusal([&] { write_project(folder / "file", files, Existing::kReplace); }),
              HasSubstr("is not a folder"));

  folder.add_file("new/project/build/old.o", "old");
  write_project(folder / "new/project", {{"c.txt", {'y'}}, {"mudra-project.json", {}}}, Existing::kReplace);
  EXPECT_EQ(read_text(folder / "new/project/c.txt"), "y");
  EXPECT_FALSE(std::filesystem::exists(folder / "new/project/build"));
  EXPECT_FALSE(std::filesystem::exists(folder / "new/project/a"));

  // A path that cannot be made, in the middle: nothing is left of it, and the old project is whole.
  const std::vector<ProjectFile> impossible{{"x", {'1'}}, {"x/y", {'2'}}};
  EXPECT_NE(refusal([&] { write_project(folder / "new/project", impossible, Existing::kReplace); }), "");
  EXPECT_EQ(read_text(folder / "new/project/c.txt"), "y");
  int entries = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "new")) {
    EXPECT_EQ(entry.path().filename(), "project");
    ++entries;
  }
  EXPECT_EQ(entries, 1);
}

}  // namespace
}  // namespace mudra::deploy
