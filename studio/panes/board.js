// What the board's camera sees, picture after picture, as long as somebody looks.
import { read } from './api.js';

const kPauseMs = 500; // before something that did not work is asked for again
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Calls `see` with each {picture, us, label, shown, percents}, of which the picture is an ImageData, and `say` with what is wrong, null when
// all is well again. Gives a function that ends it.
export function watch_board(see, say) {
  let over = false, number = 0, said = null;
  const tell = (problem) => {
    if (problem !== said) say(problem === null ? null : new Error(problem));
    said = problem;
  };
  (async () => {
    while (!over) {
      if (document.hidden) {
        await wait(kPauseMs);
        continue;
      }
      const asked = performance.now();
      try {
        const seen = await read(`board/${number}`);
        if (over) return;
        if (seen.problem || seen.pixels) tell(seen.problem || null);
        if (seen.pixels) see({ ...seen, picture: image_of(seen) });
        number = seen.number;
        if (!seen.pixels && performance.now() - asked < kPauseMs) await wait(kPauseMs);
      } catch (error) {
        if (!over) tell(error.message);
        await wait(kPauseMs);
      }
    }
  })();
  return () => { over = true; };
}

function image_of({ width, height, channels, pixels }) {
  const bytes = Uint8Array.from(atob(pixels), (letter) => letter.charCodeAt(0)), image = new ImageData(width, height);
  for (let i = 0; i < width * height; ++i) {
    for (let c = 0; c < 3; ++c) image.data[4 * i + c] = bytes[channels === 3 ? 3 * i + c : i];
    image.data[4 * i + 3] = 255;
  }
  return image;
}
