# The project is read as ESP-IDF's build reads it: partition tables, manifests, Kconfig, defaults of each board; and
# each kind of fault in them is found.
read_project() { /usr/bin/python3 "$MUDRA_SOURCE/tests/style/esp_idf_project.py" "$@"; }
expect_exit 0 "$MUDRA" deploy --board list --json
cp out boards.json
expect_exit 0 read_project "$MUDRA_SOURCE" boards.json
cat out

# spoil FILE SED_SCRIPT TEXT: with that change the project has the fault TEXT.
spoil() {
  rm -rf copy
  mkdir copy
  cp -r "$MUDRA_SOURCE/firmware" "$MUDRA_SOURCE/device" copy/
  sed -i "$2" "copy/firmware/$1"
  ! cmp -s "copy/firmware/$1" "$MUDRA_SOURCE/firmware/$1" || fail "'$2' changes nothing in $1"
  expect_exit 1 read_project copy boards.json
  expect_text err "$3"
}
spoil partitions.csv 's/0x10000,/0x11000,/' "offset 0x11000 is no multiple of 0x10000"
spoil partitions.csv 's/^model,/a_name_of_17_bytes,/' "a partition's name has 1 to 16 bytes, not 18"
spoil partitions.csv 's/0x2F0000/0x300000/' "lies before"
spoil partitions.csv 's/^model,\(.*\)0x40,/model,\1tensors,/' "there is no subtype 'tensors' of data"
spoil partitions.csv '$ s/0x[0-9a-fA-F]*$/0x900000/' "more than the 0x400000 of the smallest board"
spoil optional/camera/idf_component.yml 's/\^2/about 2/' "is no range of versions"
spoil optional/camera/idf_component.yml 's/espressif\//espressif:/' "is no dependency"
spoil main/Kconfig.projbuild '0,/endchoice/s/endchoice//' "closes nothing"
spoil main/Kconfig.projbuild 's/depends on MUDRA_KERNELS_VECTOR/depends on MUDRA_VECTORS/' "MUDRA_VECTORS is named and does not exist"
spoil main/Kconfig.boards 's/config MUDRA_CAMERA_HREF/config MUDRA_CAMERA_HSYNC/' "CONFIG_MUDRA_CAMERA_HREF does not exist in Kconfig"
spoil main/Kconfig.boards 's/default 48 if MUDRA_BOARD_XIAO/default 49 if MUDRA_BOARD_XIAO/' "outside of its range"
spoil main/Kconfig.boards 's/default 38 if MUDRA_BOARD_XIAO$/default 37 if MUDRA_BOARD_XIAO/' "xiao: MUDRA_CAMERA_VSYNC is 37 in menuconfig, 38 in the program"
spoil boards/eye.defaults 's/CONFIG_MUDRA_CAMERA=y/CONFIG_MUDRA_KAMERA=y/' "CONFIG_MUDRA_KAMERA does not exist"
spoil boards/m5-cores3.defaults 's/QUAD/OCT/' "its defaults have another mode of PSRAM"
