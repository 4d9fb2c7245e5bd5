// What every node of a model makes of its recorded inputs, as checksums in the model's metadata: a chip that
// answers wrongly can say at which node it begins.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "mudra/device/engine.hpp"
#include "mudra/device/espdl_view.hpp"

namespace mudra::device {

// Metadata "trace.I" belongs to recorded input I, at most kMaxTests of them: for each node in the file's
// order eight hexadecimal digits, the CRC-32 of its output's integers, NHWC, little endian.
inline constexpr std::size_t kTraceDigits = 8;

class TraceKey {
 public:
  explicit TraceKey(int test);
  std::string_view text() const { return {text_, size_}; }

 private:
  char text_[9];
  std::size_t size_ = 0;
};

class Trace {
 public:
  // Of recorded input `test`; without any nodes if the model has none, or not for every node.
  Trace(const ModelView& model, int test);

  bool empty() const { return digits_.empty(); }
  // Precondition: not empty, and a node of the model. False, too, for digits that are none.
  bool matches(int node, std::uint32_t checksum) const;

 private:
  std::string_view digits_;
};

// Runs the engine on the input that lies in engine.input(), and returns the first node of the file whose
// output has another checksum; kNoNode if there is none. Of nodes that the engine joins to one step it is the
// first.
inline constexpr int kNoNode = -1;
int first_wrong_node(Engine& engine, const Trace& trace);

}  // namespace mudra::device
