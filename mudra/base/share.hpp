#pragma once

#include <string_view>

namespace mudra {

// "0.5%" as 0.005. Throws Error for what is no share of 0 to `most_percent`; 0 may lack its sign.
double share_named(std::string_view text, int most_percent = 100);

}  // namespace mudra
