#include "mudra/device/trace.hpp"

#include "mudra/device/line.hpp"

namespace mudra::device {

TraceKey::TraceKey(int test) {
  for (const char letter : std::string_view("trace.")) text_[size_++] = letter;
  if (test >= 10) text_[size_++] = static_cast<char>('0' + test / 10 % 10);
  text_[size_++] = static_cast<char>('0' + test % 10);
}

Trace::Trace(const ModelView& model, int test) {
  if (test < 0 || test >= kMaxTests) return;
  const std::string_view digits = model.metadata(TraceKey(test).text());
  if (digits.size() == static_cast<std::size_t>(model.node_count()) * kTraceDigits) digits_ = digits;
}

bool Trace::matches(int node, std::uint32_t checksum) const {
  std::uint32_t wanted = 0;
  const char* digits = digits_.data() + static_cast<std::size_t>(node) * kTraceDigits;
  return parse_hexadecimal({digits, kTraceDigits}, wanted) && wanted == checksum;
}

int first_wrong_node(Engine& engine, const Trace& trace) {
  std::uint32_t checksums[kMaxOperations] = {};
  if (trace.empty()) return kNoNode;
  engine.observe({.made =
                      [](void* context, int operation, std::span<const std::byte> pixels) {
                        std::uint32_t& checksum = static_cast<std::uint32_t*>(context)[operation];
                        checksum = crc32(
                            {reinterpret_cast<const std::uint8_t*>(pixels.data()), pixels.size()}, checksum);
                      },
                  .context = checksums});
  const Status status = engine.run();
  engine.observe({});
  if (status != Status::kOk) return kNoNode;
  for (int i = 0; i < engine.network().size; ++i) {
    const Operation& operation = engine.network().operation(i);
    const bool told = operation.kind != Operation::Kind::kCopy;
    if (told && !trace.matches(operation.last_node, checksums[i])) return operation.node;
  }
  return kNoNode;
}

}  // namespace mudra::device
