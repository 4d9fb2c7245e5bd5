#pragma once

#include <string>

namespace mudra {

// With small letters for A to Z; other bytes stay, whatever the locale.
std::string lower_case(std::string text);

}  // namespace mudra
