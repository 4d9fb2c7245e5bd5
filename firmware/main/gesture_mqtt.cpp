#include "gesture_mqtt.hpp"

#include "sdkconfig.h"

#if CONFIG_MUDRA_GESTURE_MQTT

#include <algorithm>
#include <cstring>

#include "esp_event.h"
#include "esp_netif.h"
#include "esp_wifi.h"
#include "mqtt_client.h"
#include "nvs_flash.h"

namespace mudra::firmware {
namespace {

esp_mqtt_client_handle_t client = nullptr;

// At the start, and again whenever the access point is lost; Wi-Fi itself waits between two attempts.
void connect_wifi(void*, esp_event_base_t, std::int32_t event, void*) {
  if (event == WIFI_EVENT_STA_START || event == WIFI_EVENT_STA_DISCONNECTED)
    static_cast<void>(esp_wifi_connect());
}

// Wi-Fi keeps its calibration there.
bool open_storage() {
  esp_err_t error = nvs_flash_init();
  if (error == ESP_ERR_NVS_NO_FREE_PAGES || error == ESP_ERR_NVS_NEW_VERSION_FOUND)
    error = nvs_flash_erase() == ESP_OK ? nvs_flash_init() : ESP_FAIL;
  return error == ESP_OK;
}

template <std::size_t kSize>
void copy_text(const char* text, std::uint8_t (&to)[kSize]) {
  std::memcpy(to, text, std::min(std::strlen(text), kSize));
}

bool open_wifi() {
  if (!open_storage() || esp_netif_init() != ESP_OK || esp_event_loop_create_default() != ESP_OK)
    return false;
  static_cast<void>(esp_netif_create_default_wifi_sta());
  const wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();
  if (esp_wifi_init(&init) != ESP_OK) return false;
  static_cast<void>(esp_event_handler_register(WIFI_EVENT, ESP_EVENT_ANY_ID, connect_wifi, nullptr));
  wifi_config_t config = {};
  copy_text(CONFIG_MUDRA_WIFI_SSID, config.sta.ssid);
  copy_text(CONFIG_MUDRA_WIFI_PASSWORD, config.sta.password);
  return esp_wifi_set_storage(WIFI_STORAGE_RAM) == ESP_OK && esp_wifi_set_mode(WIFI_MODE_STA) == ESP_OK &&
         esp_wifi_set_config(WIFI_IF_STA, &config) == ESP_OK && esp_wifi_start() == ESP_OK;
}

}  // namespace

void begin_mqtt() {
  if (!open_wifi()) return;
  esp_mqtt_client_config_t config = {};
  config.broker.address.uri = CONFIG_MUDRA_MQTT_URI;
  config.credentials.username = CONFIG_MUDRA_MQTT_USER;
  config.credentials.authentication.password = CONFIG_MUDRA_MQTT_PASSWORD;
  config.outbox.limit = 4096;  // bytes that wait for the broker
  client = esp_mqtt_client_init(&config);
  if (client != nullptr) static_cast<void>(esp_mqtt_client_start(client));
}

void publish(const Gesture& gesture) {
  if (client == nullptr) return;
  constexpr int kQuality = 0, kRetain = 1;
  constexpr bool kStore = true;
  static_cast<void>(esp_mqtt_client_enqueue(client, CONFIG_MUDRA_MQTT_TOPIC, gesture.name.data(),
                                            static_cast<int>(gesture.name.size()), kQuality, kRetain,
                                            kStore));
}

}  // namespace mudra::firmware

#endif
