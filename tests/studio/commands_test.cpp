#include "mudra/studio/commands.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>

#include "mudra/base/files.hpp"
#include "tests/refusal.hpp"

namespace mudra::studio {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct CommandsTest : testing::Test {
  ~CommandsTest() override {
    fs::current_path("/");
    fs::remove_all(place);
  }

  std::string typed(const json& request, bool has_pictures = true, const std::string& port = "/dev/ttyUSB0") {
    return text_of(command_of(request, project, has_pictures, port));
  }
  std::string refused(const json& request, bool has_pictures = true, const std::string& port = "") {
    return refusal([&] { command_of(request, project, has_pictures, port); });
  }

  fs::path place = fs::path(testing::TempDir()) / fmt::format("studio_commands_{}", ::getpid());
  Project project{[this] {
    make_folder(place);
    fs::current_path(place);
    return "commands";
  }()};
};

TEST_F(CommandsTest, are_what_one_would_type) {
  EXPECT_EQ(typed({{"command", "train"}, {"from", "rendered"}}),
            "mudra train --data synthetic:8000 --out commands/runs/rendered-1");
  make_folder("commands/runs/rendered-1");
  EXPECT_EQ(typed({{"command", "train"}, {"from", "rendered"}, {"hands", 64}, {"epochs", 2}}),
            "mudra train --data synthetic:64 --out commands/runs/rendered-2 --epochs 2");
  EXPECT_EQ(
      typed({{"command", "train"}, {"from", "rendered-1"}}),
      "mudra train --from commands/runs/rendered-1 --data commands/pictures --out commands/runs/mine-1");
  EXPECT_EQ(typed({{"command", "resume"}, {"run", "mine-1"}}),
            "mudra train --resume --out commands/runs/mine-1");
  EXPECT_EQ(
      typed({{"command", "quantize"}, {"run", "mine-1"}, {"recipe", "best"}}),
      "mudra quantize commands/runs/mine-1 --data commands/pictures --data synthetic:960 --recipe best --out "
      "commands/runs/mine-1/model.espdl");
  EXPECT_EQ(typed({{"command", "quantize"}, {"run", "mine-1"}, {"recipe", "int8"}}, false),
            "mudra quantize commands/runs/mine-1 --data synthetic:960 --recipe int8 --out "
            "commands/runs/mine-1/model.espdl");
  EXPECT_EQ(typed({{"command", "quantize"}, {"run", "rendered-1"}, {"recipe", "int8"}}),
            "mudra quantize commands/runs/rendered-1 --data synthetic:960 --recipe int8 --out "
            "commands/runs/rendered-1/model.espdl");
  EXPECT_EQ(typed({{"command", "info"}}), "mudra data info commands/pictures --json > commands/info.json");
  EXPECT_EQ(typed({{"command", "profile"}, {"run", "mine-1"}}),
            "mudra profile commands/runs/mine-1/model.espdl --json > commands/runs/mine-1/profile.json");
  EXPECT_EQ(typed({{"command", "deploy"}, {"run", "mine-1"}, {"board", "eye"}}),
            "mudra deploy commands/runs/mine-1/model.espdl --board eye --out commands/runs/mine-1/firmware");
  EXPECT_EQ(typed({{"command", "deploy"}, {"run", "mine-1"}, {"board", "xiao"}, {"replace", true}}),
            "mudra deploy commands/runs/mine-1/model.espdl --board xiao --out commands/runs/mine-1/firmware "
            "--replace");
  EXPECT_EQ(
      typed({{"command", "bench"}, {"run", "mine-1"}}),
      "mudra monitor --port /dev/ttyUSB0 --model commands/runs/mine-1/model.espdl --bench 100 --selftest "
      "--json > commands/runs/mine-1/board.json");
  EXPECT_EQ(typed({{"command", "send"}, {"run", "mine-1"}}),
            "mudra send commands/runs/mine-1/model.espdl --port /dev/ttyUSB0");
}

TEST_F(CommandsTest, judge_what_there_is_of_a_run_and_of_an_earlier_one) {
  const std::string where =
      " --data commands/pictures --pictures --json > commands/runs/mine-2/evaluation.json";
  const json alone = {{"command", "evaluate"}, {"run", "mine-2"}};
  const json two = {{"command", "evaluate"}, {"run", "mine-2"}, {"beside", "mine-1"}};
  EXPECT_EQ(typed(alone), "mudra evaluate commands/runs/mine-2" + where);
  EXPECT_EQ(typed(two), "mudra evaluate commands/runs/mine-2 commands/runs/mine-1" + where);
  for (const char* run : {"mine-1", "mine-2"}) {
    make_folder(fs::path("commands/runs") / run);
    write_text(fs::path("commands/runs") / run / "model.espdl", "x");
  }
  EXPECT_EQ(typed(alone), "mudra evaluate commands/runs/mine-2 commands/runs/mine-2/model.espdl" + where);
  EXPECT_EQ(typed(two),
            "mudra evaluate commands/runs/mine-2 commands/runs/mine-2/model.espdl "
            "commands/runs/mine-1/model.espdl" +
                where);
  EXPECT_EQ(refused({{"command", "evaluate"}, {"run", "mine-2"}, {"beside", "mine-2"}}),
            "'mine-2' beside itself tells nothing");
  EXPECT_EQ(refused(alone, false), "there are no pictures yet to judge by");
}

TEST_F(CommandsTest, are_nothing_else) {
  for (const json& request : {json(),
                              json::array(),
                              json("train"),
                              json::object(),
                              json{{"command", "rm"}},
                              json{{"command", 1}},
                              json{{"command", "train"}},
                              json{{"command", "train"}, {"from", "../x"}},
                              json{{"command", "train"}, {"from", "--out"}},
                              json{{"command", "train"}, {"from", 1}},
                              json{{"command", "train"}, {"from", "rendered"}, {"hands", 63}},
                              json{{"command", "train"}, {"from", "rendered"}, {"hands", "64"}},
                              json{{"command", "train"}, {"from", "rendered"}, {"epochs", 1e9}},
                              json{{"command", "train"}, {"from", "rendered"}, {"epochs", 0}},
                              json{{"command", "train"}, {"from", "rendered"}, {"out", "x"}},
                              json{{"command", "resume"}, {"run", ""}},
                              json{{"command", "resume"}, {"run", "a"}, {"epochs", 1}},
                              json{{"command", "quantize"}, {"run", "a"}, {"recipe", "int4"}},
                              json{{"command", "quantize"}, {"run", "a"}},
                              json{{"command", "evaluate"}, {"run", "a/b"}},
                              json{{"command", "evaluate"}, {"run", "a"}, {"beside", "../b"}},
                              json{{"command", "evaluate"}, {"run", "a"}, {"beside", 1}},
                              json{{"command", "profile"}, {"run", "a"}, {"beside", "b"}},
                              json{{"command", "deploy"}, {"run", "a"}},
                              json{{"command", "deploy"}, {"run", "a"}, {"board", "-x"}},
                              json{{"command", "deploy"}, {"run", "a"}, {"board", "eye"}, {"replace", 1}},
                              json{{"command", "send"}, {"run", "a"}, {"replace", true}},
                              json{{"command", "bench"}, {"run", "a"}},
                              json{{"command", "bench"}, {"run", "a"}, {"board", "/dev/ttyS0"}},
                              json{{"command", "info"}, {"set", "/etc"}},
                              json{{"command", "send"}, {"run", "a"}}})
    EXPECT_NE(refused(request), "") << request;
  EXPECT_EQ(refused({{"command", "bench"}, {"run", "a"}}),
            "there is no board: mudra studio FOLDER --board PORT");
  EXPECT_EQ(refused({{"command", "train"}, {"from", "a"}}, false), "there are no pictures yet to learn from");
}

TEST_F(CommandsTest, say_when_they_use_the_board) {
  for (const auto& [kind, uses] : {std::pair("send", true), {"bench", true}, {"profile", false}})
    EXPECT_EQ(command_of({{"command", kind}, {"run", "a"}}, project, true, "tty").uses_board, uses) << kind;
}

TEST_F(CommandsTest, leave_a_folder_to_one_studio) {
  EXPECT_EQ(refusal([] { Project("commands"); }),
            "commands: another studio has it open: go on in its page, or end it with Ctrl-C");
}

TEST_F(CommandsTest, leave_the_order_of_runs_as_it_is) {
  using std::chrono::hours;
  for (const auto& [name, age] : {std::pair("old", hours(2)), {"new", hours(1)}}) {
    make_folder(project.run(name));
    write_text(project.model(name), "x");
    fs::last_write_time(project.model(name), fs::file_time_type::clock::now() - age);
  }
  write_text(project.run("old") / "profile.json", "{}");  // changes its folder
  EXPECT_EQ(project.runs().back()["name"], "new");
}

TEST_F(CommandsTest, know_what_was_interrupted) {
  make_folder("other");
  {
    Project first("other");
    first.set_classes({"rock", "none"});
    first.set_job({{"kind", "train"}});
    write_text("other/half.999999999.tmp", "x");
    EXPECT_TRUE(first.interrupted().is_null());
  }
  Project again("other");
  EXPECT_EQ(again.interrupted()["kind"], "train");
  EXPECT_EQ(again.classes(), (std::vector<std::string>{"rock", "none"}));
  EXPECT_FALSE(fs::exists("other/half.999999999.tmp"));
  EXPECT_NE(refusal([&] { again.set_classes({}); }), "");
  EXPECT_NE(refusal([&] { again.set_classes({"a", "a"}); }), "");
  EXPECT_NE(refusal([&] { again.set_classes({"train"}); }), "");
  EXPECT_NE(refusal([&] { again.set_classes({"../a"}); }), "");
  EXPECT_NE(refusal([&] { again.set_classes(std::vector<std::string>(21, "a")); }), "");
  EXPECT_EQ(again.classes().size(), 2);
  fs::remove_all("other");
}

TEST_F(CommandsTest, say_what_is_wrong_with_a_damaged_file) {
  make_folder("damaged");
  for (const char* text :
       {"", "[]", "{}", R"({"classes": 1})", R"({"classes": ["../x"]})", R"({"classes": [1]})"}) {
    write_text("damaged/studio.json", text);
    EXPECT_TRUE(refusal([] { Project("damaged"); }).starts_with("damaged/studio.json: ")) << text;
  }
  fs::remove_all("damaged");
}

}  // namespace
}  // namespace mudra::studio
