#include "mudra/format/onnx_external.hpp"

#include <charconv>
#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "mudra/base/error.hpp"

namespace mudra::format {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxExternalBytes = std::uint64_t{64}
                                            << 20;  // of all constants together, as of a file without

// One constant's place.
struct Place {
  std::string file;
  std::uint64_t offset = 0;
  std::optional<std::uint64_t> length;  // absent: to the end
};

std::uint64_t number_of(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) fail("its place '{}' is no number", text);
  return number;
}

Place place_of(const onnx::TensorProto& tensor) {
  Place place;
  for (const onnx::StringStringEntryProto& entry : tensor.external_data()) {
    if (entry.key() == "location") place.file = entry.value();
    if (entry.key() == "offset") place.offset = number_of(entry.value());
    if (entry.key() == "length") place.length = number_of(entry.value());
  }
  const bool is_plain = !place.file.empty() && place.file != "." && place.file != ".." &&
                        place.file.find_first_of(std::string_view("/\\\0", 3)) == std::string::npos;
  if (!is_plain) fail("it is kept in '{}', which is no plain name in the folder of the file", place.file);
  return place;
}

class ExternalData {
 public:
  explicit ExternalData(const fs::path& folder) : folder_(folder) {}

  void take_in(onnx::TensorProto& tensor) {
    if (tensor.data_location() != onnx::TensorProto::EXTERNAL) return;
    with_context(fmt::format("constant '{}'", tensor.name()), [&] {
      tensor.set_raw_data(bytes_at(place_of(tensor)));
      tensor.clear_external_data();
      tensor.clear_data_location();
    });
  }

 private:
  std::string bytes_at(const Place& place) {
    const fs::path path = folder_ / place.file;
    std::error_code error;
    if (fs::symlink_status(path, error).type() != fs::file_type::regular)
      fail("it is kept in '{}', which is no regular file beside this one", place.file);
    const std::uint64_t size = fs::file_size(path, error);
    if (error) throw Error(ErrorKind::kIo, fmt::format("'{}': {}", place.file, error.message()));
    if (place.offset > size || place.length.value_or(0) > size - place.offset)
      fail("'{}' has {} bytes, but it lies behind them", place.file, size);
    const std::uint64_t length = place.length.value_or(size - place.offset);
    taken_ += length;
    if (taken_ > kMaxExternalBytes)
      fail("more than {} MB with what is kept in other files", kMaxExternalBytes >> 20);
    std::string bytes(length, '\0');
    std::ifstream file(path, std::ios::binary);
    file.seekg(static_cast<std::streamoff>(place.offset));
    if (!file.read(bytes.data(), static_cast<std::streamsize>(length)))
      throw Error(ErrorKind::kIo, fmt::format("'{}' cannot be read", place.file));
    return bytes;
  }

  const fs::path& folder_;
  std::uint64_t taken_ = 0;
};

}  // namespace

void take_in_external_data(onnx::ModelProto& model, const fs::path& folder) {
  ExternalData data(folder);
  for (onnx::TensorProto& tensor : *model.mutable_graph()->mutable_initializer()) data.take_in(tensor);
  for (onnx::NodeProto& node : *model.mutable_graph()->mutable_node())
    for (onnx::AttributeProto& attribute : *node.mutable_attribute())
      if (attribute.has_t()) data.take_in(*attribute.mutable_t());
}

}  // namespace mudra::format
