// Archives for the tests of .pth files: hand-made pickles in the shape torch.save gives them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mudra/base/zip.hpp"
#include "mudra/format/pth.hpp"

namespace mudra::format {

inline std::vector<std::uint8_t> bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

// An archive with the pickle and one storage, data/0.
inline std::vector<std::uint8_t> pth_with_pickle(std::string_view pickle,
                                                 std::vector<std::uint8_t> storage = {}) {
  const std::vector<ZipEntry> entries = {{"archive/data.pkl", bytes_of(pickle)},
                                         {"archive/byteorder", bytes_of("little")},
                                         {"archive/data/0", std::move(storage)},
                                         {"archive/version", bytes_of("3\n")}};
  return write_zip(entries);
}

inline graph::StateDict small_state() {
  graph::StateDict state;
  state.tensors.push_back(
      {"first.0.weight", {2, 1, 1, 2}, std::vector<float>{1.0f, -2.5f, 3e-38f, 16777216.0f}});
  state.tensors.push_back({"first.1.num_batches_tracked", {}, std::vector<std::int64_t>{1}});
  state.tensors.push_back({"long", {2}, std::vector<std::int64_t>{-(std::int64_t{1} << 40), 7}});
  state.tensors.push_back({"empty", {0, 3}, std::vector<float>{}});
  return state;
}

}  // namespace mudra::format
