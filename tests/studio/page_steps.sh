# Pages in Chromium for the scripts of the studio.

# need_page: Chromium, what drives it, and the engine for browsers.
need_page() {
  [ -n "$MUDRA_WASM" ] || skip "there is no engine.wasm here: bash scripts/setup.sh wasm"
  source "$MUDRA_SOURCE/tests/consumers/consumers.sh"
  need_consumers
  command -v chromium >/dev/null || skip "chromium is not installed: bash scripts/setup.sh page"
  export CONSUMERS
  unset DISPLAY WAYLAND_DISPLAY
}
