# deploy checks, draws, writes a whole project or none, and refuses with figures.
"$MUDRA_GESTURE_MODEL" gesture.espdl

expect_exit 0 "$MUDRA" deploy gesture.espdl --out project
for text in "arena over time: " "multiply-adds" "arena of mudra's engine" "of which the model takes" \
            "idf.py -C project -p /dev/ttyUSB0 flash" "idf.py -C project -p /dev/ttyUSB0 model-flash" "mudra monitor --port"; do
  expect_text out "$text"
done
[ ! -s err ] || fail "something was said on stderr"
cmp -n "$(stat -c %s gesture.espdl)" gesture.espdl project/model.espdl || fail "the model is another"
expect_exit 0 "$MUDRA" inspect project/model.espdl
expect_text out "bytes of packed weights behind the model, used where they lie"
for file in CMakeLists.txt partitions.csv sdkconfig.defaults main/app_main.cpp components/device/src/engine.cpp \
            memory_plan.txt memory_plan.svg mudra-project.json; do
  [ -s "project/$file" ] || fail "project/$file is missing or empty"
done
[ ! -e project/host ] || fail "the PC's stand-ins are in the project"
version=$("$MUDRA" --version)
grep -qxF "set(PROJECT_VER \"${version#mudra }\")" project/CMakeLists.txt || fail "the firmware has another version"
for source in main/console.cpp CMakeLists.txt; do
  cmp "$MUDRA_SOURCE/firmware/$source" "project/$source" || fail "$source is another than in the repository"
done
/usr/bin/python3 -c 'import xml.dom.minidom as m; m.parse("project/memory_plan.svg")' || fail "the SVG is no XML"

# The same bytes again, and only where that destroys nothing.
expect_exit 1 "$MUDRA" deploy gesture.espdl --out project
expect_one_line "project: is there and not empty"
cp -r project first
expect_exit 0 "$MUDRA" deploy gesture.espdl --out project --replace
diff -r project first || fail "a second run gives other bytes"

expect_exit 0 "$MUDRA" deploy gesture.espdl --out eye --board eye --engine both --flash-size 16 --json
/usr/bin/python3 - <<'END' || fail "the JSON document is another"
import json, os
plan = json.load(open("out"))
assert plan["fits"] and plan["model_bytes"] == os.path.getsize("gesture.espdl") and plan["flash_bytes"] <= 16 << 20
assert 0 < plan["arena_bytes"] < plan["ram_bytes"] and plan["board"] == "eye" and plan["engine"] == "both"
assert plan["weights"] == "ram" and plan["packed_bytes"] > 0
flash, ram = plan["weight_variants"]
assert flash["weights"] == "flash" and ram["weights"] == "ram" and ram["arena_bytes"] == plan["arena_bytes"]
assert flash["arena_bytes"] < ram["arena_bytes"] and ram["ram_bytes"] - flash["ram_bytes"] == ram["arena_bytes"] - flash["arena_bytes"]
assert max(step["bytes"] for step in plan["arena_steps"]) == plan["arena_bytes"]
END
grep -q '^CONFIG_ESPTOOLPY_FLASHSIZE_16MB=y$' eye/sdkconfig.defaults || fail "the flash size is not set"
grep -q '^CONFIG_MUDRA_CAMERA=y$' eye/sdkconfig.defaults || fail "the camera is not set"

# Weights where they are wanted, and a project from what was deployed.
expect_exit 0 "$MUDRA" deploy project/model.espdl --out again
cmp project/model.espdl again/model.espdl || fail "packing a packed file changes it"
grep -q '^CONFIG_MUDRA_WEIGHTS_RAM=y$' again/sdkconfig.defaults || fail "the place of the weights is not set"
expect_exit 0 "$MUDRA" deploy gesture.espdl --out flash --weights flash
expect_text out "flash: read through the cache"
grep -q '^CONFIG_MUDRA_WEIGHTS_FLASH=y$' flash/sdkconfig.defaults || fail "the place of the weights is not set"
cmp project/model.espdl flash/model.espdl || fail "the model depends on the place of its weights"
expect_exit 1 "$MUDRA" deploy gesture.espdl --out psram --weights psram
expect_one_line "weights 'psram': give ram or flash"
cp project/model.espdl damaged.espdl
printf x | dd of=damaged.espdl bs=1 seek=$(($(stat -c %s damaged.espdl) - 5)) conv=notrunc 2>dd.log
expect_exit 1 "$MUDRA" deploy damaged.espdl --out damaged
expect_one_line "damaged.espdl: the packed weights behind it: checksum is wrong"

# What the board itself would refuse, or shows otherwise.
"$MUDRA_GESTURE_MODEL" many.espdl classes=65
expect_exit 1 "$MUDRA" deploy many.espdl --out refused
expect_one_line "mudra: deploy: many.espdl: it has 65 classes; the board takes up to 64"
[ ! -e refused ] || fail "a project was written that the board refuses"
"$MUDRA_GESTURE_MODEL" long.espdl name_bytes=300
expect_exit 0 "$MUDRA" deploy long.espdl --out long
expect_text out "note: the names of the classes have 1200 bytes together, more than the board's 1024; the board calls them 0, 1, ..."

# What does not fit.
expect_exit 1 "$MUDRA" deploy gesture.espdl --out small --flash-size 2
expect_one_line "mudra: deploy: gesture.espdl: does not fit: the model has "
expect_text out "does not fit: the model has "
expect_exit 1 "$MUDRA" deploy gesture.espdl --out small --flash-size 2 --json
/usr/bin/python3 -c 'import json; p = json.load(open("out")); assert not p["fits"] and p["refusals"]' || fail "the JSON does not say so"
[ ! -e small ] || fail "a project was written that does not fit"

# The boards, with pins and sources, without a model.
expect_exit 0 "$MUDRA" deploy --board list
for text in "xiao " "XCLK 10, SDA 40, SCL 39" "source: https://github.com/"; do expect_text out "$text"; done
expect_exit 0 "$MUDRA" deploy --board list --json
/usr/bin/python3 - <<'END' || fail "the JSON document of the boards is another"
import json
boards = {board["name"]: board for board in json.load(open("out"))}
assert {"generic", "devkitc", "eye", "xiao", "freenove-cam", "lilygo-t-camera", "m5-cores3", "waveshare"} <= boards.keys()
assert boards["eye"]["camera"]["vflip"] and boards["eye"]["port"] == "/dev/ttyACM0" and boards["generic"]["camera"] is None
assert boards["xiao"]["led"] == {"kind": "plain", "pin": 21, "active_low": True, "open_drain": False}
END
expect_exit 0 "$MUDRA" deploy gesture.espdl --out xiao --board xiao
expect_text out "-p /dev/ttyACM0 flash"
expect_text out "mudra monitor --port /dev/ttyACM0"
expect_text out "the camera's two pictures, in PSRAM"
grep -q '^CONFIG_MUDRA_BOARD_XIAO=y$' xiao/sdkconfig.defaults || fail "the board is not chosen"
expect_exit 0 "$MUDRA" deploy gesture.espdl --out cores3 --board m5-cores3
[ "$(grep SPIRAM_MODE cores3/sdkconfig.defaults)" = CONFIG_SPIRAM_MODE_QUAD=y ] || fail "the PSRAM is not quad"
expect_exit 2 "$MUDRA" deploy --board eye

# What is wrong.
head -c 3000 gesture.espdl >cut.espdl
expect_exit 1 "$MUDRA" deploy cut.espdl --out cut
expect_one_line "cut.espdl: "
expect_exit 1 "$MUDRA" deploy gesture.espdl --out cut --board uno
expect_one_line "there is no board 'uno', only generic"
expect_exit 1 "$MUDRA" deploy missing.espdl --out cut
expect_one_line "missing.espdl"
expect_exit 1 "$MUDRA" deploy gesture.espdl --out /dev/null/project
expect_one_line "/dev/null"
expect_exit 2 "$MUDRA" deploy gesture.espdl
[ ! -e cut ] || fail "a failed deploy left something"

# As others install it: a copy of the program alone.
mkdir elsewhere
cp "$MUDRA" elsewhere/mudra
expect_exit 0 ./elsewhere/mudra deploy gesture.espdl --out from_copy
diff -r from_copy first || fail "an installed copy writes another project"
