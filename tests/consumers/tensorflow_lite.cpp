// tensorflow_lite LIBRARY MODEL FOLDER: runs MODEL with TensorFlow Lite's own C library on FOLDER/images.u8
// and compares with FOLDER/logits.f32, which model_logits wrote. Exit 1 when a float model's logit differs by
// more than 1e-4 or names another class, or an int8 model's differs at all.
// Writes what TensorFlow Lite computed to FOLDER/tensorflow_lite.f32.
#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"

// What is used of tensorflow/lite/c/c_api.h.
extern "C" {
struct TfLiteModel;
struct TfLiteInterpreterOptions;
struct TfLiteInterpreter;
struct TfLiteTensor;
struct TfLiteQuantizationParams {
  float scale;
  std::int32_t zero_point;
};
}

namespace mudra {
namespace {

constexpr int kTypeFloat32 = 1, kTypeInt8 = 9, kOk = 0;
constexpr std::size_t kPixels = 96 * 96;

// The library's functions by name.
class Library {
 public:
  explicit Library(const char* path) : handle_(::dlopen(path, RTLD_NOW | RTLD_LOCAL)) {
    if (handle_ == nullptr) fail("{}", ::dlerror());
  }
  template <typename Function>
  Function* function(const char* name) const {
    void* found = ::dlsym(handle_, name);
    if (found == nullptr) fail("the library has no {}", name);
    return reinterpret_cast<Function*>(found);
  }

 private:
  void* handle_;
};

class Interpreter {
 public:
  Interpreter(const Library& library, const std::string& model) : library_(library) {
    const auto* loaded =
        library.function<TfLiteModel*(const char*)>("TfLiteModelCreateFromFile")(model.c_str());
    if (loaded == nullptr) fail("TensorFlow Lite does not load {}", model);
    auto* options = library.function<TfLiteInterpreterOptions*()>("TfLiteInterpreterOptionsCreate")();
    interpreter_ = library.function<TfLiteInterpreter*(const TfLiteModel*, const TfLiteInterpreterOptions*)>(
        "TfLiteInterpreterCreate")(loaded, options);
    if (interpreter_ == nullptr) fail("TensorFlow Lite makes no interpreter for {}", model);
    if (library.function<int(TfLiteInterpreter*)>("TfLiteInterpreterAllocateTensors")(interpreter_) != kOk)
      fail("TensorFlow Lite does not prepare {}", model);
    input_ = library.function<TfLiteTensor*(const TfLiteInterpreter*, std::int32_t)>(
        "TfLiteInterpreterGetInputTensor")(interpreter_, 0);
    output_ = library.function<TfLiteTensor*(const TfLiteInterpreter*, std::int32_t)>(
        "TfLiteInterpreterGetOutputTensor")(interpreter_, 0);
  }

  bool is_int8() const { return type_of(output_) == kTypeInt8; }
  float output_scale() const { return quantization_of(output_).scale; }

  std::vector<float> run(const std::uint8_t* image) const {
    std::vector<float> values(kPixels);
    std::transform(image, image + kPixels, values.begin(),
                   [](std::uint8_t p) { return static_cast<float>(p) / 255.0f; });
    if (type_of(input_) == kTypeInt8) {
      const auto [scale, zero_point] = quantization_of(input_);
      std::vector<std::int8_t> integers(kPixels);
      std::ranges::transform(values, integers.begin(), [&, s = scale, z = zero_point](float value) {
        return static_cast<std::int8_t>(
            std::clamp(std::round(value / s) + static_cast<float>(z), -128.0f, 127.0f));
      });
      copy_in(integers);
    } else {
      copy_in(values);
    }
    if (library_.function<int(TfLiteInterpreter*)>("TfLiteInterpreterInvoke")(interpreter_) != kOk)
      fail("TensorFlow Lite does not run");
    return logits();
  }

 private:
  int type_of(const TfLiteTensor* tensor) const {
    return library_.function<int(const TfLiteTensor*)>("TfLiteTensorType")(tensor);
  }
  TfLiteQuantizationParams quantization_of(const TfLiteTensor* tensor) const {
    return library_.function<TfLiteQuantizationParams(const TfLiteTensor*)>("TfLiteTensorQuantizationParams")(
        tensor);
  }
  template <typename T>
  void copy_in(const std::vector<T>& values) const {
    const auto copy =
        library_.function<int(TfLiteTensor*, const void*, std::size_t)>("TfLiteTensorCopyFromBuffer");
    if (copy(input_, values.data(), values.size() * sizeof(T)) != kOk) fail("the input has another size");
  }
  std::vector<float> logits() const {
    const std::size_t bytes =
        library_.function<std::size_t(const TfLiteTensor*)>("TfLiteTensorByteSize")(output_);
    const void* data = library_.function<void*(const TfLiteTensor*)>("TfLiteTensorData")(output_);
    if (type_of(output_) == kTypeFloat32) {
      std::vector<float> values(bytes / sizeof(float));
      std::memcpy(values.data(), data, bytes);
      return values;
    }
    const auto [scale, zero_point] = quantization_of(output_);
    const auto* integers = static_cast<const std::int8_t*>(data);
    std::vector<float> values(bytes);
    std::transform(integers, integers + bytes, values.begin(),
                   [s = scale, z = zero_point](std::int8_t i) { return s * static_cast<float>(i - z); });
    return values;
  }

  const Library& library_;
  TfLiteInterpreter* interpreter_;
  TfLiteTensor *input_, *output_;
};

int run(const char* library_path, const std::string& model, const std::filesystem::path& folder) {
  const Library library(library_path);
  const Interpreter interpreter(library, model);
  const auto images = read_file(folder / "images.u8"), bytes = read_file(folder / "logits.f32");
  std::vector<float> expected(bytes.size() / sizeof(float)), theirs;
  std::memcpy(expected.data(), bytes.data(), bytes.size());
  const std::size_t count = images.size() / kPixels, classes = expected.size() / count;

  float largest = 0;
  std::size_t agreeing = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::vector<float> logits = interpreter.run(images.data() + i * kPixels);
    const auto ours = std::span(expected).subspan(i * classes, classes);
    for (std::size_t c = 0; c < classes; ++c) largest = std::max(largest, std::abs(ours[c] - logits[c]));
    if (std::ranges::max_element(ours) - ours.begin() == std::ranges::max_element(logits) - logits.begin())
      ++agreeing;
    theirs.insert(theirs.end(), logits.begin(), logits.end());
  }
  std::vector<std::uint8_t> written(theirs.size() * sizeof(float));
  std::memcpy(written.data(), theirs.data(), written.size());
  write_file(folder / "tensorflow_lite.f32", written);
  if (interpreter.is_int8()) {
    fmt::print("int8: {} images, largest difference {:.2f} units of the output, same class {}\n", count,
               largest / interpreter.output_scale(), agreeing);
    return largest == 0 ? 0 : 1;
  }
  fmt::print("float: {} images, largest difference {:.2e}, same class {}\n", count, largest, agreeing);
  return largest <= 1e-4f && agreeing == count ? 0 : 1;
}

}  // namespace
}  // namespace mudra

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  try {
    return mudra::run(argv[1], argv[2], argv[3]);
  } catch (const mudra::Error& error) {
    fmt::print(stderr, "tensorflow_lite: {}\n", error.text);
    return 1;
  }
}
