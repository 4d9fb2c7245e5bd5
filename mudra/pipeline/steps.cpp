#include "mudra/pipeline/steps.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/folder_lock.hpp"
#include "mudra/base/output.hpp"
#include "mudra/base/shell.hpp"
#include "mudra/format/sha256.hpp"

namespace mudra::pipeline {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

std::string hex_sha256(std::span<const std::uint8_t> bytes) {
  std::string hex;
  for (const std::uint8_t byte : format::sha256(bytes)) hex += fmt::format("{:02x}", byte);
  return hex;
}

struct Measured {
  std::string sha256;
  std::uint64_t bytes = 0;
};

Measured measure(const fs::path& path) {
  if (!fs::is_directory(path)) {
    const auto bytes = read_file(path);
    return {hex_sha256(bytes), bytes.size()};
  }
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(path))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::ranges::sort(files);
  std::string list;
  Measured all;
  for (const fs::path& file : files) {
    const Measured one = measure(file);
    list += fmt::format("{}  {}\n", one.sha256, fs::relative(file, path).string());
    all.bytes += one.bytes;
  }
  all.sha256 = hex_sha256({reinterpret_cast<const std::uint8_t*>(list.data()), list.size()});
  return all;
}

Json json_of(const HashedFile& file) { return {{"path", file.path}, {"sha256", file.sha256}}; }

HashedFile hashed_file_of(const Json& json) { return {json.at("path"), json.at("sha256")}; }

Json json_of(const Record& record) {
  Json artefacts = Json::array();
  for (const Artefact& artefact : record.artefacts) {
    Json inputs = Json::array();
    for (const HashedFile& input : artefact.inputs) inputs.push_back(json_of(input));
    artefacts.push_back({{"path", artefact.file.path},
                         {"sha256", artefact.file.sha256},
                         {"bytes", artefact.bytes},
                         {"command", artefact.command},
                         {"inputs", std::move(inputs)},
                         {"seed", record.seed},
                         {"mudra", record.version}});
  }
  return {{"mudra", record.version},
          {"seed", record.seed},
          {"data", record.data},
          {"artefacts", std::move(artefacts)}};
}

Record record_of(const Json& json) {
  Record record{
      .version = json.at("mudra"), .seed = json.at("seed"), .data = json.at("data"), .artefacts = {}};
  for (const Json& entry : json.at("artefacts")) {
    Artefact artefact{hashed_file_of(entry), entry.at("bytes"), entry.at("command"), {}};
    for (const Json& input : entry.at("inputs")) artefact.inputs.push_back(hashed_file_of(input));
    record.artefacts.push_back(std::move(artefact));
  }
  return record;
}

// What an earlier run in `folder` made, which must have had the same origin. Without one the folder must be
// empty: steps remove what is in their way.
std::vector<Artefact> artefacts_made_before(const fs::path& folder, const Record& origin) {
  const fs::path path = folder / kRecordFile;
  if (!fs::exists(path)) {
    if (!fs::is_empty(folder))
      fail("{}: it is not empty and holds no reproduction; choose another --out", folder.string());
    return {};
  }
  const std::string text = read_text(path);
  return with_context(path.string(), [&] {
    Record before;
    try {
      before = record_of(Json::parse(text));
    } catch (const Json::exception&) {
      fail("not the record of a reproduction");
    }
    const auto require = [](bool same, std::string_view what) {
      if (!same) fail("made with {}; choose another --out", what);
    };
    require(before.version == origin.version, "another version, " + before.version);
    require(before.seed == origin.seed, fmt::format("another seed, {}", before.seed));
    require(before.data == origin.data, "other data");
    return before.artefacts;
  });
}

void add_time(const fs::path& folder, const std::string& title, std::chrono::system_clock::time_point began) {
  const fs::path path = folder / kTimesFile;
  Json times = fs::exists(path) ? Json::parse(read_text(path), nullptr, false) : Json::array();
  if (!times.is_array()) times = Json::array();
  const std::chrono::duration<double> taken = std::chrono::system_clock::now() - began;
  const auto second = std::chrono::floor<std::chrono::seconds>(began);
  times.push_back(
      {{"step", title},
       {"began", fmt::format("{:%FT%TZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(second)))},
       {"seconds", std::round(10 * taken.count()) / 10}});
  write_text(path, times.dump(2) + "\n");
}

void write_record(const fs::path& folder, const Record& record) {
  write_text(folder / kRecordFile, json_of(record).dump(2) + "\n");
}

// What the step has made of these inputs; empty unless all of it is there.
std::vector<Artefact> artefacts_of(const fs::path& folder, const Step& step,
                                   const std::vector<HashedFile>& inputs) {
  std::vector<Artefact> artefacts;
  for (const std::string& made : step.makes) {
    if (!fs::exists(folder / made)) return {};
    const Measured now = measure(folder / made);
    artefacts.push_back({{made, now.sha256}, now.bytes, command_line(step.command), inputs});
  }
  return artefacts;
}

// The process's working directory for a while.
class WorkingFolder {
 public:
  explicit WorkingFolder(const fs::path& folder) : before_(fs::current_path()) { fs::current_path(folder); }
  WorkingFolder(const WorkingFolder&) = delete;
  WorkingFolder& operator=(const WorkingFolder&) = delete;
  ~WorkingFolder() {
    std::error_code ignored;  // it may be gone by now
    fs::current_path(before_, ignored);
  }

 private:
  fs::path before_;
};

void do_step(const fs::path& folder, const Step& step) {
  if (!step.resumes)
    for (const std::string& made : step.makes) fs::remove_all(folder / made);
  const auto began = std::chrono::system_clock::now();
  try {
    const WorkingFolder working(folder);
    step.run();
  } catch (const Error& error) {
    if (error.kind != ErrorKind::kInterrupted) throw;
    throw Error(ErrorKind::kInterrupted, "interrupted; what is done is kept, and the same again goes on");
  }
  for (const std::string& made : step.makes)
    if (!fs::exists(folder / made)) fail("'{}' made no {}", command_line(step.command), made);
  add_time(folder, step.title, began);
}

}  // namespace

std::string command_line(const std::vector<std::string>& words) {
  std::string line = "mudra";
  for (const std::string& word : words) line += ' ' + shell_word(word);
  return line;
}

Record run_steps(const fs::path& folder, Record origin, const std::vector<Step>& steps) {
  make_folder(folder);
  const FolderLock lock(folder);
  lock.share();
  const std::vector<Artefact> before = artefacts_made_before(folder, origin);
  remove_abandoned_files(folder);
  Record record = std::move(origin);
  if (before.empty()) write_record(folder, record);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Step& step = steps[i];
    std::vector<HashedFile> inputs;
    for (const std::string& path : step.reads) inputs.push_back({path, measure(folder / path).sha256});
    std::vector<Artefact> artefacts = artefacts_of(folder, step, inputs);
    const bool done = !artefacts.empty() && std::ranges::all_of(artefacts, [&](const Artefact& artefact) {
      return std::ranges::find(before, artefact) != before.end();
    });
    print_err("\n[{}/{}] {}{}\n", i + 1, steps.size(), step.title, done ? ": is there" : "");
    if (!done) {
      print_err("$ {}\n", command_line(step.command));
      do_step(folder, step);
      artefacts = artefacts_of(folder, step, inputs);
    }
    record.artefacts.insert(record.artefacts.end(), artefacts.begin(), artefacts.end());
    if (!done || i + 1 == steps.size()) write_record(folder, record);
  }
  return record;
}

}  // namespace mudra::pipeline
