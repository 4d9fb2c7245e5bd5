// The chip's memory over the steps of a picture, as SVG: addresses upwards, steps to the right.
import { add_svg } from './page.js';

const [kLeft, kRight, kTop, kBottom, kHeight, kMarks, kKey] = [64, 8, 10, 48, 300, 4, 22];
const kMeanings = { tensor: 'tensors', ring: 'rows for the next window', scratch: 'pixels between operations', weights: 'packed weights' };

const bytes_of = (number) => number.toLocaleString('en');

// Lines, dots and crosses, so that kinds differ without colours, too.
function add_patterns(svg) {
  const defs = add_svg(svg, 'defs', {});
  for (const [kind, path] of [['ring', 'M0 8L8 0'], ['scratch', 'M1 4h2M5 0h2M5 8h2'], ['weights', 'M0 0L8 8M0 8L8 0']]) {
    const pattern = add_svg(defs, 'pattern', { id: `pattern_${kind}`, width: 8, height: 8, patternUnits: 'userSpaceOnUse' });
    add_svg(pattern, 'path', { class: 'hatch', d: path });
  }
}

const fill_of = (kind) => (kind === 'tensor' ? {} : { fill: `url(#pattern_${kind})` });

// Of profile.json; what it says in words, too.
export function draw_memory(svg, { bytes, steps, blocks }) {
  const step_width = Math.max(48, Math.min(120, 640 / steps.length)), right = kLeft + step_width * steps.length, width = Math.max(right, 290) + kRight, bottom = kTop + kHeight;
  const y = (at) => bottom - at / Math.max(1, bytes) * kHeight;
  svg.replaceChildren();
  const legend = [...new Set(blocks.map(({ kind }) => kind))].filter((kind) => kMeanings[kind]);
  const height = bottom + kBottom + kKey * legend.length;
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  svg.setAttribute('width', width);
  svg.setAttribute('height', height);
  add_patterns(svg);
  for (let mark = 0; mark <= kMarks; ++mark) {
    const at = Math.round(bytes * mark / kMarks);
    add_svg(svg, 'line', { class: 'mesh', x1: kLeft, x2: right, y1: y(at), y2: y(at) });
    add_svg(svg, 'text', { x: kLeft - 6, y: y(at) + 4, 'text-anchor': 'end' }, bytes_of(at));
  }
  for (const block of blocks) {
    const rect = add_svg(svg, 'rect', { class: `memory ${block.kind}`, ...fill_of(block.kind), x: kLeft + step_width * block.first_step + 2, y: y(block.offset + block.bytes).toFixed(1),
      width: step_width * (block.last_step - block.first_step + 1) - 4, height: Math.max(0.5, block.bytes / Math.max(1, bytes) * kHeight).toFixed(1) });
    add_svg(rect, 'title', {}, `${block.name}: ${bytes_of(block.bytes)} bytes at ${bytes_of(block.offset)}`);
  }
  for (const i of steps.keys()) add_svg(svg, 'text', { x: kLeft + step_width * (i + 0.5), y: bottom + 18, 'text-anchor': 'middle' }, i + 1);
  add_svg(svg, 'text', { x: kLeft + step_width * steps.length / 2, y: bottom + 34, 'text-anchor': 'middle' }, 'step');
  for (const [i, kind] of legend.entries()) {
    const y_key = bottom + kBottom + kKey * i;
    add_svg(svg, 'rect', { class: `memory ${kind}`, ...fill_of(kind), x: kLeft, y: y_key, width: 18, height: 12 });
    add_svg(svg, 'text', { x: kLeft + 26, y: y_key + 11 }, kMeanings[kind]);
  }
  const most = steps.reduce((best, step, i) => (step.bytes > steps[best].bytes ? i : best), 0);
  return `${bytes_of(bytes)} bytes are all that one picture needs, over ${steps.length} step${steps.length === 1 ? '' : 's'}; step ${most + 1} needs the most, ${bytes_of(steps[most].bytes)}, for ${steps[most].makes}`;
}
