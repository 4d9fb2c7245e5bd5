# mudra_board itself: wrong usage exits 2, what is wrong is one line and exit 1, and a file that is no link stays.
for words in "--internal-bytes nan" "--internal-bytes -1" "--psram-bytes 99999999999999999999" "--partition-bytes 99999999999" \
             --frobnicate; do
  # shellcheck disable=SC2086
  expect_exit 2 "$MUDRA_BOARD" $words
done
expect_exit 0 "$MUDRA_BOARD" --help

refused() {  # refused TEXT OPTION...
  local text=$1
  shift
  expect_exit 1 "$MUDRA_BOARD" "$@"
  [ "$(wc -l <err)" = 1 ] || { cat err >&2; fail "more or less than one line on stderr"; }
  expect_text err "mudra_board: $text"
}
refused "none.espdl: No such file" --model none.espdl
refused "/proc/x: " --link /proc/x
echo mine >file
refused "file: File exists" --link file
[ "$(cat file)" = mine ] || fail "a file gave way to a link"
