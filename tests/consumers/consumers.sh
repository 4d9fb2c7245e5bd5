# Steps the consumer tests share.

# need_consumers: the runtimes that install.sh installed, in $CONSUMERS.
need_consumers() {
  CONSUMERS=${MUDRA_CONSUMERS:-$MUDRA_SOURCE/build/consumers}
  [ -f "$CONSUMERS/installed" ] ||
    skip "the runtimes are not installed: bash tests/consumers/install.sh build/consumers"
}

# choose_frames: a SET of real frames in $FRAMES where the reference data is at hand, else rendered ones.
choose_frames() {
  FRAMES=synthetic:320,light=infrared
  if [ -n "${MUDRA_SHARED:-}" ]; then FRAMES=$MUDRA_SHARED/data/leap/leapGestRecog; fi
}

# choose_models: models to export in $MODELS, the published ones where the reference data is at hand, else one of a few
# seconds of training.
choose_models() {
  if [ -n "${MUDRA_SHARED:-}" ]; then
    MODELS=("$MUDRA_SHARED"/data/published/models/{best_model.pth,gesture_model.pth,gesture_model.onnx})
  else
    "$MUDRA" train --data synthetic:800,light=infrared,none=0 --epochs 4 --out trained >/dev/null 2>&1
    MODELS=(trained/model.pth)
  fi
}
