// PyTorch's .pth files without PyTorch: the state_dict that torch.save wrote, and one that torch.load reads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mudra/graph/state_dict.hpp"

namespace mudra::format {

struct PthFile {
  graph::StateDict state;
  std::string metadata;  // the text of the record mudra.json, which PyTorch ignores; empty when there is none
};

// Reads the zip form of torch.save (PyTorch 1.6 and later): a state_dict, or a dict that holds one as
// "state_dict", "model_state_dict", "model", "net", "network" or "weights" beside other values.
// "module." and "_orig_mod.", which wrappers put in front of all names, are taken off.
// Floating-point tensors become float, integers and booleans int64; views, strides and shared storages are
// resolved. Throws Error for anything else; nothing in the file is ever run ("refused: os.system"), and no
// file makes it allocate more than about 1 GiB.
PthFile read_pth(std::span<const std::uint8_t> bytes);

// The file at `path`; errors begin with it.
PthFile load_pth(const std::filesystem::path& path);

// The bytes of a file that torch.load(..., weights_only=True) gives back as an OrderedDict of contiguous
// tensors, in the order of `state`. Equal arguments give equal bytes.
std::vector<std::uint8_t> write_pth(const graph::StateDict& state, std::string_view metadata = {});

}  // namespace mudra::format
