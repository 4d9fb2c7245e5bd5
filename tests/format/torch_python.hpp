// Running PyTorch, where it is installed, on what the tests write.
#pragma once

#include <cstdlib>
#include <string>

namespace mudra::format {

// The exit status of Debian's Python with these arguments.
inline int run_python(const std::string& arguments) {
  return std::system(("/usr/bin/python3 " + arguments + " 2>&1").c_str());
}

inline bool has_torch() { return run_python("-c 'import torch' >/dev/null") == 0; }

}  // namespace mudra::format
