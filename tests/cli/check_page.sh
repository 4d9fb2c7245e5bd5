#!/usr/bin/env bash
# check_page.sh PAGE.html [SCREENSHOTS]: a page as XML, and in headless Chromium, narrow and wide, light and dark:
# no message on the console, nothing fetched, every picture and chart drawn, no text cut off, nothing wider than the window.
# Without Chromium only the XML is checked, saying so. SCREENSHOTS: a folder to write them to.
set -euo pipefail
page=$(realpath "$1")
screenshots=${2:-}
/usr/bin/python3 -c 'import sys, xml.etree.ElementTree as t; t.parse(sys.argv[1])' "$page"
! grep -oE '(src|href)="[^"]*"' "$page" | grep -vE '="(data:|#)' || { echo "the page refers to other files" >&2; exit 1; }
command -v chromium >/dev/null || { echo "chromium is not installed: the page was not drawn"; exit 0; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# The same page with its own examination at the end.
sed 's|</body>|<script>addEventListener("load", () => {\
  const bad = [];\
  for (const image of document.images) if (!image.naturalWidth) bad.push("image " + image.alt);\
  const charts = document.querySelectorAll("svg.chart");\
  if (charts.length < 3) bad.push("charts: " + charts.length);\
  for (const chart of charts) for (const shape of chart.querySelectorAll("rect, polyline, circle")) {\
    const box = shape.getBoundingClientRect();\
    if (!(box.width > 0)) bad.push("an empty " + shape.tagName + " in " + chart.getAttribute("aria-label")); }\
  for (const caption of document.querySelectorAll("caption"))\
    if (caption.getBoundingClientRect().right > innerWidth) bad.push("cut off: " + caption.textContent);\
  for (const table of document.querySelectorAll("table.prose"))\
    if (table.offsetWidth > table.parentElement.clientWidth) bad.push("text out of sight");\
  if (document.documentElement.scrollWidth > innerWidth) bad.push("wider than " + innerWidth);\
  const ink = getComputedStyle(document.body).color, paper = getComputedStyle(document.body).backgroundColor;\
  const light = (c) => c.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + +b, 0);\
  if (Math.abs(light(ink) - light(paper)) < 380) bad.push("text hard to read: " + ink + " on " + paper);\
  document.title = "examined: " + (bad.join("; ") \|\| "good"); });</script></body>|' "$page" >"$folder/page.html"

browse() {  # ARGUMENTS...
  timeout 120 chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --disable-dev-shm-usage \
    --user-data-dir="$folder/profile" --enable-logging=stderr "$@" "file://$folder/page.html" 2>"$folder/log"
}
for width in 360 1400; do
  for theme in light dark; do
    dark=()
    [ $theme = light ] || dark=(--blink-settings=preferredColorScheme=0)
    browse --window-size=$width,900 "${dark[@]}" --dump-dom >"$folder/dom"
    if grep -E 'CONSOLE|ERR_' "$folder/log"; then exit 1; fi
    grep -oE '<title>examined: [^<]*' "$folder/dom" >"$folder/title" || { echo "not examined" >&2; exit 1; }
    grep -q 'examined: good' "$folder/title" || { echo "$width $theme: $(cat "$folder/title")" >&2; exit 1; }
    [ -z "$screenshots" ] ||
      browse --window-size=$width,6000 "${dark[@]}" --screenshot="$screenshots/page-$width-$theme.png"
  done
done
