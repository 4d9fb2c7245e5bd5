// What fits a board and what does not, and the project that is written for it.
#include "mudra/deploy/deployment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <regex>
#include <sstream>

#include "mudra/deploy/firmware_project.hpp"
#include "mudra/deploy/firmware_sources.hpp"
#include "mudra/device/model_slots.hpp"
#include "mudra/sim/packed_model.hpp"
#include "tests/data/temporary_folder.hpp"
#include "tests/firmware/gesture_model.hpp"
#include "tests/refusal.hpp"

namespace mudra::deploy {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

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

// A small picture, and weights of 256 KB.
format::EspdlFile heavy_file() {
  format::EspdlFile file;
  format::IntegerGraph g(5);
  g.graph.input = g.activation("picture", {1, 16, 16, 1}, graph::Type::kInt8, -7);
  const auto flat = g.activation("flat", {1, 256}, graph::Type::kInt8, -7);
  g.node("flatten", graph::Flatten{}, {g.graph.input}, flat);
  const auto w1 = g.constant<std::int8_t>("w1", {1024, 256}, graph::Layout::kOi, -6, 20);
  const auto wide = g.activation("wide", {1, 1024}, graph::Type::kInt8, -4);
  g.node("wide", graph::Gemm{}, {flat, w1}, wide);
  const auto w2 = g.constant<std::int8_t>("w2", {4, 1024}, graph::Layout::kOi, -6, 20);
  const auto scores = g.activation("scores", {1, 4}, graph::Type::kInt8, -3);
  g.node("classifier", graph::Gemm{}, {wide, w2}, scores);
  file.graph = std::move(g.graph);
  return file;
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
  const auto twice = g.activation("twice", {1, 96, 96, 64}, graph::Type::kInt8, -5);
  g.node("add", graph::Add{}, {wide, wide}, twice);  // has two operands, so that the wide map is stored
  const auto pooled = g.activation("pooled", {1, 1, 1, 64}, graph::Type::kInt8, -5);
  g.node("pool", graph::GlobalAveragePool{}, {twice}, pooled);
  const auto flat = g.activation("flat", {1, 64}, graph::Type::kInt8, -5);
  g.node("flatten", graph::Flatten{}, {pooled}, flat);
  const auto w2 = g.constant<std::int8_t>("w2", {4, 64}, graph::Layout::kOi, -6, 100);
  const auto scores = g.activation("scores", {1, 4}, graph::Type::kInt8, -4);
  g.node("classifier", graph::Gemm{}, {flat, w2}, scores);
  file.graph = std::move(g.graph);
  const DeployModel large = model_of(std::move(file));

  const Deployment refused = plan_deployment(large, {});
  ASSERT_FALSE(refused.fits());
  EXPECT_GT(refused.arena.arena_bytes, 96u * 96 * 64);
  EXPECT_THAT(refused.refusals.front(),
              HasSubstr(fmt::format("arena of mudra's engine ({})", refused.arena.arena_bytes)));
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

TEST(Deployment, has_two_slots_for_the_model_where_the_flash_has_room_and_says_so_where_it_has_not) {
  const Deployment small = plan_deployment(gesture_model(), {.flash_bytes = flash_bytes_named("4MB")});
  EXPECT_EQ(small.slot_room, (1u << 19) - device::kFlashSector);
  EXPECT_EQ(small.partitions.back().bytes, 1u << 20);

  const DeployModel heavy = model_of(heavy_file());
  const Deployment roomy = plan_deployment(heavy, {.flash_bytes = flash_bytes_named("8MB")});
  ASSERT_GT(roomy.image.size(), small.slot_room);
  EXPECT_GE(roomy.slot_room, roomy.image.size());
  EXPECT_EQ(roomy.partitions.back().bytes, device::SlotLayout::partition_bytes(roomy.image.size()));
  EXPECT_THAT(text_of(roomy), HasSubstr("'mudra send' takes models of up to "));

  const Deployment full = plan_deployment(heavy, {.flash_bytes = flash_bytes_named("4MB")});
  EXPECT_EQ(full.slot_room, 0u);
  EXPECT_EQ(full.partitions.back().bytes, 1u << 20);
  EXPECT_THAT(full.remarks, ::testing::Contains(HasSubstr("'mudra send' cannot replace this one")));
}

TEST(Deployment, of_what_is_no_picture_classifier_is_refused) {
  const DeployModel model = model_of(format::small_espdl());
  EXPECT_THAT(refusal([&] { (void)plan_deployment(model, {}); }),
              HasSubstr("it takes [1, 6, 6, 3], not one gray or colour picture with sides of 8 to 512"));
}

TEST(Deployment, of_colour_pictures_counts_their_bytes_and_the_cameras) {
  const auto demands = [](const device::PictureShape& shape) {
    const DeployModel model = model_of(firmware::gesture_file(firmware::Traces::kNone, 4, shape));
    std::vector<std::size_t> bytes;
    for (const MemoryDemand& demand : plan_deployment(model, {.board = board_named("eye")}).demands)
      if (demand.what.find("picture") != std::string::npos) bytes.push_back(demand.bytes);
    return bytes;
  };
  constexpr std::size_t kCamera = 2 * 240 * 240;
  EXPECT_EQ(demands({}), (std::vector<std::size_t>{9216, 768, kCamera}));
  EXPECT_EQ(demands({.height = 40, .width = 64, .channels = 3}),
            (std::vector<std::size_t>{7680, 1024, 2 * kCamera}));
}

TEST(Deployment, of_more_classes_or_recorded_inputs_than_the_board_takes_is_refused_with_both_numbers) {
  const auto why = [](format::EspdlFile file) {
    const DeployModel model = model_of(std::move(file));
    return refusal([&] { (void)plan_deployment(model, {}); });
  };
  EXPECT_EQ(why(firmware::gesture_file(firmware::Traces::kNone, 64)), "");
  EXPECT_EQ(why(firmware::gesture_file(firmware::Traces::kNone, 65)),
            "it has 65 classes; the board takes up to 64");
  format::EspdlFile many = firmware::gesture_file();
  many.tests.resize(65, many.tests.front());
  EXPECT_EQ(why(many), "it has 65 recorded inputs; the board takes up to 64");
  format::EspdlFile unknown_rule = firmware::gesture_file();
  unknown_rule.graph.metadata["input_rule"] = "squared";
  EXPECT_THAT(why(unknown_rule),
              HasSubstr("the board would refuse it: attribute is missing or not supported"));
}

TEST(Deployment, of_names_too_long_for_the_board_says_that_it_shows_numbers) {
  format::EspdlFile file = firmware::gesture_file();
  for (std::string& name : file.graph.class_names) name.resize(257, 'x');
  const Deployment plan = plan_deployment(model_of(std::move(file)), {});
  EXPECT_TRUE(plan.fits());
  EXPECT_THAT(plan.remarks,
              ::testing::Contains("the names of the classes have 1028 bytes together, more than the "
                                  "board's 1024; the board calls them 0, 1, ..."));
}

TEST(Deployment, counts_what_the_camera_takes) {
  const DeployModel model = gesture_model();
  const Deployment eye = plan_deployment(model, {.board = board_named("eye")});
  const Deployment without = plan_deployment(model, {.board = board_named("devkitc")});
  constexpr std::size_t kPictures = 2 * 240 * 240, kDma = 23'040, kRows = 768;
  EXPECT_EQ(eye.ram_bytes, without.ram_bytes + kPictures + kDma + kRows);
  EXPECT_EQ(eye.psram_bytes, kPictures);
  EXPECT_THAT(text_of(eye), HasSubstr("115200  the camera's two pictures, in PSRAM"));
  BoardKind small = board_named("eye");  // with PSRAM for the pictures and no more
  small.psram_bytes = kPictures;
  EXPECT_TRUE(plan_deployment(model, {.board = small}).fits());
}

TEST(Deployment, of_esp_dl_needs_room_for_whole_tensors) {
  const DeployModel model = gesture_model();
  const Deployment own = plan_deployment(model, {.engine = EngineChoice::kMudra});
  const Deployment both = plan_deployment(model, {.engine = EngineChoice::kBoth});
  EXPECT_EQ(both.ram_bytes, own.ram_bytes + esp_dl_arena_bytes(model.file.graph));
}

TEST(Deployment, has_packed_weights_in_ram_where_all_fits_inside_of_the_chip_or_where_it_is_told) {
  const DeployModel model = gesture_model();
  const Deployment plan = plan_deployment(model, {});
  EXPECT_EQ(plan.image, sim::with_packed_weights(model.bytes));
  EXPECT_EQ(plan.model_bytes, model.bytes.size());
  EXPECT_EQ(plan.config.weights, device::PackedWeights::kInArena);
  ASSERT_EQ(plan.variants.size(), 2u);
  EXPECT_EQ(plan.variants[1].arena_bytes, plan.arena.arena_bytes);
  EXPECT_EQ(plan.variants[1].ram_bytes, plan.ram_bytes);
  EXPECT_EQ(plan.variants[0].arena_bytes + plan.arena.packed_bytes, plan.arena.arena_bytes);
  EXPECT_THAT(text_of(plan), HasSubstr("ram: copied when the board starts"));

  const Deployment told = plan_deployment(model, {.weights = device::PackedWeights::kInPlace});
  EXPECT_EQ(told.ram_bytes, plan.variants[0].ram_bytes);
  EXPECT_THAT(text_in(firmware_project(model, told), "sdkconfig.defaults"),
              HasSubstr("\nCONFIG_MUDRA_WEIGHTS_FLASH=y\n"));

  const Deployment vendors = plan_deployment(model, {.engine = EngineChoice::kEspDl});
  EXPECT_EQ(vendors.image, model.bytes);
  EXPECT_THAT(text_in(firmware_project(model, vendors), "sdkconfig.defaults"),
              Not(HasSubstr("MUDRA_WEIGHTS")));
  EXPECT_THAT(text_of(vendors), Not(HasSubstr("packed weights of mudra's engine")));
}

TEST(Deployment, of_weights_that_are_too_many_for_the_ram_leaves_them_in_flash) {
  const DeployModel heavy = model_of(heavy_file());
  const Deployment plan = plan_deployment(heavy, {});
  EXPECT_EQ(plan.config.weights, device::PackedWeights::kInPlace);
  EXPECT_TRUE(plan.fits());
  EXPECT_GT(plan.variants[1].ram_bytes, kInternalBytes);
  EXPECT_FALSE(plan_deployment(heavy, {.weights = device::PackedWeights::kInArena}).fits());
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
        "components/device/include/mudra/device/engine.hpp", "components/device/s3/macros.h",
        "components/device/s3/expand.S", "components/device/s3/forms.cpp",
        "components/device/s3/include/mudra/device/s3/kernels.hpp", "memory_plan.svg", "memory_plan.txt",
        "README.md", "docs/firmware.md", "docs/terminal.md"})
    EXPECT_NE(text_in(files, path), "") << path;
  EXPECT_EQ(text_in(files, "model.espdl"), std::string(plan.image.begin(), plan.image.end()));
  EXPECT_EQ(read_partition_table(text_in(files, "partitions.csv")), plan.partitions);
  const std::string settings = text_in(files, "sdkconfig.defaults");
  for (const char* line : {"\nCONFIG_ESPTOOLPY_FLASHSIZE_16MB=y\n", "\nCONFIG_MUDRA_ENGINE_BOTH=y\n",
                           "\nCONFIG_MUDRA_WEIGHTS_RAM=y\n", "\nCONFIG_MUDRA_CAMERA=y\n",
                           "\nCONFIG_COMPILER_OPTIMIZATION_PERF=y\n"})
    EXPECT_THAT(settings, HasSubstr(line));
  EXPECT_EQ(settings.find("FLASHSIZE"), settings.rfind("FLASHSIZE"));
  for (const ProjectFile& file : files) {
    EXPECT_FALSE(file.path.is_absolute());
    EXPECT_EQ(file.path.string().find(".."), std::string::npos);
    EXPECT_EQ(file.path.string().find("host/"), std::string::npos) << file.path;
  }
}

std::vector<std::string> anchors_of(const std::string& document) {
  std::vector<std::string> anchors;
  std::istringstream lines(document);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("#")) continue;
    std::string anchor;
    for (const char letter : line.substr(line.find(' ') + 1))
      if (std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '-' || letter == '_')
        anchor += static_cast<char>(std::tolower(letter));
      else if (letter == ' ')
        anchor += '-';
    anchors.push_back(anchor);
  }
  return anchors;
}

TEST(FirmwareProject, has_documents_whose_links_lead_somewhere) {
  const DeployModel model = gesture_model();
  const auto files = firmware_project(model, plan_deployment(model, {}));
  int links = 0;
  for (const ProjectFile& file : files) {
    if (file.path.extension() != ".md") continue;
    const std::string text = text_in(files, file.path);
    const std::regex link(R"(\]\(([^)\s#]*)(#[^)\s]*)?\))");
    for (auto at = std::sregex_iterator(text.begin(), text.end(), link); at != std::sregex_iterator(); ++at) {
      const std::string to = (*at)[1], anchor = (*at)[2];
      if (to.starts_with("https:")) continue;
      const auto path = to.empty() ? file.path : (file.path.parent_path() / to).lexically_normal();
      const std::string there = text_in(files, path);
      EXPECT_NE(there, "") << file.path << " leads to " << path;
      if (!anchor.empty()) {
        EXPECT_THAT(anchors_of(there), ::testing::Contains(anchor.substr(1))) << file.path;
      }
      ++links;
    }
  }
  EXPECT_GE(links, 3);
}

TEST(FirmwareProject, is_flashed_and_asked_at_the_ports_of_its_board) {
  EXPECT_THAT(next_commands("project", "m.espdl", board_named("devkitc")),
              HasSubstr("-p /dev/ttyUSB0 flash"));
  const std::string eye = next_commands("project", "m.espdl", board_named("eye"));
  EXPECT_THAT(eye, HasSubstr("-p /dev/ttyACM0 flash"));
  EXPECT_THAT(eye, HasSubstr("-p /dev/ttyACM0 model-flash"));
  EXPECT_THAT(eye, HasSubstr("monitor --port /dev/ttyACM0 "));
  EXPECT_THAT(next_commands("project", "m.espdl", board_kinds().front()), HasSubstr("or /dev/ttyACM0"));
  const std::string quoted = next_commands("my board", "a;b.espdl", board_named("eye"));
  EXPECT_THAT(quoted, HasSubstr("-C 'my board' -p"));
  EXPECT_THAT(quoted, HasSubstr("/a;b.espdl' hand.png"));
  EXPECT_THAT(quoted, HasSubstr("copy it to 'my board/model.espdl'"));
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
