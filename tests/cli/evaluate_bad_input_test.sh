# Models and sets that do not go together, and those that are none: one line, exit 1, nothing on stdout.
data=$MUDRA_SOURCE/tests/cli/data
cp "$data"/*.pth "$data"/hand.png .

refused() {  # refused TEXT ARGUMENT...
  expect_exit 1 "$MUDRA" evaluate "${@:2}"
  expect_one_line "$1"
  [ ! -s out ] || fail "something was printed on stdout"
}

refused "mudra: evaluate: missing.pth: No such file" missing.pth --data synthetic:8
refused "misnamed.pth: mudra.json: it names 2 classes, but the network tells 3 apart" misnamed.pth --data synthetic:8
refused "unreadable.pth: mudra.json: it is not what mudra writes" unreadable.pth --data synthetic:8

# A class the network does not know.
refused "named.pth: synthetic:8,none=0: class 'l' is not one of palm fist ok" named.pth --data synthetic:8,none=0
mkdir -p set/wave set/palm && cp hand.png set/wave && cp hand.png set/palm
refused "class 'wave' is not one of palm fist ok" named.pth --data set

# Sets that are none, or cannot be split.
mkdir empty
refused "mudra: evaluate: empty" named.pth --data empty
refused "mudra: evaluate: missing" named.pth --data missing
rm -r set/wave && mkdir set/fist && cp hand.png set/fist
refused "mudra: evaluate: set" named.pth --data set --split subject
refused "threads" named.pth --data set --threads 5000

# The classes of a set may be fewer and in another order.
expect_exit 0 "$MUDRA" evaluate named.pth --data set
expect_text out "on all 2 images of set"
