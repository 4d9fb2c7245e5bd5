// scalar_work MODEL: for profile_figures.sh, what each operation's kernels do and which stored figures its
// C++ is reckoned with. Fields are separated by tabs: kernel set, node, figures, then products, elements,
// pixels, rows, tiles, routines, and the instructions reckoned.
#include <fmt/core.h>

#include <cstdio>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/sim/espdl_runner.hpp"
#include "mudra/sim/profile.hpp"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    const auto model = mudra::sim::model_in(mudra::read_file(argv[1]));
    for (const auto kernels : {mudra::sim::KernelSet::kPortable, mudra::sim::KernelSet::kS3})
      for (const auto& node : mudra::sim::profile(model, {.kernels = kernels}).nodes)
        fmt::print("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", mudra::sim::name_of(kernels), node.node,
                   node.cost, node.work.products, node.work.elements, node.work.pixels, node.work.rows,
                   node.work.tiles, node.work.routines, node.scalar_instructions);
  } catch (const mudra::Error& error) {
    fmt::print(stderr, "{}: {}\n", argv[1], error.text);
    return 1;
  }
}
