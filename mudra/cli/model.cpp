#include "mudra/cli/model.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/data/dataset.hpp"
#include "mudra/format/pth.hpp"
#include "mudra/train/inference.hpp"
#include "mudra/train/network_state.hpp"

namespace mudra::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kPixels = "gray, 96x96, value / 255";

// What the weights' shapes do not tell; kept in the file's record mudra.json.
std::string metadata_of(const train::NetworkConfig& config, const std::vector<std::string>& class_names) {
  Json strides = Json::array();
  for (const train::BlockConfig& block : config.blocks) strides.push_back(block.stride);
  const Json metadata = {{"mudra", MUDRA_VERSION},
                         {"classes", class_names},
                         {"activation", train::name_of(config.activation)},
                         {"strides", std::move(strides)},
                         {"pixels", kPixels}};
  return metadata.dump(2, ' ', false, Json::error_handler_t::replace);  // folders may have any name
}

train::Activation activation_called(const std::string& name) {
  for (const auto activation : {train::Activation::kRelu6, train::Activation::kRelu})
    if (name == train::name_of(activation)) return activation;
  fail("its activation is neither relu6 nor relu");
}

void check_class_names(const std::vector<std::string>& names, int classes) {
  if (names.size() != static_cast<std::size_t>(classes))
    fail("it names {} classes, but the network tells {} apart", names.size(), classes);
  if (std::set(names.begin(), names.end()).size() != names.size()) fail("it names a class twice");
  for (const std::string& name : names)
    if (name.empty() || name.size() > 100 ||
        std::ranges::any_of(name, [](unsigned char c) { return c < ' ' || c == 127; }))
      fail("it names a class that cannot be printed");
}

// Adds to `config` what the metadata says, and returns the names of the classes.
std::vector<std::string> read_metadata(const std::string& text, train::NetworkConfig& config) {
  try {
    const Json metadata = Json::parse(text);
    config.activation = activation_called(metadata.at("activation").get<std::string>());
    if (metadata.at("pixels").get<std::string>() != kPixels) fail("it wants other pixels than '{}'", kPixels);
    const auto strides = metadata.at("strides").get<std::vector<int>>();
    if (strides.size() != config.blocks.size())
      fail("it has {} strides for {} blocks", strides.size(), config.blocks.size());
    for (std::size_t i = 0; i < strides.size(); ++i) config.blocks[i].stride = strides[i];
    auto names = metadata.at("classes").get<std::vector<std::string>>();
    check_class_names(names, config.classes);
    return names;
  } catch (const Json::exception&) {
    fail("it is not what mudra writes");
  }
}

std::vector<std::string> assumed_class_names(int classes) {
  if (classes == data::kGestures) return {std::begin(data::kGestureNames), std::end(data::kGestureNames)};
  std::vector<std::string> names;
  for (int c = 0; c < classes; ++c) names.push_back(fmt::format("class {}", c));
  return names;
}

// The file meant by `path`, which may be a RUN folder.
std::filesystem::path model_file(const std::filesystem::path& path) {
  std::error_code ignored;  // what cannot be looked at cannot be read either, which says why
  if (std::filesystem::is_directory(path, ignored)) {
    auto file = path / "model.pth";
    if (!std::filesystem::exists(file, ignored))
      fail("{}: a folder without model.pth, so no RUN", path.string());
    return file;
  }
  const std::string extension = path.extension().string();
  for (const std::string_view later : {".onnx", ".tflite", ".espdl"})
    if (extension == later) fail("{}: {} is not supported yet; mudra knows .pth", path.string(), later);
  return path;
}

Model model_of(const format::PthFile& file, std::uint64_t bytes) {
  train::NetworkConfig config = train::config_from(file.state);
  Model model{.network = train::Network(config), .class_names = {}, .bytes = bytes};
  if (file.metadata.empty()) {
    model.class_names = assumed_class_names(config.classes);
    model.names_are = ClassNames::kAssumed;
  } else {
    model.class_names = with_context("mudra.json", [&] { return read_metadata(file.metadata, config); });
  }
  model.network = train::network_from(file.state, config);
  return model;
}

}  // namespace

Model load_model(const std::filesystem::path& path) {
  const auto file = model_file(path);
  const format::PthFile contents = format::load_pth(file);
  return with_context(file.string(), [&] { return model_of(contents, std::filesystem::file_size(file)); });
}

void tell_assumed_names(const Model& model, const std::filesystem::path& path) {
  if (model.names_are == ClassNames::kAssumed)
    fmt::print(stderr, "{} does not name its classes; taken to be {}\n", path.string(),
               fmt::join(model.class_names, ", "));
}

report::Predictor predictor_of(const Model& model) {
  constexpr int kBatch = 64;
  const auto inference = std::make_shared<train::Inference>(model.network, kBatch);
  report::Predictor predictor;
  predictor.format = "pth";
  predictor.class_names = model.class_names;
  predictor.bytes = model.bytes;
  predictor.max_batch = kBatch;
  predictor.score = [inference, values = std::vector<float>()](std::span<const std::uint8_t> images,
                                                               std::span<float> logits) mutable {
    values.resize(images.size());
    std::ranges::transform(images, values.begin(),
                           [](std::uint8_t pixel) { return static_cast<float>(pixel) / 255.0f; });
    inference->run(values, logits);
  };
  return predictor;
}

void save_model(const std::filesystem::path& path, const train::Network& network,
                const std::vector<std::string>& class_names) {
  write_file(path, format::write_pth(train::state_dict(network), metadata_of(network.config(), class_names)));
}

}  // namespace mudra::cli
