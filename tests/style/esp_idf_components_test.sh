# ESP-IDF reads a component's CMakeLists.txt first as a script, in which much of CMake is an error, for what it
# requires: the firmware's components can be read so, name files that exist, and the vector kernels only where
# there is a vector unit.
cat >read.cmake <<'EOF'
set(ESP_PLATFORM 1)
set(CMAKE_BUILD_EARLY_EXPANSION 1)
set(COMPONENT_DIR ${FOLDER})
function(idf_build_get_property variable property)
  if(property STREQUAL IDF_TARGET)
    set(${variable} ${CHIP} PARENT_SCOPE)
  endif()
endfunction()
macro(idf_component_register)
  cmake_parse_arguments(_ "" "" "SRCS;INCLUDE_DIRS;PRIV_INCLUDE_DIRS;REQUIRES;PRIV_REQUIRES" ${ARGN})
  foreach(path IN LISTS __SRCS __INCLUDE_DIRS __PRIV_INCLUDE_DIRS)
    get_filename_component(path ${path} ABSOLUTE BASE_DIR ${COMPONENT_DIR})
    if(NOT EXISTS ${path})
      message(FATAL_ERROR "${path} does not exist")
    endif()
    message(${path})
  endforeach()
  set(registered 1)
  return()
endmacro()
include(${FOLDER}/CMakeLists.txt)
if(NOT registered)
  message(FATAL_ERROR "no component was registered")
endif()
EOF

# read_component FOLDER CHIP: its files and folders.
read_component() { cmake -DFOLDER="$1" -DCHIP="$2" -P read.cmake >log 2>&1 || fail "$1: $(cat log)"; cat log; }

read_component "$MUDRA_SOURCE/firmware/main" esp32s3 >application
for source in "$MUDRA_SOURCE"/firmware/main/*.cpp; do
  grep -qxF "$source" application || fail "$source is not compiled"
done
read_component "$MUDRA_SOURCE/device" esp32s3 >s3
read_component "$MUDRA_SOURCE/device" esp32 >other
for source in "$MUDRA_SOURCE"/device/src/*.cpp; do
  grep -qxF "$source" s3 && grep -qxF "$source" other || fail "$source is not compiled"
done
for source in "$MUDRA_SOURCE"/device/s3/*.{cpp,S}; do
  grep -qxF "$source" s3 || fail "$source is not compiled for the ESP32-S3"
done
! grep '/s3/' other || fail "vector kernels for a chip without a vector unit"

# What others wrote comes only where the configuration that the build will have asks for it.
mkdir -p idf/tools/cmake project
cat >idf/tools/cmake/project.cmake <<'END'
macro(project)
  message("${EXTRA_COMPONENT_DIRS}")
endmacro()
END
cp "$MUDRA_SOURCE/firmware/CMakeLists.txt" "$MUDRA_SOURCE/firmware/sdkconfig.defaults" project/
cp -r "$MUDRA_SOURCE/firmware/boards" project/
# components WANTED [ARGUMENT...]: the optional ones of the project, read with these arguments.
components() {
  local wanted=$1
  shift
  (cd project && IDF_PATH=$PWD/../idf cmake "$@" -P CMakeLists.txt) >log 2>&1 || fail "$(cat log)"
  [ "$(grep -o 'optional/[a-z_]*' log | xargs)" = "$wanted" ] || fail "$* gives '$(cat log)' instead of '$wanted'"
}
components ""
components "optional/camera" "-DSDKCONFIG_DEFAULTS=sdkconfig.defaults;boards/eye.defaults"
components "" "-DSDKCONFIG_DEFAULTS=sdkconfig.defaults;boards/devkitc.defaults"
SDKCONFIG_DEFAULTS="sdkconfig.defaults;boards/xiao.defaults" components "optional/camera"
printf 'CONFIG_MUDRA_ENGINE_BOTH=y\n# CONFIG_MUDRA_CAMERA is not set\n' >project/sdkconfig
components "optional/esp_dl" "-DSDKCONFIG_DEFAULTS=sdkconfig.defaults;boards/eye.defaults"
printf 'CONFIG_MUDRA_CAMERA=y\n' >project/other
components "optional/camera" -DSDKCONFIG=other
components "" -DSDKCONFIG=missing
