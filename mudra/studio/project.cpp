#include "mudra/studio/project.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/data/sitting.hpp"
#include "mudra/studio/names.hpp"

namespace mudra::studio {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

FolderLock lock_of(const fs::path& folder) {
  make_folder(folder);
  try {
    return FolderLock(folder);
  } catch (const Error& error) {
    if (error.kind == ErrorKind::kIo) throw;
    fail("{}: another studio has it open: go on in its page, or end it with Ctrl-C", folder.string());
  }
}

void check_classes(const std::vector<std::string>& names) {
  constexpr std::size_t kMostClasses = 20;
  if (names.empty() || names.size() > kMostClasses)
    fail("1 to {} classes, not {}", kMostClasses, names.size());
  if (std::set(names.begin(), names.end()).size() != names.size()) fail("a class is named twice");
  for (const std::string& name : names) {
    if (!is_name(name)) fail("'{}' is no name here: 1 to 40 letters, digits, _ and -", name.substr(0, 60));
    data::class_folder(name);
  }
}

Json read_settings(const fs::path& file) {
  Json settings = Json::object();
  for (const char* name : data::kGestureNames) settings["classes"].push_back(name);
  settings["classes"].push_back(data::kNoneName);
  if (!fs::exists(file)) return settings;
  return with_context(file.string(), [&] {
    const Json read = Json::parse(read_text(file), nullptr, false);
    if (!read.is_object()) fail("is no JSON object");
    try {
      const std::vector<std::string> classes = read.at("classes");
      check_classes(classes);
      settings["classes"] = classes;
    } catch (const Json::exception&) {
      fail("has no list 'classes' of names");
    }
    if (read.contains("job") && read["job"].is_object()) settings["job"] = read["job"];
    return settings;
  });
}

// Of what was learnt or made of it, not of what was asked about it.
fs::file_time_type time_of(const fs::path& run) {
  fs::file_time_type time = fs::file_time_type::min();
  for (const char* name : {"checkpoint.npz", "model.pth", "model.onnx", "model.espdl"}) {
    std::error_code missing;
    const fs::file_time_type made = fs::last_write_time(run / name, missing);
    if (!missing) time = std::max(time, made);
  }
  return time == fs::file_time_type::min() ? fs::last_write_time(run) : time;
}

bool has_end(const fs::path& run) { return fs::exists(run / "model.pth") || fs::exists(run / "model.onnx"); }

}  // namespace

Project::Project(fs::path folder) : folder_(std::move(folder)), lock_(lock_of(folder_)) {
  for (const char* name : {"pictures", "runs", "trash"}) make_folder(folder_ / name);
  remove_abandoned_files(folder_);
  for (const char* name : {"pictures", "trash", "runs"})
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / name))
      if (entry.is_directory() && !entry.is_symlink()) remove_abandoned_files(entry.path());
  settings_ = read_settings(folder_ / "studio.json");
  interrupted_ = std::exchange(settings_["job"], nullptr);
}

fs::path Project::run(std::string_view name) const { return joined(folder_ / "runs", {name}); }

std::vector<std::string> Project::classes() {
  const std::lock_guard lock(mutex_);
  return settings_["classes"];
}

void Project::set_classes(const std::vector<std::string>& names) {
  check_classes(names);
  const std::lock_guard lock(mutex_);
  settings_["classes"] = names;
  save();
}

Json Project::runs() const {
  std::vector<std::pair<fs::file_time_type, Json>> found;
  for (const auto& entry : fs::directory_iterator(folder_ / "runs")) {
    const std::string name = entry.path().filename().string();
    if (!is_name(name) || !entry.is_directory() || entry.is_symlink()) continue;
    found.emplace_back(time_of(entry.path()), Json{{"name", name},
                                                   {"trained", has_end(entry.path())},
                                                   {"started", fs::exists(entry.path() / "checkpoint.npz")},
                                                   {"model", fs::exists(model(name))}});
  }
  std::ranges::sort(found, {}, [](const auto& run) { return run.first; });
  Json list = Json::array();
  for (auto& [time, run] : found) list.push_back(std::move(run));
  return list;
}

std::string Project::next_run(const std::string& kind) const {
  int number = 1;
  while (fs::exists(folder_ / "runs" / fmt::format("{}-{}", kind, number))) ++number;
  return fmt::format("{}-{}", kind, number);
}

void Project::set_job(const Json& job) {
  const std::lock_guard lock(mutex_);
  settings_["job"] = job;
  save();
}

void Project::forget_interrupted() { interrupted_ = nullptr; }

void Project::save() { write_text(folder_ / "studio.json", settings_.dump(2) + "\n"); }

}  // namespace mudra::studio
