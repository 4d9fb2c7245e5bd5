#!/usr/bin/env bash
# check_headers.sh IDF ESP_DL CAMERA JPEG: compiles every source of the firmware, for an Xtensa but without linking,
# with the real headers of ESP-IDF, ESP-DL, esp32-camera and the esp_jpeg that the camera's headers include, for
# the ESP32-S3, both engines and the camera on; and checks that every line of sdkconfig.defaults takes effect
# there. The arguments are the folders of those components. scripts/setup.sh headers installs what it needs.
set -euo pipefail
[ $# = 4 ] || { sed -n '2,5s/^# //p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
idf=$(cd "$1" && pwd) dl=$(cd "$2" && pwd) camera=$(cd "$3" && pwd) jpeg=$(cd "$4" && pwd)
[ ! -d "$dl/esp-dl" ] || dl=$dl/esp-dl
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

printf 'CONFIG_MUDRA_ENGINE_BOTH=y\nCONFIG_MUDRA_CAMERA=y\n' >"$out/everything.defaults"
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
    "$camera"/{driver,conversions}/include "$jpeg"/include; do
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
