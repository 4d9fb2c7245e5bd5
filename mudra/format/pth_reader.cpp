#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <unordered_map>
#include <unordered_set>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/zip.hpp"
#include "mudra/format/pickle.hpp"
#include "mudra/format/pth.hpp"

namespace mudra::format {
namespace {

constexpr std::uint64_t kMaxUnpackedBytes = std::uint64_t{512} << 20;
constexpr std::int64_t kMaxElements = std::int64_t{1} << 26;  // of all tensors together
constexpr std::size_t kMaxMetadataBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxRank = 8;
constexpr std::size_t kMaxParameterName = 200;

constexpr std::string_view kRebuildTensor = "torch._utils._rebuild_tensor_v2";
constexpr std::string_view kRebuildParameter = "torch._utils._rebuild_parameter";

template <typename T>
T load(const std::uint8_t* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// IEEE 754 binary16, widened exactly.
float half_to_float(std::uint16_t half) {
  const std::uint32_t sign = std::uint32_t{half & 0x8000u} << 16;
  const std::uint32_t exponent = (half >> 10) & 0x1f, fraction = half & 0x3ffu;
  if (exponent == 0) {  // zero or subnormal: fraction * 2^-24
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 31 ? 255 : exponent + 127 - 15;
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

// How one element of a storage is read: one of the two functions.
struct StorageType {
  std::string_view global;
  std::size_t bytes;
  float (*as_float)(const std::uint8_t*);
  std::int64_t (*as_integer)(const std::uint8_t*);
};

constexpr std::array kStorageTypes = {
    StorageType{"torch.FloatStorage", 4, [](auto* at) { return load<float>(at); }, nullptr},
    StorageType{"torch.DoubleStorage", 8, [](auto* at) { return static_cast<float>(load<double>(at)); },
                nullptr},
    StorageType{"torch.HalfStorage", 2, [](auto* at) { return half_to_float(load<std::uint16_t>(at)); },
                nullptr},
    StorageType{"torch.BFloat16Storage", 2,
                [](auto* at) { return std::bit_cast<float>(std::uint32_t{load<std::uint16_t>(at)} << 16); },
                nullptr},
    StorageType{"torch.LongStorage", 8, nullptr, [](auto* at) { return load<std::int64_t>(at); }},
    StorageType{"torch.IntStorage", 4, nullptr,
                [](auto* at) { return std::int64_t{load<std::int32_t>(at)}; }},
    StorageType{"torch.ShortStorage", 2, nullptr,
                [](auto* at) { return std::int64_t{load<std::int16_t>(at)}; }},
    StorageType{"torch.CharStorage", 1, nullptr,
                [](auto* at) { return std::int64_t{load<std::int8_t>(at)}; }},
    StorageType{"torch.ByteStorage", 1, nullptr, [](auto* at) { return std::int64_t{*at}; }},
    StorageType{"torch.BoolStorage", 1, nullptr, [](auto* at) { return std::int64_t{*at != 0}; }},
};

// The records of a torch.save archive, NAME/data.pkl and its neighbours.
class Archive {
 public:
  explicit Archive(std::span<const std::uint8_t> bytes) : entries_(read_zip(bytes, kMaxUnpackedBytes)) {
    constexpr std::string_view kPickle = "/data.pkl";
    const auto pickle =
        std::ranges::find_if(entries_, [&](const ZipEntry& entry) { return entry.name.ends_with(kPickle); });
    if (pickle == entries_.end()) fail("a zip archive without data.pkl, so not one of torch.save's");
    const std::string folder = pickle->name.substr(0, pickle->name.size() - kPickle.size() + 1);
    for (const ZipEntry& entry : entries_)
      if (entry.name.starts_with(folder)) records_.emplace(entry.name.substr(folder.size()), entry.bytes);
  }
  Archive(const Archive&) = delete;  // records_ points into entries_
  Archive& operator=(const Archive&) = delete;

  using Bytes = std::span<const std::uint8_t>;

  // nullptr when there is none of that name.
  const Bytes* find(const std::string& name) const {
    const auto it = records_.find(name);
    return it == records_.end() ? nullptr : &it->second;
  }

  std::string text(const std::string& name) const {
    const Bytes* bytes = find(name);
    return bytes == nullptr ? std::string() : std::string(bytes->begin(), bytes->end());
  }

 private:
  std::vector<ZipEntry> entries_;
  std::unordered_map<std::string, Bytes> records_;
};

template <typename T>
const T& as(pickle::Ref value, const char* role) {
  if (const T* content = std::get_if<T>(&value->is)) return *content;
  fail("its {} is of an unexpected type", role);
}

std::vector<std::int64_t> integers(pickle::Ref value, const char* role) {
  const auto& items = as<pickle::Sequence>(value, role).items;
  if (items.size() > kMaxRank) fail("its {} has {} numbers, more than {}", role, items.size(), kMaxRank);
  std::vector<std::int64_t> numbers;
  for (const pickle::Ref item : items) {
    numbers.push_back(as<std::int64_t>(item, role));
    if (numbers.back() < 0) fail("its {} is negative", role);
  }
  return numbers;
}

// A view of a storage, as _rebuild_tensor_v2 describes it.
struct View {
  const StorageType* type = nullptr;
  Archive::Bytes storage;
  std::int64_t offset = 0;  // this and the strides in elements
  std::vector<std::int64_t> shape, strides;
};

// Follows torch.save's persistent id ("storage", type, record, device, elements).
void find_storage(const Archive& archive, pickle::Ref value, View& view) {
  const pickle::Ref id = as<pickle::Persistent>(value, "storage").id;
  const auto& fields = as<pickle::Sequence>(id, "storage").items;
  if (fields.size() != 5 || as<std::string>(fields[0], "storage") != "storage")
    fail("its storage is not described as torch.save does");
  const auto& global = as<pickle::Global>(fields[1], "storage type").name;
  view.type = std::ranges::find(kStorageTypes, global, &StorageType::global);
  if (view.type == kStorageTypes.end()) fail("its storage is a {}", global);
  const auto* storage = archive.find("data/" + as<std::string>(fields[2], "storage"));
  if (storage == nullptr) fail("its storage is missing from the file");
  const auto elements = as<std::int64_t>(fields[4], "storage size");
  if (elements < 0 || storage->size() / view.type->bytes != static_cast<std::uint64_t>(elements))
    fail("its storage has {} bytes, not {} elements of {}", storage->size(), elements, view.type->bytes);
  view.storage = *storage;
}

// Every element of the view lies in its storage. Returns how many there are.
std::int64_t check_extent(const View& view) {
  const auto available = static_cast<std::int64_t>(view.storage.size() / view.type->bytes);
  if (std::ranges::find(view.shape, 0) != view.shape.end()) return 0;
  std::int64_t elements = 1, last = view.offset;
  for (std::size_t d = 0; d < view.shape.size(); ++d) {
    if (view.shape[d] > kMaxElements / elements) fail("it has more than {} elements", kMaxElements);
    elements *= view.shape[d];
    if (view.strides[d] > available || last > available) fail("it reaches beyond its storage");
    last += (view.shape[d] - 1) * view.strides[d];
  }
  if (last >= available) fail("it reaches beyond its storage");
  return elements;
}

// Calls `take` with the place of every element of a view that passed check_extent, in row-major order.
template <typename Take>
void for_each_element(const View& view, std::int64_t elements, Take take) {
  std::vector<std::int64_t> index(view.shape.size(), 0);
  std::int64_t at = view.offset;
  for (std::int64_t i = 0; i < elements; ++i) {
    take(view.storage.data() + static_cast<std::size_t>(at) * view.type->bytes);
    for (std::size_t d = index.size(); d-- > 0;) {
      at += view.strides[d];
      if (++index[d] < view.shape[d]) break;
      at -= view.shape[d] * view.strides[d];
      index[d] = 0;
    }
  }
}

class TensorReader {
 public:
  explicit TensorReader(const Archive& archive) : archive_(archive) {}

  static bool is_tensor(pickle::Ref value) { return std::holds_alternative<pickle::Call>(value->is); }

  graph::NamedTensor read(const std::string& name, pickle::Ref value) {
    const View view = view_of(as<pickle::Call>(value, "value"));
    const std::int64_t elements = check_extent(view);
    if (elements > allowed_) fail("the tensors have more than {} elements together", kMaxElements);
    allowed_ -= elements;
    graph::NamedTensor tensor{name, view.shape, {}};
    if (view.type->as_float != nullptr)
      tensor.values = gather<float>(view, elements, view.type->as_float);
    else
      tensor.values = gather<std::int64_t>(view, elements, view.type->as_integer);
    return tensor;
  }

 private:
  View view_of(const pickle::Call& call) const {
    const auto& arguments = as<pickle::Sequence>(call.arguments, "value").items;
    if (call.function == kRebuildParameter) {  // (tensor, requires_grad, hooks)
      if (arguments.empty()) fail("a parameter without a tensor");
      const auto& inner = as<pickle::Call>(arguments[0], "parameter");
      if (inner.function != kRebuildTensor) fail("its parameter is no tensor");
      return view_of(inner);
    }
    // (storage, offset, shape, strides, requires_grad, hooks)
    if (call.function != kRebuildTensor || arguments.size() < 4) fail("it is no tensor");
    View view;
    find_storage(archive_, arguments[0], view);
    view.offset = as<std::int64_t>(arguments[1], "offset");
    if (view.offset < 0) fail("its offset is negative");
    view.shape = integers(arguments[2], "shape");
    view.strides = integers(arguments[3], "strides");
    if (view.shape.size() != view.strides.size()) fail("its shape and strides differ in length");
    for (std::size_t d = 0; d < view.shape.size(); ++d)
      if (view.shape[d] == 1) view.strides[d] = 0;  // never stepped over, and may be any number
    return view;
  }

  template <typename T>
  static std::vector<T> gather(const View& view, std::int64_t elements, T (*decode)(const std::uint8_t*)) {
    std::vector<T> values;
    values.reserve(static_cast<std::size_t>(elements));
    for_each_element(view, elements, [&](const std::uint8_t* at) { values.push_back(decode(at)); });
    return values;
  }

  const Archive& archive_;
  std::int64_t allowed_ = kMaxElements;
};

// The state_dict itself, or the one a trainer's checkpoint wraps.
const pickle::Dict& find_state_dict(pickle::Ref root) {
  const auto* dict = std::get_if<pickle::Dict>(&root->is);
  if (dict == nullptr) fail("holds no dict of named tensors");
  constexpr std::string_view kWrappers[] = {"state_dict", "model_state_dict", "model",
                                            "net",        "network",          "weights"};
  for (const auto& [key, value] : dict->items) {
    const auto* name = std::get_if<std::string>(&key->is);
    const auto* inner = std::get_if<pickle::Dict>(&value->is);
    if (name != nullptr && inner != nullptr && std::ranges::find(kWrappers, *name) != std::end(kWrappers))
      return *inner;
  }
  return *dict;
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxParameterName &&
         std::ranges::all_of(name, [](char c) { return c > ' ' && c <= '~'; });
}

// What wrappers of PyTorch put in front of every name: DataParallel and torch.compile.
void take_off_prefixes(graph::StateDict& state) {
  constexpr std::array<std::string_view, 2> kPrefixes = {"module.", "_orig_mod."};
  const auto all_begin_with = [&](std::string_view prefix) {
    return std::ranges::all_of(state.tensors, [&](const graph::NamedTensor& tensor) {
      return tensor.name.size() > prefix.size() && tensor.name.starts_with(prefix);
    });
  };
  for (auto prefix = kPrefixes.begin(); prefix != kPrefixes.end();) {
    prefix = std::ranges::find_if(kPrefixes, all_begin_with);
    if (prefix != kPrefixes.end())
      for (graph::NamedTensor& tensor : state.tensors) tensor.name.erase(0, prefix->size());
  }
}

graph::StateDict read_state(const Archive& archive, const pickle::Dict& dict) {
  graph::StateDict state;
  std::unordered_set<std::string_view> names;
  TensorReader reader(archive);
  for (const auto& [key, value] : dict.items) {
    const auto* name = std::get_if<std::string>(&key->is);
    if (name == nullptr || !is_plain_name(*name)) fail("holds a tensor without a plain name");
    if (!TensorReader::is_tensor(value)) fail("'{}' is not a tensor", *name);
    if (!names.insert(*name).second) fail("'{}' is there twice", *name);
    with_context(fmt::format("'{}'", *name),
                 [&, value = value] { state.tensors.push_back(reader.read(*name, value)); });
  }
  if (state.tensors.empty()) fail("holds no tensors");
  take_off_prefixes(state);
  return state;
}

// The leading bytes tell what a user most likely took for a .pth.
void check_container(std::span<const std::uint8_t> bytes) {
  constexpr std::array<std::uint8_t, 4> kZip = {'P', 'K', 3, 4}, kOldTorch = {0x80, 2, 0x8a, 0x0a};
  if (bytes.empty()) fail("is empty");
  const auto begins_with = [&](const auto& magic) {
    return bytes.size() >= magic.size() && std::equal(magic.begin(), magic.end(), bytes.begin());
  };
  if (begins_with(kOldTorch))
    fail("is in the format of PyTorch before 1.6; load it there and torch.save its state_dict again");
  if (!begins_with(kZip)) fail("is not a .pth (no zip archive of torch.save's)");
}

}  // namespace

PthFile read_pth(std::span<const std::uint8_t> bytes) {
  static_assert(std::endian::native == std::endian::little, "storages are read as they lie");
  check_container(bytes);
  const Archive archive(bytes);
  if (archive.find("constants.pkl") != nullptr) fail("is a TorchScript program; torch.save its state_dict()");
  if (const std::string order = archive.text("byteorder"); !order.empty() && order != "little")
    fail("its numbers are not little-endian");

  // Numbers of NumPy's beside the tensors of a checkpoint are let by, and not looked at.
  std::vector<std::string_view> globals = {
      kRebuildTensor, kRebuildParameter, "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar",
      "numpy.dtype",  "_codecs.encode"};
  for (const StorageType& type : kStorageTypes) globals.push_back(type.global);
  const auto document =
      with_context("data.pkl", [&] { return pickle::read(*archive.find("data.pkl"), globals); });
  std::string metadata = archive.text("mudra.json");
  if (metadata.size() > kMaxMetadataBytes)
    fail("mudra.json: {} bytes are more than {}", metadata.size(), kMaxMetadataBytes);
  return {read_state(archive, find_state_dict(document.root)), std::move(metadata)};
}

PthFile load_pth(const std::filesystem::path& path) {
  const auto bytes = read_file(path);
  return with_context(path.string(), [&] { return read_pth(bytes); });
}

}  // namespace mudra::format
