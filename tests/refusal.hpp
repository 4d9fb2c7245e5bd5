// What a refused call says.
#pragma once

#include <string>
#include <utility>

#include "mudra/base/error.hpp"

namespace mudra {

// The text of the Error that `work` throws; empty when it throws none.
template <typename Work>
std::string refusal(Work&& work) {
  try {
    std::forward<Work>(work)();
    return "";
  } catch (const Error& error) {
    return error.text;
  }
}

}  // namespace mudra
