// PNGs of pictures, as the studio takes them.
const kSide = 240; // of a picture that is kept
const waiting = new Map(); // by id: who waits for a PNG
let worker = null, given = 0;

function begin() {
  worker = new Worker('png_worker.js');
  worker.onmessage = ({ data: { id, png, why } }) => {
    if (png) waiting.get(id).resolve(png);
    else waiting.get(id).reject(new Error(why));
    waiting.delete(id);
  };
  worker.onerror = () => { // it did not begin
    for (const { reject } of waiting.values()) reject(new Error('this browser makes no PNG'));
    waiting.clear();
    worker = null;
  };
}

// Of a bitmap, which is used up, at this size.
export function png_of(bitmap, width, height) {
  if (!worker) begin();
  return new Promise((resolve, reject) => {
    waiting.set(++given, { resolve, reject });
    worker.postMessage({ id: given, bitmap, width, height }, [bitmap]);
  });
}

// As it is kept: of `source` the square in its middle, or the whole.
export async function kept_png(source, width, height, whole = false) {
  const side = Math.min(width, height), [w, h] = whole ? [width, height] : [side, side];
  return png_of(await createImageBitmap(source, (width - w) >> 1, (height - h) >> 1, w, h), kSide, kSide);
}
