#include "mudra/studio/jobs.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <nlohmann/json.hpp>

#include "mudra/base/files.hpp"

namespace mudra::studio {
namespace {

using nlohmann::json;

// A shell in place of the program: its words are what it does.
Command shell(const std::string& text) { return {.kind = "test", .run = "run-1", .words = {"-c", text}}; }

// All events until the job ends, a minute at most.
std::vector<json> events_of(Events& events) {
  std::vector<json> all;
  Events::At at;
  for (int silence = 0; silence < 60;) {
    const std::string text = events.next(&at);
    if (text.starts_with(':')) {
      ++silence;
      continue;
    }
    all.push_back(json::parse(text.substr(text.find("data: ") + 6)));
    if (all.back().contains("ended")) break;
  }
  return all;
}

std::vector<std::string> lines_of(const std::vector<json>& events) {
  std::vector<std::string> lines;
  for (const json& event : events)
    if (event.contains("line")) lines.push_back(event["line"]);
  return lines;
}

struct JobsTest : testing::Test {
  Events events;
  Jobs jobs{events, "/bin/sh"};
};

TEST_F(JobsTest, tell_each_line_and_how_it_ended) {
  bool told = false;
  ASSERT_TRUE(jobs.start(shell("echo one; echo two >&2; printf three"), [&] { told = true; }));
  const auto all = events_of(events);
  EXPECT_THAT(lines_of(all), testing::UnorderedElementsAre("one", "two", "three"));
  EXPECT_EQ(all.front()["started"]["text"], "mudra -c 'echo one; echo two >&2; printf three'");
  EXPECT_EQ(all.back()["ended"]["ok"], true);
  EXPECT_EQ(all.back()["ended"]["run"], "run-1");
  EXPECT_TRUE(told);
  EXPECT_EQ(jobs.running().kind, "");
}

TEST_F(JobsTest, run_one_at_a_time) {
  ASSERT_TRUE(jobs.start(shell("sleep 60")));
  EXPECT_FALSE(jobs.start(shell("true")));
  EXPECT_EQ(jobs.running().kind, "test");
  EXPECT_TRUE(jobs.stop());
  events_of(events);
  EXPECT_FALSE(jobs.stop());
  EXPECT_TRUE(jobs.start(shell("true")));
}

TEST_F(JobsTest, are_asked_once_to_stop_and_may_save) {
  ASSERT_TRUE(jobs.start(shell("trap 'echo saved; exit 1' INT; echo ready; while :; do sleep 0.01; done")));
  Events::At at;
  while (events.next(&at).find(R"("line":"ready")") == std::string::npos) {
  }
  jobs.stop();
  jobs.stop();
  const auto all = events_of(events);
  EXPECT_THAT(lines_of(all), testing::ElementsAre("ready", "saved"));
  EXPECT_EQ(all.back()["ended"]["how"], "stopped");
}

TEST_F(JobsTest, that_crash_are_a_message) {
  ASSERT_TRUE(jobs.start(shell("echo last words; kill -SEGV $$")));
  const auto all = events_of(events);
  EXPECT_THAT(lines_of(all), testing::ElementsAre("last words"));
  EXPECT_EQ(all.back()["ended"]["ok"], false);
  EXPECT_EQ(all.back()["ended"]["how"], "it was ended by a signal: Segmentation fault");
}

TEST_F(JobsTest, that_fail_say_so) {
  ASSERT_TRUE(jobs.start(shell("exit 3")));
  EXPECT_EQ(events_of(events).back()["ended"]["how"], "it failed, with 3");
  Events other;
  Jobs missing(other, "/nowhere/mudra");
  ASSERT_TRUE(missing.start(shell("true")));
  EXPECT_EQ(events_of(other).back()["ended"]["ok"], false);
}

TEST_F(JobsTest, print_into_a_file_only_when_all_went_well) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "output.json";
  std::filesystem::remove(file);
  Command command = shell("echo '{}'; exit 1");
  command.output = file;
  ASSERT_TRUE(jobs.start(command));
  events_of(events);
  EXPECT_FALSE(std::filesystem::exists(file));
  Events other;
  Jobs more(other, "/bin/sh");
  command.words.back() = "echo '{}'; echo said >&2";
  ASSERT_TRUE(more.start(command));
  const auto all = events_of(other);
  EXPECT_THAT(lines_of(all), testing::ElementsAre("said"));
  EXPECT_EQ(read_text(file), "{}\n");
  Events third;
  Jobs failing(third, "/bin/sh");
  command.words.back() = "exit 1";
  command.uses_board = true;
  ASSERT_TRUE(failing.start(command));
  events_of(third);
  EXPECT_FALSE(std::filesystem::exists(file)) << "what was printed before is taken for what was found now";
  EXPECT_THAT(std::string(all.front()["started"]["text"]), testing::EndsWith(" > " + file.string()));
}

TEST_F(JobsTest, have_their_figures_told_as_they_come) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "figures.jsonl";
  std::filesystem::remove(file);
  Command command = shell("echo '{\"epoch\":1}' >'" + file.string() +
                          "'; sleep 0.5; printf '{\"epoch\":2}\\nrub\\n{\"ep' >>'" + file.string() + "'");
  command.figures = file;
  ASSERT_TRUE(jobs.start(command));
  std::vector<int> epochs;
  for (const json& event : events_of(events))
    if (event.contains("figures")) epochs.push_back(event["figures"]["epoch"]);
  EXPECT_THAT(epochs, testing::ElementsAre(1, 2));
}

TEST_F(JobsTest, cannot_flood_or_confuse_a_page) {
  ASSERT_TRUE(jobs.start(
      shell("head -c 100000 /dev/zero | tr '\\0' x; printf '\\033[31m\\377\\n'; yes | head -n 5000")));
  const auto all = events_of(events);
  for (const std::string& line : lines_of(all)) {
    EXPECT_LE(line.size(), 2000);
    EXPECT_EQ(line.find('\x1b'), std::string::npos);
  }
  EXPECT_TRUE(all.back().contains("ended"));
}

TEST(Jobs, end_with_the_studio) {
  Events events;
  {
    Jobs jobs(events, "/bin/sh");
    ASSERT_TRUE(jobs.start(shell("trap 'echo saved; exit 1' INT; echo ready; while :; do sleep 0.01; done")));
    Events::At at;
    while (events.next(&at).find(R"("line":"ready")") == std::string::npos) {
    }
  }
  EXPECT_THAT(lines_of(events_of(events)), testing::ElementsAre("ready", "saved"));
}

TEST(Events, know_the_last_ones_and_end) {
  Events events;
  for (int i = 0; i < 1500; ++i) events.say(std::to_string(i));
  Events::At at;
  EXPECT_EQ(events.next(&at), "data: 500\n\n");
  EXPECT_EQ(events.next(&at), "data: 501\n\n");
  at = {.kept = 1500, .passing = 0};
  EXPECT_EQ(events.next(&at), ": alive\n\n");
  events.end();
  EXPECT_EQ(events.next(&at), "");
}

TEST(Events, in_passing_are_for_those_who_listen) {
  Events events;
  events.say("kept");
  events.say_in_passing("missed");
  Events::At at = events.begin();
  for (int i = 0; i < 1500; ++i) events.say_in_passing(std::to_string(i));
  EXPECT_EQ(events.next(&at), "data: kept\n\n");  // not crowded out
  EXPECT_EQ(events.next(&at), "data: 500\n\n");
  Events::At later = events.begin();
  EXPECT_EQ(events.next(&later), "data: kept\n\n");
  EXPECT_EQ(events.next(&later), ": alive\n\n");
}

}  // namespace
}  // namespace mudra::studio
