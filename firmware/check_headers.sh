#!/usr/bin/env bash
# check_headers.sh IDF ESP_DL CAMERA JPEG MQTT: compiles every source of the firmware, for an Xtensa but without linking,
# with the real headers of ESP-IDF, ESP-DL, esp32-camera, the esp_jpeg that the camera's headers include and
# ESP-MQTT, for the ESP32-S3, both engines, the camera and all examples on; and checks that every line of sdkconfig.defaults and
# of each board's settings takes effect there. The arguments are the folders of those components. scripts/setup.sh headers installs what it needs.
set -euo pipefail
[ $# = 5 ] || { sed -n '2,6s/^# //p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
idf=$(cd "$1" && pwd) dl=$(cd "$2" && pwd) camera=$(cd "$3" && pwd) jpeg=$(cd "$4" && pwd) mqtt=$(cd "$5" && pwd)
[ ! -d "$dl/esp-dl" ] || dl=$dl/esp-dl
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

for board in "$here"/boards/*.defaults; do
  /usr/bin/python3 "$here/check_configuration.py" "$idf" "$out/board.h" "$here/sdkconfig.defaults" "$board" \
    --kconfig "$here/main/Kconfig.projbuild" "$dl/Kconfig" "$camera/Kconfig" | sed "s/^/$(basename "$board" .defaults): /"
done
cat >"$out/everything.defaults" <<'END'
CONFIG_MUDRA_ENGINE_BOTH=y
CONFIG_MUDRA_CAMERA=y
CONFIG_MUDRA_CAMERA_AXP2101=y
CONFIG_MUDRA_LED_PIN=48
CONFIG_MUDRA_LED_WS2812=y
CONFIG_MUDRA_STREAM_FROM_START=y
CONFIG_MUDRA_GESTURE_LED=y
CONFIG_MUDRA_GESTURE_PINS=y
CONFIG_MUDRA_GESTURE_MQTT=y
END
/usr/bin/python3 "$here/check_configuration.py" "$idf" "$out/sdkconfig.h" \
  "$here/sdkconfig.defaults" "$out/everything.defaults" \
  --kconfig "$here/main/Kconfig.projbuild" "$dl/Kconfig" "$camera/Kconfig"

# The public include folders of the components that the sources lead to, as their CMakeLists.txt say.
folders=("$out" "$here/../device/include" "$here/../device/s3/include" "$here/.." "$here/main")
for folder in "$idf"/components/*/include "$idf"/components/*/esp32s3/include \
    "$idf"/components/{soc,hal,esp_hw_support,esp_system,esp_rom}/{include,include/soc,include/esp32s3,esp32s3,esp32s3/include,esp32s3/register} \
    "$idf"/components/xtensa/{include,esp32s3/include,deprecated_include} \
    "$idf"/components/freertos/{config/include,config/include/freertos,config/xtensa/include,FreeRTOS-Kernel/include,FreeRTOS-Kernel/portable/xtensa/include,FreeRTOS-Kernel/portable/xtensa/include/freertos,esp_additions/include} \
    "$idf"/components/{newlib,esp_libc}/platform_include \
    "$idf"/components/{esp_hal_*/{include,esp32s3/include},esp_hw_support/*/include} \
    "$dl"/{dl,dl/tool/include,dl/tensor/include,dl/base,dl/base/isa,dl/math/include,dl/model/include,dl/module/include,fbs_loader/include} \
    "$camera"/{driver,conversions}/include "$jpeg"/include "$mqtt"/include \
    "$idf"/components/lwip/{include,port/include,port/esp32xx/include,port/freertos/include,lwip/src/include}; do
  case $folder in "$idf"/components/linux/*) continue ;; esac  # stands in for a PC's
  [ ! -d "$folder" ] || folders+=("$folder")
done
headers=$(echo /usr/include/newlib/c++/*/arm-none-eabi)
flags=(-std=gnu++20 -O2 -Wall -Wextra -fno-exceptions -fno-rtti -mlongcalls -fno-threadsafe-statics
       -DESP_PLATFORM -D__XTENSA__ -nostdinc++ -isystem "$(dirname "$headers")" -isystem "$headers"
       -isystem /usr/include/newlib)
for folder in "${folders[@]}"; do flags+=(-isystem "$folder"); done

failed=0 count=0
for source in "$here"/main/*.cpp "$here"/../device/src/*.cpp "$here"/../device/s3/*.cpp; do
  count=$((count + 1))
  xtensa-lx106-elf-gcc "${flags[@]}" -Werror -c "$source" -o "$out/object.o" ||
    { failed=$((failed + 1)); echo "$source fails" >&2; }
done
echo "$((count - failed)) of $count sources compile"
[ $failed = 0 ]
