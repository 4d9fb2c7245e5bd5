#include "mudra/cli/sets.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "mudra/base/output.hpp"
#include "mudra/data/dataset_io.hpp"

namespace mudra::cli {
namespace {

data::Dataset told(data::Dataset set) {
  for (const std::string& note : set.notes) print_err("{}\n", note);
  return set;
}

bool is_flat(data::ImageView image) {
  return std::ranges::all_of(image, [&](std::uint8_t pixel) { return pixel == image[0]; });
}

}  // namespace

data::Dataset load_sets(const std::vector<std::string>& texts) { return told(data::load_sets(texts)); }

data::Dataset load_set(const std::string& text, const std::string& layout) {
  return told(data::load_set(text, layout));
}

void warn_of_calibration(const data::Dataset& set) {
  std::size_t flat = 0;
  for (std::size_t i = 0; i < set.size(); ++i) flat += is_flat(set.image(i)) ? 1 : 0;
  if (2 * flat > set.size())
    print_err(
        "warning: {} of {} calibration pictures of {} are one gray throughout, black for example: their "
        "ranges are not those of hands\n",
        flat, set.size(), set.name);
  if (set.size() == 1)
    print_err(
        "warning: one picture calibrates; others may go beyond its ranges and be cut off: give some "
        "hundred\n");
}

}  // namespace mudra::cli
