#include "mudra/cli/pth_model.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/format/class_names.hpp"
#include "mudra/format/pth.hpp"
#include "mudra/train/network_state.hpp"

namespace mudra::cli {
namespace {

using Json = nlohmann::ordered_json;

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
    if (!names.empty()) format::check_class_names(names, config.classes);  // none: unknown
    return names;
  } catch (const Json::exception&) {
    fail("it is not what mudra writes");
  }
}

PthModel model_of(const format::PthFile& file) {
  train::NetworkConfig config = train::config_from(file.state);
  std::vector<std::string> class_names;
  if (!file.metadata.empty())
    class_names = with_context("mudra.json", [&] { return read_metadata(file.metadata, config); });
  return {train::network_from(file.state, config), std::move(class_names)};
}

}  // namespace

PthModel load_pth_model(const std::filesystem::path& path) {
  const format::PthFile contents = format::load_pth(path);
  return with_context(path.string(), [&] { return model_of(contents); });
}

void save_model(const std::filesystem::path& path, const train::Network& network,
                const std::vector<std::string>& class_names) {
  write_file(path, format::write_pth(train::state_dict(network), metadata_of(network.config(), class_names)));
}

}  // namespace mudra::cli
