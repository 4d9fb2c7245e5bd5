// Reads a Python pickle as inert data: nothing is imported or called, and every opcode or global beyond those
// a saved state_dict needs is refused by name.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace mudra::format::pickle {

struct Value;
using Ref = const Value*;  // into Document::values; shared where the pickle shares

struct None {};
struct Global {
  std::string name;  // "torch._utils._rebuild_tensor_v2"
};
struct Sequence {  // a tuple or a list
  std::vector<Ref> items;
};
struct Dict {  // in the order of insertion; keys may repeat
  std::vector<std::pair<Ref, Ref>> items;
};
struct Persistent {  // an object kept outside the pickle, such as a storage of torch.save
  Ref id = nullptr;
};
struct Call {  // noted, not made
  std::string function;
  Ref arguments = nullptr;  // a Sequence
};

struct Value {
  std::variant<None, bool, std::int64_t, double, std::string, Global, Sequence, Dict, Persistent, Call> is;
};

struct Document {
  std::deque<Value> values;
  Ref root = nullptr;
};

// More is refused; a state_dict of a thousand tensors takes a tenth of a MiB.
inline constexpr std::size_t kMaxPickleBytes = std::size_t{4} << 20;

// Reads protocols 2 to 5. A global must be collections.OrderedDict, a call of which gives an empty Dict, or
// be listed in `globals`; attributes set on a Dict or a Call are dropped. Memory is bounded by a multiple of
// the size of `bytes`. Throws Error: "refused: os.system", an unknown opcode, truncation, or a broken stack.
Document read(std::span<const std::uint8_t> bytes, std::span<const std::string_view> globals);

}  // namespace mudra::format::pickle
