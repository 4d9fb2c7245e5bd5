// What the published firmware fed its network, for replaying its recorded runs.
#pragma once

#include <filesystem>

#include "mudra/graph/graph.hpp"

namespace mudra::pipeline {

// The input of `graph` for the picture at `path` with that program's preparation (device::InputRule::
// kPublished), or for the array of int8 pixels that a .hpp file of its image converter holds, the first in
// it. Throws Error with the path in front.
graph::Values published_input(const std::filesystem::path& path, const graph::Graph& graph);

}  // namespace mudra::pipeline
