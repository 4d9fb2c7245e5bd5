// The folder of a studio: pictures, runs, trash and studio.json, which one studio at a time has open.
#pragma once

#include <filesystem>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "mudra/base/folder_lock.hpp"

namespace mudra::studio {

class Project {
 public:
  // Makes what is missing of the folder, and removes what a killed studio was writing. Throws Error: another
  // studio has it open, it is no folder, studio.json is none of ours.
  explicit Project(std::filesystem::path folder);

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path pictures() const { return folder_ / "pictures"; }
  std::filesystem::path trash() const { return folder_ / "trash"; }
  std::filesystem::path run(std::string_view name) const;  // throws Error for what is no name
  std::filesystem::path model(std::string_view run) const { return this->run(run) / "model.espdl"; }

  // In the order of the keys 1, 2, ...
  std::vector<std::string> classes();
  // Throws Error: none, more than 20, one twice, or one that cannot be a class's folder.
  void set_classes(const std::vector<std::string>& names);

  // Its folders below runs/, by the time at which they were last trained or quantized, the latest last:
  // {name, trained, model}.
  nlohmann::ordered_json runs() const;
  // "mine-3" where mine-2 is there: KIND and the next number.
  std::string next_run(const std::string& kind) const;

  // What runs, so that a later studio knows what was interrupted; null: nothing.
  void set_job(const nlohmann::ordered_json& job);
  // What was running when the last studio ended; null: nothing.
  const nlohmann::ordered_json& interrupted() const { return interrupted_; }
  void forget_interrupted();

 private:
  void save();  // with mutex_

  std::filesystem::path folder_;
  FolderLock lock_;
  std::mutex mutex_;
  nlohmann::ordered_json settings_, interrupted_;
};

}  // namespace mudra::studio
