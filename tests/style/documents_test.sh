# The documents name no command, option, target, file or heading that does not exist.
expect_exit 0 "$MUDRA" help --json
cp out commands.json
expect_exit 0 /usr/bin/python3 "$MUDRA_SOURCE/tests/style/documents.py" commands.json "$MUDRA_SOURCE"
[ ! -s out ] || { cat out >&2; fail "the documents say what is not so"; }

# The check itself must be able to fail.
mkdir -p probe
git init -q probe
echo "demo:" >probe/Makefile
cat >probe/README.md <<'TEXT'
# Heading
    mudra frobnicate --all
    mudra train --data x --dta y   # the second is none
    make demo && make tea

`--resume` is an option, `--presume` is none; [a file](missing.md), [a heading](#no-such), [this](#heading).
TEXT
git -C probe add -A
expect_exit 0 /usr/bin/python3 "$MUDRA_SOURCE/tests/style/documents.py" commands.json probe
for problem in "no command 'mudra frobnicate'" "'mudra train' has no option --dta" "no target 'make tea'" \
               "the option --presume" "dead link missing.md" "#no-such: there is no such heading"; do
  expect_text out "$problem"
done
[ "$(wc -l <out)" = 6 ] || { cat out >&2; fail "something right was called wrong"; }
