# ONNX Runtime computes from random networks that were exported what the reference run computes.
source "$MUDRA_SOURCE/tests/consumers/consumers.sh"
need_consumers
cp "$MUDRA_SOURCE/tests/consumers/random_networks.mjs" "$CONSUMERS"
"$RANDOM_NETWORKS" 2000 networks
node "$CONSUMERS/random_networks.mjs" networks || fail "ONNX Runtime computes something else"
