#include "mudra/pipeline/pth_model.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/format/class_names.hpp"
#include "mudra/format/onnx.hpp"
#include "mudra/format/pth.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/light_gesture_net.hpp"

namespace mudra::pipeline {
namespace {

using Json = nlohmann::ordered_json;
using graph::ActivationKind;
using graph::LightGestureNet;

const std::string kNormalization(device::kNormalizationKey), kPreprocessing = "preprocessing";

// What the weights' shapes do not tell; kept in the file's record mudra.json.
std::string metadata_of(const LightGestureNet& net, const graph::Normalization& normalization,
                        const std::vector<std::string>& class_names) {
  Json strides = Json::array();
  for (const LightGestureNet::Block& block : net.blocks) strides.push_back(block.stride);
  Json metadata = {{"mudra", MUDRA_VERSION},
                   {"classes", class_names},
                   {"activation", net.activation == ActivationKind::kRelu6 ? "relu6" : "relu"},
                   {"strides", std::move(strides)},
                   {"pixels", preprocessing_of({}, normalization)}};
  if (normalization != graph::Normalization{}) metadata[kNormalization] = graph::text_of(normalization);
  return metadata.dump(2, ' ', false, Json::error_handler_t::replace);  // folders may have any name
}

ActivationKind activation_called(const std::string& name) {
  if (name == "relu6") return ActivationKind::kRelu6;
  if (name == "relu") return ActivationKind::kRelu;
  fail("its activation is neither relu6 nor relu");
}

// Adds to `net` and `normalization` what the metadata says, and returns the names of the classes.
std::vector<std::string> read_metadata(const std::string& text, LightGestureNet& net,
                                       graph::Normalization& normalization) {
  try {
    const Json metadata = Json::parse(text);
    if (metadata.contains(kNormalization))
      normalization = graph::normalization_of(std::map<std::string, std::string>{
          {kNormalization, metadata.at(kNormalization).get<std::string>()}});
    net.activation = activation_called(metadata.at("activation").get<std::string>());
    if (metadata.at("pixels").get<std::string>() != preprocessing_of({}, normalization))
      fail("it wants other pixels than '{}'", preprocessing_of({}, normalization));
    const auto strides = metadata.at("strides").get<std::vector<int>>();
    if (strides.size() != net.blocks.size())
      fail("it has {} strides for {} blocks", strides.size(), net.blocks.size());
    for (std::size_t i = 0; i < strides.size(); ++i) net.blocks[i].stride = strides[i];
    auto names = metadata.at("classes").get<std::vector<std::string>>();
    if (!names.empty()) format::check_class_names(names, net.classes);  // none: unknown
    return names;
  } catch (const Json::exception&) {
    fail("it is not what mudra writes");
  }
}

PthModel model_of(const format::PthFile& file) {
  LightGestureNet net;
  try {
    net = light_gesture_net_of(file.state);
  } catch (const Error& error) {
    fail("not LightGestureNet: {}; of another network give its .onnx, a .pth does not hold its structure",
         error.text);
  }
  std::vector<std::string> class_names;
  graph::Normalization normalization;
  if (!file.metadata.empty())
    class_names =
        with_context("mudra.json", [&] { return read_metadata(file.metadata, net, normalization); });
  PthModel model{light_gesture_net(net), std::move(class_names)};
  if (!file.metadata.empty()) {
    graph::state_normalization(model.network.metadata, normalization);
    state_preprocessing(model.network, {});
  }
  put(model.network, file.state);
  return model;
}

}  // namespace

std::string preprocessing_of(const data::PictureShape& shape, const device::Normalization& normalization) {
  return fmt::format(
      "{}, {}x{}, {}", shape.is_color() ? "RGB" : "gray", shape.width, shape.height,
      normalization == device::Normalization{} ? "value / 255" : "(value / 255 - mean) / deviation");
}

void state_preprocessing(graph::Graph& network, const data::PictureShape& shape) {
  network.metadata[kPreprocessing] = preprocessing_of(shape, normalization_of(network));
  network.metadata["version"] = MUDRA_VERSION;
}

std::optional<device::Normalization> stated_normalization(const std::map<std::string, std::string>& metadata,
                                                          const data::PictureShape& shape) {
  const device::Normalization normalization = graph::normalization_of(metadata);
  if (!normalization.suits(shape.channels))
    fail("its {} {} is of three channels, and its pictures are gray", device::kNormalizationKey,
         graph::text_of(normalization));
  const auto pixels = metadata.find(kPreprocessing);
  const std::string ours = preprocessing_of(shape, normalization);
  if (pixels != metadata.end() && pixels->second != ours) fail("it wants other pixels than '{}'", ours);
  if (pixels == metadata.end() && normalization == device::Normalization{}) return std::nullopt;
  return normalization;
}

PthModel load_pth_model(const std::filesystem::path& path) {
  const format::PthFile contents = format::load_pth(path);
  return with_context(path.string(), [&] { return model_of(contents); });
}

bool is_light_gesture_net(const graph::Graph& network) {
  try {
    return light_gesture_net(light_gesture_net_of(network)).nodes == network.nodes;
  } catch (const Error&) {
    return false;
  }
}

std::filesystem::path save_trained(const std::filesystem::path& folder, const graph::Graph& network,
                                   const std::vector<std::string>& class_names) {
  if (is_light_gesture_net(network)) {
    save_model(folder / "model.pth", network, class_names);
    return folder / "model.pth";
  }
  graph::Graph named = without_unused(network);
  named.class_names = class_names;
  state_preprocessing(named, device::picture_shape(network.tensor(network.input).shape).value());
  write_file(folder / "weights.pth", format::write_pth(state_dict(network)));
  write_file(folder / "model.onnx", format::write_onnx(named));
  return folder / "model.onnx";
}

void save_model(const std::filesystem::path& path, const graph::Graph& network,
                const std::vector<std::string>& class_names) {
  write_file(path,
             format::write_pth(state_dict(network), metadata_of(light_gesture_net_of(network),
                                                                normalization_of(network), class_names)));
}

}  // namespace mudra::pipeline
