// Runs a command of this program as a process of its own, as a person would type it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mudra::cli {

// In `folder`, with what it prints in the file `answer` (relative to the folder), or on stderr when that is
// empty. Ctrl-C and SIGTERM reach it. Throws Error when it fails, after its own message on stderr;
// Error{kInterrupted} when it was interrupted; Error{kIo} when it cannot be started.
void run_own_command(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
                     const std::string& answer);

// The words of a command from its parts: literals are split at spaces, strings are one word each, lists one
// for each of theirs. words("data split", sets, "--out . --seed", seed)
void add_words(std::vector<std::string>& words, const char* literal);
void add_words(std::vector<std::string>& words, const std::string& word);
void add_words(std::vector<std::string>& words, const std::vector<std::string>& list);

template <typename... Parts>
std::vector<std::string> words(const Parts&... parts) {
  std::vector<std::string> all;
  (add_words(all, parts), ...);
  return all;
}

// "mudra data split hands --out .", with quotes where a shell needs them.
std::string command_line(const std::vector<std::string>& arguments);

}  // namespace mudra::cli
