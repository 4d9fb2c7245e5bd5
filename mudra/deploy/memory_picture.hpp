// The arena over time as a picture: addresses upwards, steps of the inference to the right.
#pragma once

#include <string>

#include "mudra/deploy/memory_plan.hpp"

namespace mudra::deploy {

// About twenty lines for a terminal, then a table of the steps.
std::string arena_text(const ArenaPlan& plan);

// A picture of its own, readable in light and dark; every block says its name, place and size when pointed
// at.
std::string arena_svg(const ArenaPlan& plan, const std::string& title);

}  // namespace mudra::deploy
