// Makes PNGs of bitmaps, {id, bitmap, width, height}, apart from the page: there a browser puts them off until nothing else happens.
onmessage = async ({ data: { id, bitmap, width, height } }) => {
  try {
    const canvas = new OffscreenCanvas(width, height), surface = canvas.getContext('2d');
    surface.imageSmoothingQuality = 'high';
    surface.drawImage(bitmap, 0, 0, width, height);
    bitmap.close();
    postMessage({ id, png: await canvas.convertToBlob({ type: 'image/png' }) });
  } catch ({ message }) {
    postMessage({ id, why: message });
  }
};
