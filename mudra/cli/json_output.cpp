#include "mudra/cli/json_output.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "mudra/base/error.hpp"

namespace mudra::cli {

void print_json(const nlohmann::ordered_json& document) {
  constexpr int kIndent = 2;
  const std::string text =
      document.dump(kIndent, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  std::fwrite(text.data(), 1, text.size(), stdout);
  flush_stdout();
}

void flush_stdout() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
    throw Error(ErrorKind::kIo, fmt::format("standard output: {}", std::strerror(errno)));
}

}  // namespace mudra::cli
