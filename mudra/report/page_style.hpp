// The look of the page: light and dark as the reader's system is set, narrow and wide.
#pragma once

#include <string_view>

namespace mudra::report {

// studio/web/theme.css, which all pages share.
extern const std::string_view kTheme;

// What is the report's own.
inline constexpr std::string_view kPageStyle = R"(
:root { --hit: 31, 111, 208; --miss: 194, 89, 12; }
@media (prefers-color-scheme: dark) { :root { --hit: 106, 174, 248; --miss: 240, 161, 92; } }
main, header, nav { max-width: 96rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 1.5rem; }
h2 { margin: 2.5rem 0 .5rem; font-size: 1.35rem; scroll-margin-top: 1rem; }
h3 { margin: 1rem 0 .3rem; font-size: 1rem; }
p { margin: .5rem 0; max-width: 46rem; }
a { color: var(--fill); }
a:focus-visible, [tabindex]:focus-visible, summary:focus-visible { outline: 3px solid var(--second); outline-offset: 2px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--paper); padding: .3rem .6rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1rem; padding: 0; list-style: none; }
.soft, figcaption, .legend { color: var(--quiet); font-size: .9rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: .8rem; margin: 1rem 0; }
.facts div { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .7rem .9rem; }
.facts dt { color: var(--quiet); font-size: .9rem; }
.facts dd { margin: 0; font-size: 1.5rem; font-weight: 600; }
.samples { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .8rem; }
.samples figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem; }
.samples img { width: 100%; height: auto; image-rendering: pixelated; border-radius: .3rem; display: block; }
.samples figcaption { font-size: .82rem; line-height: 1.35; margin-top: .4rem; }
.miss { color: var(--second); font-weight: 600; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 1rem; }
.scroll { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .92rem; }
caption { text-align: left; color: var(--quiet); padding: .3rem 0; max-width: min(46rem, 100vw - 2rem); }
th, td { padding: .3rem .6rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
.prose th, .prose td { white-space: normal; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
.matrix th, .matrix td { text-align: center; padding: .3rem .35rem; min-width: 2.4rem; }
.matrix tbody th { text-align: right; }
.hit { background: rgba(var(--hit), var(--share)); }
.error { background: rgba(var(--miss), var(--share)); }
.chart { width: 100%; height: auto; display: block; font: 12px system-ui, sans-serif; }
.bars { min-width: 30rem; max-width: 44rem; }
.chart text { fill: var(--ink); }
.grid { stroke: var(--line); }
.line0, .line1 { fill: none; stroke-width: 2; stroke: var(--fill); }
.line1 { stroke: var(--second); stroke-dasharray: 6 4; }
.mark0 { fill: var(--fill); } .mark1 { fill: var(--second); }
.bar { fill: var(--fill); }
.legend span { margin-right: 1.2rem; }
.legend i { display: inline-block; width: 1.6rem; border-top: 3px solid var(--fill); margin-right: .4rem; vertical-align: middle; }
.legend .key1 { border-top: 3px dashed var(--second); }
.memory { display: block; border: 1px solid var(--line); border-radius: .5rem; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .8rem; overflow-x: auto; font-size: .85rem; }
code { font-family: ui-monospace, monospace; font-size: .9em; }
.hash { font-family: ui-monospace, monospace; font-size: .8rem; }
footer { max-width: 96rem; margin: 3rem auto 2rem; padding: 0 1.5rem; color: var(--quiet); font-size: .9rem; }
@media (min-width: 80rem) {
  main { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0 2.5rem; align-items: start; }
  section:has(.pair, .samples, .prose, pre, #recipes) { grid-column: 1 / -1; } }
@media print { nav, .skip { display: none; } }
)";

}  // namespace mudra::report
