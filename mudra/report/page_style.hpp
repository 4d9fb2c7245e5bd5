// The look of the page: light and dark as the reader's system is set, narrow and wide.
#pragma once

#include <string_view>

namespace mudra::report {

inline constexpr std::string_view kPageStyle = R"(
:root { color-scheme: light dark; --ink: #1d2430; --soft: #5a6472; --paper: #ffffff; --card: #f4f6f9;
        --line: #d5dbe3; --one: #1f6fd0; --two: #c2590c; --good: 31, 111, 208; --wrong: 194, 89, 12; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e5e9f0; --soft: #a3adba; --paper: #14181e; --card: #1e242c; --line: #39424e;
          --one: #6aaef8; --two: #f0a15c; --good: 106, 174, 248; --wrong: 240, 161, 92; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main, header, nav { max-width: 70rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 1.5rem; }
h1 { margin: 0; font-size: 1.9rem; line-height: 1.2; }
h2 { margin: 2.5rem 0 .5rem; font-size: 1.35rem; scroll-margin-top: 1rem; }
h3 { margin: 1rem 0 .3rem; font-size: 1rem; }
p { margin: .5rem 0; max-width: 46rem; }
a { color: var(--one); }
a:focus-visible, [tabindex]:focus-visible, summary:focus-visible { outline: 3px solid var(--two); outline-offset: 2px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--paper); padding: .3rem .6rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1rem; padding: 0; list-style: none; }
.soft, figcaption, .legend { color: var(--soft); font-size: .9rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: .8rem; margin: 1rem 0; }
.facts div { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .7rem .9rem; }
.facts dt { color: var(--soft); font-size: .9rem; }
.facts dd { margin: 0; font-size: 1.5rem; font-weight: 600; }
.samples { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .8rem; }
.samples figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem; }
.samples img { width: 100%; height: auto; image-rendering: pixelated; border-radius: .3rem; display: block; }
.samples figcaption { font-size: .82rem; line-height: 1.35; margin-top: .4rem; }
.miss { color: var(--two); font-weight: 600; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 1rem; }
.scroll { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .92rem; }
caption { text-align: left; color: var(--soft); padding: .3rem 0; max-width: min(46rem, 100vw - 2rem); }
th, td { padding: .3rem .6rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
.prose th, .prose td { white-space: normal; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
.matrix th, .matrix td { text-align: center; padding: .3rem .35rem; min-width: 2.4rem; }
.matrix tbody th { text-align: right; }
.hit { background: rgba(var(--good), var(--share)); }
.error { background: rgba(var(--wrong), var(--share)); }
.chart { width: 100%; height: auto; display: block; font: 12px system-ui, sans-serif; }
.bars { min-width: 30rem; max-width: 44rem; }
.chart text { fill: var(--ink); }
.grid { stroke: var(--line); }
.line0, .line1 { fill: none; stroke-width: 2; stroke: var(--one); }
.line1 { stroke: var(--two); stroke-dasharray: 6 4; }
.mark0 { fill: var(--one); } .mark1 { fill: var(--two); }
.bar { fill: var(--one); }
.legend span { margin-right: 1.2rem; }
.legend i { display: inline-block; width: 1.6rem; border-top: 3px solid var(--one); margin-right: .4rem; vertical-align: middle; }
.legend .key1 { border-top: 3px dashed var(--two); }
.memory { display: block; border: 1px solid var(--line); border-radius: .5rem; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .8rem; overflow-x: auto; font-size: .85rem; }
code { font-family: ui-monospace, monospace; font-size: .9em; }
.hash { font-family: ui-monospace, monospace; font-size: .8rem; }
footer { max-width: 70rem; margin: 3rem auto 2rem; padding: 0 1rem; color: var(--soft); font-size: .9rem; }
@media print { nav, .skip { display: none; } }
)";

}  // namespace mudra::report
