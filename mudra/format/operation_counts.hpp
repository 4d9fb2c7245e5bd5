// The operations of a file that a reader does not know, refused all at once.
#pragma once

#include <fmt/ranges.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "mudra/base/error.hpp"

namespace mudra::format {

class OperationCounts {
 public:
  void add(std::string_view operation) { ++counts_[std::string(operation)]; }

  // Throws Error unless nothing was added: "operations that are not supported: MaxPool (2), Tanh (1);
  // supported are Conv, Gemm". `name` gives that of each of the supported ones.
  template <typename Items, typename Name>
  void refuse(const Items& supported, Name name) const {
    if (counts_.empty()) return;
    std::vector<std::string> counted, names;
    for (const auto& [operation, count] : counts_)
      counted.push_back(fmt::format("{} ({})", operation, count));
    for (const auto& item : supported) names.emplace_back(std::invoke(name, item));
    fail("operations that are not supported: {}; supported are {}", fmt::join(counted, ", "),
         fmt::join(names, ", "));
  }

 private:
  std::map<std::string, int> counts_;
};

}  // namespace mudra::format
