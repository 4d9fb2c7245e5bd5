#include "mudra/studio/studio.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/deploy/deployment.hpp"
#include "mudra/studio/names.hpp"
#include "mudra/studio/site.hpp"
#include "mudra/studio/web_files.hpp"

namespace mudra::studio {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

Response json_response(const Json& json) {
  return {.body = json.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

Response bytes_response(std::string type, std::span<const std::uint8_t> bytes) {
  return {.type = std::move(type), .body = std::string(bytes.begin(), bytes.end())};
}

std::string type_of(std::string_view name) {
  const std::string_view extension = name.substr(std::min(name.rfind('.'), name.size()));
  if (extension == ".html") return "text/html; charset=utf-8";
  if (extension == ".js") return "text/javascript; charset=utf-8";
  if (extension == ".css") return "text/css; charset=utf-8";
  if (extension == ".svg") return "image/svg+xml";
  if (extension == ".wasm") return "application/wasm";
  if (extension == ".png" || extension == ".webp" || extension == ".bmp")
    return fmt::format("image/{}", extension.substr(1));
  if (extension == ".jpg" || extension == ".jpeg") return "image/jpeg";
  return "application/octet-stream";
}

// "/a/b/c" behind `start`: {"a", "b", "c"}; nothing for another path or number of parts.
std::optional<std::vector<std::string>> parts_of(std::string_view path, std::string_view start,
                                                 std::size_t count) {
  if (!path.starts_with(start)) return std::nullopt;
  path.remove_prefix(start.size());
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    parts.emplace_back(path.substr(at, end - at));
    at = end + 1;
  }
  return parts.size() == count ? std::optional(parts) : std::nullopt;
}

// One of the page's files; index.html with the panes that need a studio behind it.
std::optional<Response> web_file(std::string_view name) {
  if (name.empty()) name = "index.html";
  const auto files = web_files();
  const auto found = std::ranges::find(files, name, &WebFile::name);
  if (found == files.end()) return std::nullopt;
  Response response = bytes_response(type_of(name), found->bytes);
  constexpr std::string_view kPlace = "<!-- panes -->";
  const auto panes = std::ranges::find(files, "panes.html", &WebFile::name);
  const std::size_t at = name == "index.html" ? response.body.find(kPlace) : std::string::npos;
  if (at != std::string::npos && panes != files.end())
    response.body.replace(at, kPlace.size(), std::string(panes->bytes.begin(), panes->bytes.end()));
  return response;
}

std::string text_in(const nlohmann::json& request, const char* field) {
  const auto found = request.find(field);
  if (found == request.end() || !found->is_string()) fail("'{}' must be a text", field);
  return *found;
}

PicturePlace place_in(const nlohmann::json& request) {
  return {.subject = text_in(request, "subject"),
          .label = text_in(request, "class"),
          .file = text_in(request, "file")};
}

Json json_of(const PicturePlace& place) {
  Json json = {{"subject", place.subject}, {"class", place.label}};
  if (!place.file.empty()) json["file"] = place.file;
  return json;
}

// A JSON file, 204 where it is not there yet.
Response file_response(const fs::path& file) {
  if (!fs::exists(file)) return {.status = 204};
  return {.body = read_text(file)};
}

}  // namespace

Studio::Studio(const StudioOptions& options)
    : board_(options.board),
      project_(options.folder),
      pictures_(project_.pictures(), project_.trash()),
      eye_(options.board),
      jobs_(events_) {}

Response Studio::answer(const Request& request) {
  try {
    return request.method == "POST" ? change(request) : read(request.path);
  } catch (const Error& error) {
    return plain(400, error.text);
  } catch (const fs::filesystem_error& error) {
    return plain(400, error.code().message());
  }
}

Response Studio::read(const std::string& path) {
  constexpr int kMostStreams = 12;
  if (path == "/api/state") return json_response(state());
  if (path == "/api/pictures") return json_response(pictures_.list());
  if (path == "/api/events") {
    // Counted as long as the answer or a copy of it lives.
    const std::shared_ptr<void> counted(nullptr, [this](void*) { --streams_; });
    if (++streams_ > kMostStreams) return plain(503, "this studio is open in too many pages");
    return {.type = "text/event-stream",
            .next = [this, counted, at = events_.begin()]() mutable { return events_.next(&at); }};
  }
  if (const auto parts = parts_of(path, "/api/pictures/", 3)) {
    const PicturePlace place = {.subject = (*parts)[0], .label = (*parts)[1], .file = (*parts)[2]};
    return bytes_response(type_of(place.file), pictures_.bytes(place));
  }
  if (const auto parts = parts_of(path, "/api/pictures/", 2))
    return json_response(pictures_.list((*parts)[0], (*parts)[1]));
  if (const auto parts = parts_of(path, "/api/board/", 1)) {
    if (board_.empty()) fail("there is no board: mudra studio FOLDER --board PORT");
    std::uint64_t after = 0;
    const std::string& text = parts->front();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), after);
    if (error != std::errc() || end != text.data() + text.size()) fail("that is no picture's number");
    return json_response(eye_.next(after));
  }
  if (path == "/model.espdl" || path == "/model.json") return latest_model(path.ends_with(".json"));
  if (const auto parts = parts_of(path, "/api/runs/", 2)) {
    constexpr std::array kFiles = {"metrics.jsonl", "evaluation.json", "profile.json", "board.json"};
    if (std::ranges::find(kFiles, (*parts)[1]) == kFiles.end())
      return plain(404, "there is nothing of that name here");
    const fs::path file = project_.run((*parts)[0]) / (*parts)[1];
    std::error_code error;
    if ((file.stem() == "profile" || file.stem() == "board") &&
        fs::last_write_time(file, error) < fs::last_write_time(project_.model((*parts)[0]), error))
      return {.status = 204};  // of another model
    return file_response(file);
  }
  if (path == "/api/info") return file_response(project_.folder() / "info.json");
  if (std::optional<Response> file = web_file(std::string_view(path).substr(path.starts_with('/') ? 1 : 0)))
    return *file;
  return plain(404, "there is nothing of that name here");
}

Response Studio::latest_model(bool about) {
  const Json runs = project_.runs();
  for (auto run = runs.rbegin(); run != runs.rend(); ++run)
    if (run->at("model")) {
      const std::string name = run->at("name");
      const SiteContent content = {.name = name, .model = deploy::load_deploy_model(project_.model(name))};
      return about ? json_response(about_model(content))
                   : bytes_response("application/octet-stream", content.model.bytes);
    }
  return {.status = 204, .type = "application/octet-stream"};
}

Response Studio::change(const Request& request) {
  for (const auto& [start, take] :
       {std::pair("/api/capture/", &Pictures::keep), std::pair("/api/import/", &Pictures::import)})
    if (const auto parts = parts_of(request.path, start, 2)) {
      if (request.content_type != "image/png") return plain(415, "a PNG, please");
      const auto* bytes = reinterpret_cast<const std::uint8_t*>(request.body.data());
      const Pictures::Kept kept = (pictures_.*take)((*parts)[0], (*parts)[1], {bytes, request.body.size()});
      return say_kept(kept);
    }
  if (request.content_type != "application/json") return plain(415, "JSON, please");
  const nlohmann::json json = nlohmann::json::parse(request.body, nullptr, false);
  if (!json.is_object()) return plain(400, "that is no JSON object");
  const std::string& path = request.path;
  if (path == "/api/capture_board") {
    const deploy::BoardPicture picture = eye_.latest();
    return say_kept(
        pictures_.keep_whole(text_in(json, "person"), text_in(json, "class"), picture.shape, picture.pixels));
  }
  if (path == "/api/undo") {
    const Pictures::TakenBack taken = pictures_.take_back(text_in(json, "person"));
    if (taken.taken_back) say_changed({.subject = taken.subject, .label = taken.label, .file = {}}, {});
    return json_response({{"taken_back", taken.taken_back}});
  }
  if (path == "/api/sitting") {
    pictures_.end_sitting(text_in(json, "person"));
    return json_response(Json::object());
  }
  if (path == "/api/relabel") {
    const PicturePlace from = place_in(json), to = pictures_.relabel(from, text_in(json, "to"));
    say_changed(from, to);
    return json_response(json_of(to));
  }
  if (path == "/api/discard") {
    const PicturePlace from = place_in(json), trash = pictures_.discard(from);
    say_changed(from, {});
    return json_response(json_of(trash));
  }
  if (path == "/api/restore") {
    const PicturePlace to = pictures_.restore(place_in(json));
    say_changed({}, to);
    return json_response(json_of(to));
  }
  if (path == "/api/classes") {
    std::vector<std::string> names;
    const auto found = json.find("classes");
    if (found == json.end() || !found->is_array()) fail("'classes' must be a list of names");
    for (const auto& name : *found) names.push_back(name.is_string() ? name.get<std::string>() : "");
    project_.set_classes(names);
    events_.say_in_passing(Json{{"classes", names}}.dump());
    return json_response({{"classes", names}});
  }
  if (path == "/api/command") return json_response(json_of(command_in(json)));
  if (path == "/api/jobs") return begin(json);
  if (path == "/api/stop") return json_response({{"stopping", jobs_.stop()}});
  return plain(404, "there is nothing of that name here");
}

Response Studio::say_kept(const Pictures::Kept& kept) {
  if (kept.kept) say_changed({}, {.subject = kept.subject, .label = kept.label, .file = {}});
  return json_response(
      {{"kept", kept.kept}, {"subject", kept.subject}, {"class", kept.label}, {"count", kept.count}});
}

void Studio::say_changed(const PicturePlace& from, const PicturePlace& to) {
  Json moved = Json::object();
  if (!from.subject.empty()) moved["from"] = json_of(from);
  if (!to.subject.empty()) moved["to"] = json_of(to);
  events_.say_in_passing(Json{{"pictures", moved}}.dump());
}

Json Studio::state() {
  const Command running = jobs_.running();
  const std::lock_guard lock(beginning_);
  return {{"folder", project_.folder().string()},
          {"board", board_},
          {"classes", project_.classes()},
          {"counts", pictures_.counts()},
          {"runs", project_.runs()},
          {"job", running.kind.empty() ? Json(nullptr) : json_of(running)},
          {"interrupted", project_.interrupted()}};
}

Command Studio::command_in(const nlohmann::json& request) {
  return command_of(request, project_, !pictures_.empty(), board_);
}

Response Studio::begin(const nlohmann::json& request) {
  const std::lock_guard lock(beginning_);
  const Command command = command_in(request);
  if (!jobs_.running().kind.empty()) return plain(409, "something runs already: one at a time");
  // The port is one program's at a time.
  if (command.uses_board && !eye_.close_for(command.kind))
    return plain(409, "the board's port does not close; try again");
  const Json job = json_of(command);
  project_.set_job(job);
  project_.forget_interrupted();
  if (!jobs_.start(command, [this] {
        if (!ending_) project_.set_job(nullptr);
        eye_.open_again();
      })) {
    eye_.open_again();
    return plain(409, "something runs already: one at a time");
  }
  return json_response(job);
}

}  // namespace mudra::studio
