# `mudra help` and the manual page say what --help says, for every command.
expect_exit 0 "$MUDRA" help
expect_text out "Subcommands:"
expect_exit 0 "$MUDRA" help data info
cp out by_help
expect_exit 0 "$MUDRA" data info --help
cmp out by_help || fail "help and --help differ"
expect_exit 1 "$MUDRA" help data frobnicate
expect_one_line "mudra: help: there is no command 'mudra data frobnicate'"
expect_exit 2 "$MUDRA" help --man train

expect_exit 0 "$MUDRA" help --json
cp out commands.json
expect_exit 0 "$MUDRA" help --man
cp out mudra.1
/usr/bin/python3 - <<'PYTHON' || fail "a command lacks its example or its place in the manual page"
import json, re
page = open("mudra.1").read().replace("\\-", "-").replace("\\e", "\\")
for command in json.load(open("commands.json")):
    name, parent = command["command"], not command["footer"]
    assert parent == (name in ("mudra", "mudra data")), name
    if parent:
        continue
    assert re.search(r"^ *(Example: |)(.*\W|)" + name + " ", command["footer"], re.M), name
    assert f".SS {name}\n" in page, name
    for option in command["options"]:
        assert option["description"], (name, option)
        assert option["names"] == ["-h", "--help"] or ", ".join(option["names"]) in page, (name, option)
PYTHON
if command -v groff >/dev/null; then
  expect_exit 0 groff -man -Tutf8 -ww mudra.1
  [ ! -s err ] || { cat err >&2; fail "groff warns"; }
fi
