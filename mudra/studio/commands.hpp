// What the page's buttons run: each request, typed field by field, is one `mudra` command, and nothing else
// is.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "mudra/studio/jobs.hpp"
#include "mudra/studio/project.hpp"

namespace mudra::studio {

// {"command": ...}, of which a field that is not listed, or of another type or range, is an Error:
//   "train"     "from": a run, on whose network the pictures are learnt, or "rendered", which learns from
//               "hands" (64 to 100000, 8000) rendered ones first; "epochs": 1 to 1000
//   "resume"    "run": a training that was stopped
//   "quantize"  "run", "recipe": int8, mixed, equalized or best
//   "evaluate"  "run": the network and its integers, where there are any, on the pictures, and "beside",
//   another
//               run's integers or else network, on the same ones; into the run's evaluation.json
//   "info"      into info.json
//   "profile"   "run", into the run's profile.json
//   "deploy"    "run", "board", "replace": true for a project that is there; into the run's firmware
//   "send"      "run", to the board at `port`; an Error without one
//   "bench"     "run": the board at `port` beside this PC, into the run's board.json; an Error without one
Command command_of(const nlohmann::json& request, Project& project, bool has_pictures,
                   const std::string& port);

}  // namespace mudra::studio
