#include <fmt/format.h>

#include <cassert>
#include <cstring>
#include <limits>

#include "mudra/base/zip.hpp"
#include "mudra/format/pth.hpp"

namespace mudra::format {
namespace {

// The data.pkl of a state_dict in pickle protocol 2, without memo: opcodes as in CPython's Lib/pickle.py.
class StateDictPickle {
 public:
  StateDictPickle() {
    text_ = "\x80\x02";  // PROTO 2
    empty_ordered_dict();
    text_ += '(';  // MARK, up to finish()
  }

  // NAME: torch._utils._rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict())
  void add(const graph::NamedTensor& tensor, const std::string& record, std::int64_t elements) {
    const bool is_float = std::holds_alternative<std::vector<float>>(tensor.values);
    string(tensor.name);
    text_ += "ctorch._utils\n_rebuild_tensor_v2\n((";  // two MARKs: the arguments, and the storage's id
    string("storage");
    text_ += is_float ? "ctorch\nFloatStorage\n" : "ctorch\nLongStorage\n";
    string(record);
    string("cpu");
    integer(elements);
    text_ += "tQ";  // TUPLE, BINPERSID
    integer(0);
    sequence(tensor.shape);
    sequence(row_major_strides(tensor.shape));
    text_ += '\x89';  // NEWFALSE
    empty_ordered_dict();
    text_ += "tR";  // TUPLE, REDUCE
  }

  std::vector<std::uint8_t> finish() {
    text_ += "u.";  // SETITEMS, STOP
    return {text_.begin(), text_.end()};
  }

 private:
  static std::vector<std::int64_t> row_major_strides(const std::vector<std::int64_t>& shape) {
    std::vector<std::int64_t> strides(shape.size(), 1);
    for (std::size_t d = shape.size(); d-- > 1;) strides[d - 1] = strides[d] * (shape[d] > 0 ? shape[d] : 1);
    return strides;
  }

  void empty_ordered_dict() { text_ += "ccollections\nOrderedDict\n)R"; }

  void sequence(const std::vector<std::int64_t>& numbers) {
    text_ += '(';
    for (const std::int64_t number : numbers) integer(number);
    text_ += 't';
  }

  void integer(std::int64_t value) {
    assert(value >= 0);
    if (value <= std::numeric_limits<std::int32_t>::max()) {
      text_ += 'J';  // BININT
      little_endian(static_cast<std::uint64_t>(value), 4);
    } else {
      text_ += "\x8a\x08";  // LONG1 of 8 bytes
      little_endian(static_cast<std::uint64_t>(value), 8);
    }
  }

  void string(const std::string& value) {
    text_ += 'X';  // BINUNICODE
    little_endian(value.size(), 4);
    text_ += value;
  }

  void little_endian(std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) text_ += static_cast<char>(value >> (8 * i) & 0xff);
  }

  std::string text_;
};

std::vector<std::uint8_t> bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

template <typename T>
std::vector<std::uint8_t> bytes_of(const std::vector<T>& values) {
  std::vector<std::uint8_t> bytes(values.size() * sizeof(T));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

}  // namespace

std::vector<std::uint8_t> write_pth(const graph::StateDict& state, std::string_view metadata) {
  const std::string folder = "archive/";  // torch.save's own choice when it writes into memory
  StateDictPickle pickle;
  std::vector<ZipEntry> entries(1);  // data.pkl comes first, as PyTorch expects
  for (const graph::NamedTensor& tensor : state.tensors) {
    const std::string record = std::to_string(entries.size() - 1);
    std::visit(
        [&](const auto& values) {
          pickle.add(tensor, record, static_cast<std::int64_t>(values.size()));
          entries.push_back({fmt::format("{}data/{}", folder, record), bytes_of(values)});
        },
        tensor.values);
  }
  entries.front() = {folder + "data.pkl", pickle.finish()};
  entries.push_back({folder + "byteorder", bytes_of("little")});
  if (!metadata.empty()) entries.push_back({folder + "mudra.json", bytes_of(metadata)});
  entries.push_back({folder + "version", bytes_of("3\n")});
  return write_zip(entries);
}

}  // namespace mudra::format
