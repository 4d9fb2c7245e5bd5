// Reads the PNGs of the tests, 8 bits gray or colour, not interlaced, into an ImageData's fields.
import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';

function predicted(filter, left, above, corner) {
  if (filter === 1) return left;
  if (filter === 2) return above;
  if (filter === 3) return (left + above) >> 1;
  const estimate = left + above - corner;
  const [by_left, by_above, by_corner] = [left, above, corner].map((value) => Math.abs(estimate - value));
  return by_left <= by_above && by_left <= by_corner ? left : by_above <= by_corner ? above : corner;
}

export function read_png(path) {
  const file = readFileSync(path), parts = [];
  const width = file.readUInt32BE(16), height = file.readUInt32BE(20), kind = file[25];
  if (file[24] !== 8 || (kind !== 0 && kind !== 2) || file[28] !== 0) throw new Error(`${path}: another kind of PNG`);
  for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at))
    if (file.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(file.subarray(at + 8, at + 8 + file.readUInt32BE(at)));
  const step = kind === 2 ? 3 : 1, row = width * step, raw = inflateSync(Buffer.concat(parts)), pixels = new Uint8Array(row * height);
  const at = (x, y) => (x < 0 || y < 0 ? 0 : pixels[y * row + x]);
  for (let y = 0; y < height; ++y)
    for (let x = 0; x < row; ++x) {
      const filter = raw[y * (row + 1)], value = raw[y * (row + 1) + 1 + x];
      pixels[y * row + x] = filter === 0 ? value : value + predicted(filter, at(x - step, y), at(x, y - 1), at(x - step, y - 1));
    }
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let i = 0; i < width * height; ++i)
    for (let c = 0; c < 3; ++c) data[4 * i + c] = pixels[i * step + (step === 3 ? c : 0)];
  return { data, width, height };
}
