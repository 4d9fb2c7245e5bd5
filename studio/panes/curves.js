// Curves as SVG: axes with their numbers and names, lines that differ in more than colour.
import { add_svg } from './page.js';

const kStyles = { 2: ['solid', 'dashed'], 3: ['solid', 'dotted', 'dashed'] }; // of so many curves
const [kWidth, kHeight, kLeft, kRight, kTop, kBottom] = [400, 230, 52, 12, 12, 40];

// 1, 2 or 5 times a power of ten, of which `most` cover `range`.
function step_of(range, most) {
  const power = 10 ** Math.floor(Math.log10(range / most));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => range / step <= most * (1 + 1e-9));
}

// `curves`: [{name, points: [[x, y]], mark}], each with a dot at its `mark` or else its end. The y axis goes from 0 to `most`, or to what is
// there, the x axis over epochs, or as `across` says.
export function draw_curves(svg, title, curves, most = 0, across = { title: 'epoch', from: 1 }) {
  const points = curves.flatMap((curve) => curve.points), { from } = across, last = across.to ?? Math.max(2, ...points.map(([epoch]) => epoch));
  const x_step = Math.max(1, step_of(last - from, 6)), y_step = step_of(most || Math.max(1e-3, ...points.map(([, value]) => value)), 5);
  const top = most || y_step * Math.ceil(Math.max(1e-3, ...points.map(([, value]) => value)) / y_step);
  const x = (value) => kLeft + (value - from) / (last - from) * (kWidth - kLeft - kRight);
  const y = (value) => kHeight - kBottom - value / top * (kHeight - kTop - kBottom);
  svg.replaceChildren();
  svg.setAttribute('viewBox', `0 0 ${kWidth} ${kHeight}`);
  for (let value = 0; value <= top * (1 + 1e-9); value += y_step) {
    add_svg(svg, 'line', { class: 'mesh', x1: kLeft, x2: kWidth - kRight, y1: y(value), y2: y(value) });
    add_svg(svg, 'text', { x: kLeft - 6, y: y(value) + 4, 'text-anchor': 'end' }, Number(value.toPrecision(6)));
  }
  for (let value = from; value <= last; value = x_step * Math.floor(value / x_step + 1))
    add_svg(svg, 'text', { x: x(value), y: kHeight - kBottom + 18, 'text-anchor': 'middle' }, value);
  add_svg(svg, 'text', { x: (kLeft + kWidth - kRight) / 2, y: kHeight - 6, 'text-anchor': 'middle' }, across.title);
  add_svg(svg, 'text', { x: 14, y: (kTop + kHeight - kBottom) / 2, 'text-anchor': 'middle', transform: `rotate(-90 14 ${(kTop + kHeight - kBottom) / 2})` }, title);
  for (const [i, curve] of curves.entries()) {
    add_svg(svg, 'polyline', { class: `curve ${kStyles[curves.length][i]}`, points: curve.points.map(([along, value]) => `${x(along).toFixed(1)},${y(value).toFixed(1)}`).join(' ') });
    const end = curve.mark ?? curve.points.at(-1);
    if (end) add_svg(svg, 'circle', { class: 'end', cx: x(end[0]), cy: y(end[1]), r: 3 });
  }
}
