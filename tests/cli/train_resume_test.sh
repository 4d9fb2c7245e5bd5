# A training that is interrupted or killed at any moment ends in the same bytes as an uninterrupted one.
train=("$MUDRA" train --data synthetic:320 --channels 8,8/2,16/2 --expansion 2 --average 2)
short=(--epochs 6 --patience 6)
long=(--epochs 2000 --patience 2000)
"${train[@]}" "${short[@]}" --out whole --threads 2 >/dev/null 2>&1

# Killed again and again, each time a little later, then left to finish; on another number of threads.
delay=0.05
for _ in 1 2 3 4 5 6 7 8; do
  "${train[@]}" "${short[@]}" --out killed --resume --threads 1 >/dev/null 2>&1 &
  sleep $delay
  kill -9 $! 2>/dev/null || true
  wait $! 2>/dev/null || true
  delay=$(awk "BEGIN { print $delay * 1.5 }")
done
mkdir -p killed
touch killed/checkpoint.npz.2147483647.tmp # as a kill in the middle of a write leaves it
expect_exit 0 "${train[@]}" "${short[@]}" --out killed --resume --threads 4
cmp whole/model.pth killed/model.pth || fail "after kill -9 the weights differ"
cmp whole/metrics.jsonl killed/metrics.jsonl || fail "after kill -9 the metrics differ"

# Ctrl-C saves, says how to go on, and fails; also where a parent that gets it too sends SIGTERM.
"${train[@]}" "${long[@]}" --out "was stopped" >out 2>err &
process=$!
for _ in $(seq 600); do
  [ ! -e "was stopped/checkpoint.npz" ] || break
  sleep 0.1
done
for signal in STOP INT TERM CONT; do kill -$signal $process; done
code=0
wait $process || code=$?
[ "$code" = 1 ] || fail "exit $code instead of 1 after an interrupt"
expect_text err "go on with: mudra train --resume --out 'was stopped'"
[ -f "was stopped/checkpoint.npz" ] || fail "nothing was saved"

# What was asked for stays what it was.
expect_exit 1 "${train[@]}" --epochs 3000 --patience 2000 --out "was stopped" --resume
expect_one_line "epochs was 2000, now it is 3000"
expect_exit 1 "${train[@]}" "${short[@]}" --out whole
expect_one_line "already holds a training"
[ -z "$(find . -name '*.tmp')" ] || fail "temporary files were left behind"
