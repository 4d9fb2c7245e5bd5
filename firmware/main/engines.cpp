#include "board.hpp"
#include "inference_engine.hpp"
#include "sdkconfig.h"

#if CONFIG_MUDRA_USE_OWN_ENGINE
#include "mudra_engine.hpp"
#endif
#if CONFIG_MUDRA_KERNELS_VECTOR
#include "mudra/device/s3/kernels.hpp"
#endif
#if CONFIG_MUDRA_USE_ESP_DL
#include "esp_dl_engine.hpp"
#endif

namespace mudra::firmware {
namespace {

#if CONFIG_MUDRA_USE_OWN_ENGINE
const device::Kernels& configured_kernels() {
#if CONFIG_MUDRA_KERNELS_VECTOR
  if (has_vector_unit()) return device::s3::kernels();
#endif
  return device::portable_kernels();
}
#endif

}  // namespace

std::span<InferenceEngine* const> configured_engines() {
#if CONFIG_MUDRA_USE_OWN_ENGINE
  static MudraEngine own(configured_kernels());
#endif
#if CONFIG_MUDRA_USE_ESP_DL
  static EspDlEngine esp_dl;
#endif
  static InferenceEngine* const engines[] = {
#if CONFIG_MUDRA_USE_OWN_ENGINE
    &own,
#endif
#if CONFIG_MUDRA_USE_ESP_DL
    &esp_dl,
#endif
  };
  return engines;
}

}  // namespace mudra::firmware
