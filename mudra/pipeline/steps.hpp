// A folder that is made in steps and knows what made each of its files: steps whose results are there, of the
// same settings and the same inputs, are not done again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace mudra::pipeline {

// Paths are relative to the folder; only `reads` may lie outside of it.
struct Step {
  std::string title;                 // "Train on rendered hands"
  std::vector<std::string> command;  // what one would type for it: {"data", "split", "hands", "--out", "."}
  std::vector<std::string> reads;    // the files and folders it depends on
  std::vector<std::string> makes;
  std::string answer;         // of these the one that gets what the command prints; empty: it is shown
  bool resumes = false;       // goes on with what an interruption left behind, which is else removed
  std::function<void()> run;  // while the folder is the working directory of the process
};

// "mudra data split hands --out .", with quotes where a shell needs them.
std::string command_line(const std::vector<std::string>& words);

struct HashedFile {
  std::string path;
  std::string sha256;  // of a folder: of the list of its files and their hashes

  bool operator==(const HashedFile&) const = default;
};

struct Artefact {
  HashedFile file;
  std::uint64_t bytes = 0;  // of a folder: of all its files
  std::string command;      // that made it
  std::vector<HashedFile> inputs;

  bool operator==(const Artefact&) const = default;
};

// What a folder was made from and holds: FOLDER/artefacts.json. The same for the same origin.
struct Record {
  std::string version;            // of the program
  std::uint64_t seed = 0;         // of everything
  std::vector<std::string> data;  // the sets that were given
  std::vector<Artefact> artefacts;
};

inline constexpr const char* kRecordFile = "artefacts.json";
// When each step was done and how long it took: the one file that differs between two runs.
inline constexpr const char* kTimesFile = "timestamps.json";

// Does what is left to do, in order, saying on stderr what. Throws Error when the folder was made with
// another version, seed or data, as a step does that fails, and when one leaves out something it should make;
// what was done before stays. The working directory is another one meanwhile, so that steps write no path of
// this computer.
Record run_steps(const std::filesystem::path& folder, Record origin, const std::vector<Step>& steps);

}  // namespace mudra::pipeline
