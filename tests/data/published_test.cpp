// The published program's frames, prepared here, are byte for byte what it fed its network.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "mudra/base/files.hpp"
#include "mudra/data/image.hpp"
#include "mudra/device/image.hpp"
#include "tests/shared_data.hpp"

namespace mudra::data {
namespace {

TEST(Published, frames_become_the_bytes_the_network_was_fed) {
  if (shared_data().empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  const auto folder = shared_data("published");
  const auto cases = nlohmann::json::parse(read_text(folder / "activations/index.json"));
  int compared = 0;
  for (const auto& recorded : cases) {
    const auto image_path = folder / "images" / recorded.at("image").get<std::string>();
    if (!has_image_extension(image_path)) continue;  // test_image.hpp holds the array itself
    const auto& tensors = recorded.at("tensors");
    const auto input = std::ranges::find(tensors, "int8_input_hw", [](const auto& t) { return t.at("key"); });
    ASSERT_NE(input, tensors.end());
    const auto activations = read_file(folder / "activations" / recorded.at("file").get<std::string>());
    const auto offset = input->at("offset").template get<std::size_t>();
    ASSERT_LE(offset + kImagePixels, activations.size());

    std::array<std::uint8_t, kImagePixels> gray;
    std::array<std::int8_t, kImagePixels> fed;
    prepare(decode_image(read_file(image_path)), {}, gray);
    ASSERT_EQ(device::to_model_input(gray, -7, device::InputRule::kPublished, fed), device::Status::kOk);
    for (std::size_t i = 0; i < kImagePixels; ++i)
      ASSERT_EQ(fed[i], static_cast<std::int8_t>(activations[offset + i])) << image_path << " pixel " << i;
    ++compared;
  }
  EXPECT_EQ(compared, 5);
}

}  // namespace
}  // namespace mudra::data
