# What `idf.py flash` writes to the partition `model` covers all of it, or nothing is built.
pad() { /usr/bin/python3 "$MUDRA_SOURCE/firmware/pad_model.py" "$@"; }
printf 'EDL2 and so on' >model.espdl
expect_exit 0 pad model.espdl 0x2000 model.bin
[ "$(stat -c %s model.bin)" = 8192 ] || fail "the image has another size than the partition"
cmp -n 14 model.espdl model.bin || fail "the model is another"
[ "$(tail -c +15 model.bin | tr -d '\377' | wc -c)" = 0 ] || fail "something is behind the model"
expect_exit 1 pad model.espdl 10 small.bin
expect_text err "model.espdl: 14 bytes do not fit the partition 'model' of 10"
[ ! -e small.bin ] || fail "an image was written that does not fit"
expect_exit 1 pad missing.espdl 10 small.bin
expect_text err "missing.espdl: No such file or directory"
grep -q 'pad_model.py' "$MUDRA_SOURCE/firmware/main/CMakeLists.txt" || fail "the build does not pad the model"
