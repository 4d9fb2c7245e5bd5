#include "mudra/studio/commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "mudra/base/error.hpp"
#include "mudra/studio/names.hpp"

namespace mudra::studio {
namespace {

namespace fs = std::filesystem;
using Asked = nlohmann::json;

// The fields of one request.
class Fields {
 public:
  Fields(const Asked& request, std::initializer_list<std::string_view> allowed) : request_(request) {
    for (const auto& [name, value] : request.items())
      if (name != "command" && std::ranges::find(allowed, name) == allowed.end())
        fail("'{}' is no field of this command", name.substr(0, 40));
  }

  bool has(const char* field) const { return request_.contains(field); }

  std::string name(const char* field) const {
    const auto found = request_.find(field);
    if (found == request_.end() || !found->is_string()) fail("'{}' must be a name", field);
    std::string name = *found;
    if (!is_name(name)) fail("'{}' must be a name: 1 to 40 letters, digits, _ and -", field);
    return name;
  }

  std::string one_of(const char* field, std::initializer_list<std::string_view> values) const {
    std::string value = name(field);
    if (std::ranges::find(values, value) == values.end()) fail("'{}' cannot be '{}'", field, value);
    return value;
  }

  // Not given: false.
  bool flag(const char* field) const {
    const auto found = request_.find(field);
    if (found != request_.end() && !found->is_boolean()) fail("'{}' must be true or false", field);
    return found != request_.end() && found->get<bool>();
  }

  // 0: not given.
  int number(const char* field, int least, int most) const {
    const auto found = request_.find(field);
    if (found == request_.end()) return 0;
    if (!found->is_number_integer() || *found < least || *found > most)
      fail("'{}' must be a number of {} to {}", field, least, most);
    return *found;
  }

 private:
  const Asked& request_;
};

void add_epochs(const Fields& fields, Command* command) {
  constexpr int kMostEpochs = 1000;
  if (const int epochs = fields.number("epochs", 1, kMostEpochs))
    command->words.insert(command->words.end(), {"--epochs", std::to_string(epochs)});
}

Command training(const Asked& request, Project& project, bool has_pictures) {
  constexpr int kFewestHands = 64, kMostHands = 100000, kHands = 8000;
  const Fields fields(request, {"from", "hands", "epochs"});
  const std::string from = fields.name("from");
  const bool rendered = from == "rendered";
  Command command{.kind = "train", .run = project.next_run(rendered ? "rendered" : "mine")};
  if (rendered) {
    const int hands = fields.number("hands", kFewestHands, kMostHands);
    command.words = {"train", "--data", fmt::format("synthetic:{}", hands == 0 ? kHands : hands)};
  } else {
    if (!has_pictures) fail("there are no pictures yet to learn from");
    command.words = {"train", "--from", project.run(from).string(), "--data", project.pictures().string()};
  }
  command.words.insert(command.words.end(), {"--out", project.run(command.run).string()});
  add_epochs(fields, &command);
  command.figures = project.run(command.run) / "metrics.jsonl";
  return command;
}

Command quantizing(const Asked& request, const Project& project, bool has_pictures) {
  const Fields fields(request, {"run", "recipe"});
  const std::string run = fields.name("run");
  const std::string recipe = fields.one_of("recipe", {"int8", "mixed", "equalized", "best"});
  Command command{.kind = "quantize", .run = run};
  command.words = {"quantize", project.run(run).string()};
  // A network of rendered hands alone does not know classes that only the pictures have.
  if (has_pictures && !run.starts_with("rendered-"))
    command.words.insert(command.words.end(), {"--data", project.pictures().string()});
  command.words.insert(command.words.end(),
                       {"--data", "synthetic:960", "--recipe", recipe, "--out", project.model(run).string()});
  return command;
}

Command judging(const Asked& request, const Project& project, bool has_pictures) {
  const Fields fields(request, {"run", "beside"});
  const std::string run = fields.name("run");
  if (!has_pictures) fail("there are no pictures yet to judge by");
  Command command{.kind = "evaluate", .run = run, .words = {"evaluate", project.run(run).string()}};
  const bool has_integers = fs::exists(project.model(run));
  if (has_integers) command.words.push_back(project.model(run).string());
  if (fields.has("beside")) {
    const std::string other = fields.name("beside");
    if (other == run) fail("'{}' beside itself tells nothing", run);
    const fs::path integers = project.model(other);
    command.words.push_back((fs::exists(integers) ? integers : project.run(other)).string());
  }
  command.words.insert(command.words.end(), {"--data", project.pictures().string(), "--pictures", "--json"});
  command.output = project.run(run) / "evaluation.json";
  return command;
}

Command deploying(const Asked& request, const Project& project) {
  const Fields fields(request, {"run", "board", "replace"});
  const std::string run = fields.name("run");
  Command command{.kind = "deploy", .run = run};
  command.words = {"deploy",  project.model(run).string(),
                   "--board", fields.name("board"),
                   "--out",   (project.run(run) / "firmware").string()};
  if (fields.flag("replace")) command.words.emplace_back("--replace");
  return command;
}

// What needs the board.
Command with_board(const Asked& request, const Project& project, const std::string& port) {
  const Fields fields(request, {"run"});
  const std::string run = fields.name("run"), model = project.model(run).string();
  if (port.empty()) fail("there is no board: mudra studio FOLDER --board PORT");
  if (request["command"] == "send")
    return {.kind = "send", .run = run, .words = {"send", model, "--port", port}, .uses_board = true};
  return {.kind = "bench",
          .run = run,
          .words = {"monitor", "--port", port, "--model", model, "--bench", "100", "--selftest", "--json"},
          .output = project.run(run) / "board.json",
          .uses_board = true};
}

}  // namespace

Command command_of(const Asked& request, Project& project, bool has_pictures, const std::string& port) {
  if (!request.is_object()) fail("a request is a JSON object");
  const std::string kind =
      Fields(request, {"run", "from", "hands", "epochs", "recipe", "board", "beside", "replace"})
          .name("command");
  if (kind == "train") return training(request, project, has_pictures);
  if (kind == "quantize") return quantizing(request, project, has_pictures);
  if (kind == "evaluate") return judging(request, project, has_pictures);
  if (kind == "info") {
    const Fields fields(request, {});
    return {.kind = kind,
            .words = {"data", "info", project.pictures().string(), "--json"},
            .output = project.folder() / "info.json"};
  }
  if (kind == "deploy") return deploying(request, project);
  if (kind == "send" || kind == "bench") return with_board(request, project, port);
  const Fields fields(request, {"run"});
  const std::string run = fields.name("run");
  const std::string model = project.model(run).string();
  if (kind == "resume")
    return {.kind = kind,
            .run = run,
            .words = {"train", "--resume", "--out", project.run(run).string()},
            .figures = project.run(run) / "metrics.jsonl"};
  if (kind == "profile")
    return {.kind = kind,
            .run = run,
            .words = {"profile", model, "--json"},
            .output = project.run(run) / "profile.json"};
  fail("there is no command '{}' here", kind);
}

}  // namespace mudra::studio
