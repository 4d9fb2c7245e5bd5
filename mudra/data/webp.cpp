#include "mudra/data/webp.hpp"

#include <webp/decode.h>
#include <webp/demux.h>

#include <memory>
#include <string_view>
#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/data/exif.hpp"

namespace mudra::data {
namespace {

using Demuxer = std::unique_ptr<WebPDemuxer, decltype(&WebPDemuxDelete)>;

int orientation_of(const WebPDemuxer* demuxer) {
  WebPChunkIterator chunk;
  if (WebPDemuxGetChunk(demuxer, "EXIF", 1, &chunk) == 0) return 1;
  const int orientation = exif_orientation({chunk.chunk.bytes, chunk.chunk.size});
  WebPDemuxReleaseChunkIterator(&chunk);
  return orientation;
}

}  // namespace

bool is_webp(std::span<const std::uint8_t> file) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  return text.starts_with("RIFF") && text.size() >= 12 && text.substr(8, 4) == "WEBP";
}

Image decode_webp(std::span<const std::uint8_t> file) {
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(file.data(), file.size(), &features) != VP8_STATUS_OK) fail("WebP: damaged or cut off");
  if (features.has_animation != 0) fail("WebP: animations are not supported; save one frame");
  const auto width = static_cast<std::size_t>(features.width);
  const auto height = static_cast<std::size_t>(features.height);
  check_size(width, height);
  const WebPData bytes{file.data(), file.size()};
  const Demuxer demuxer(WebPDemux(&bytes), WebPDemuxDelete);  // of whole files only
  if (demuxer == nullptr) fail("WebP: damaged or cut off");
  Image image{.width = features.width,
              .height = features.height,
              .channels = 3,
              .pixels = std::vector<std::uint8_t>(width * height * 3)};
  if (WebPDecodeRGBInto(file.data(), file.size(), image.pixels.data(), image.pixels.size(),
                        3 * features.width) == nullptr)
    fail("WebP: damaged or cut off");
  return upright(std::move(image), orientation_of(demuxer.get()));
}

}  // namespace mudra::data
