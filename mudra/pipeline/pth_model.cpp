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

// What the weights' shapes do not tell; kept in the file's record mudra.json.
std::string metadata_of(const LightGestureNet& net, const std::vector<std::string>& class_names) {
  Json strides = Json::array();
  for (const LightGestureNet::Block& block : net.blocks) strides.push_back(block.stride);
  const Json metadata = {{"mudra", MUDRA_VERSION},
                         {"classes", class_names},
                         {"activation", net.activation == ActivationKind::kRelu6 ? "relu6" : "relu"},
                         {"strides", std::move(strides)},
                         {"pixels", preprocessing_of()}};
  return metadata.dump(2, ' ', false, Json::error_handler_t::replace);  // folders may have any name
}

ActivationKind activation_called(const std::string& name) {
  if (name == "relu6") return ActivationKind::kRelu6;
  if (name == "relu") return ActivationKind::kRelu;
  fail("its activation is neither relu6 nor relu");
}

// Adds to `net` what the metadata says, and returns the names of the classes.
std::vector<std::string> read_metadata(const std::string& text, LightGestureNet& net) {
  try {
    const Json metadata = Json::parse(text);
    net.activation = activation_called(metadata.at("activation").get<std::string>());
    if (metadata.at("pixels").get<std::string>() != preprocessing_of())
      fail("it wants other pixels than '{}'", preprocessing_of());
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
  if (!file.metadata.empty())
    class_names = with_context("mudra.json", [&] { return read_metadata(file.metadata, net); });
  PthModel model{light_gesture_net(net), std::move(class_names)};
  put(model.network, file.state);
  return model;
}

}  // namespace

std::string preprocessing_of(const data::PictureShape& shape) {
  return fmt::format("{}, {}x{}, value / 255", shape.is_color() ? "RGB" : "gray", shape.width, shape.height);
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
  named.metadata["preprocessing"] =
      preprocessing_of(device::picture_shape(network.tensor(network.input).shape).value());
  named.metadata["version"] = MUDRA_VERSION;
  write_file(folder / "weights.pth", format::write_pth(state_dict(network)));
  write_file(folder / "model.onnx", format::write_onnx(named));
  return folder / "model.onnx";
}

void save_model(const std::filesystem::path& path, const graph::Graph& network,
                const std::vector<std::string>& class_names) {
  write_file(path,
             format::write_pth(state_dict(network), metadata_of(light_gesture_net_of(network), class_names)));
}

}  // namespace mudra::pipeline
