// The page of a folder that `mudra reproduce` made: reads its files, judges its networks.
#pragma once

#include <filesystem>
#include <vector>

#include "mudra/cli/reproduction.hpp"
#include "mudra/pipeline/steps.hpp"
#include "mudra/report/page.hpp"

namespace mudra::cli {

// Throws Error for files that are missing or damaged.
report::Page page_of_run(const Reproduction& run, const pipeline::Record& record,
                         const std::vector<pipeline::Step>& steps);

}  // namespace mudra::cli
