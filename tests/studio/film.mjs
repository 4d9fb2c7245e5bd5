// What a fake camera sees of people who show one class after the other: 320 x 240, the picture in the square of its middle,
// and beside it, where no network looks, a gray that says what is shown.
import { closeSync, openSync, writeSync } from 'node:fs';

const [kWidth, kHeight] = [320, 240];
export const kNothing = 11; // is shown meanwhile: the picture before stays
const luma_of = (mark) => 30 + 18 * mark;

// `scenes`: [{mark, pictures}] with marks of 0 to 10; each picture is seen `hold` frames long, each scene ends with `pause` frames of kNothing.
export function write_film(path, scenes, { rate, hold, pause }) {
  const file = openSync(path, 'w'), luma = Buffer.alloc(kWidth * kHeight), chroma = Buffer.alloc(kWidth * kHeight / 2, 128);
  const left = (kWidth - kHeight) / 2;
  const roll = (count) => { for (let i = 0; i < count; ++i) for (const part of ['FRAME\n', luma, chroma]) writeSync(file, part); };
  const each = (put) => { for (let y = 0; y < kHeight; ++y) for (let x = 0; x < kWidth; ++x) put(y * kWidth + x, x, y); };
  const is_margin = (x) => x < left || x >= left + kHeight;
  const mark_with = (mark) => each((i, x) => { if (is_margin(x)) luma[i] = luma_of(mark); });
  writeSync(file, `YUV4MPEG2 W${kWidth} H${kHeight} F${rate}:1 Ip A1:1 C420jpeg\n`);
  for (const { mark, pictures } of scenes) {
    mark_with(mark);
    for (const { data, width, height } of pictures) {
      const level = (x, y) => data[4 * (Math.floor(y * height / kHeight) * width + Math.floor(x * width / kHeight))];
      each((i, x, y) => { if (!is_margin(x)) luma[i] = 16 + Math.round(level(x - left, y) * 219 / 255); }); // as video has it
      roll(hold);
    }
    mark_with(kNothing);
    roll(pause);
  }
  closeSync(file);
}

// What is shown in a frame, of the level in its margin.
export const mark_of = (level) => Math.round((level * 219 / 255 + 16 - luma_of(0)) / 18);
