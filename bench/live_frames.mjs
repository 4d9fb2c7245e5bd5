// live_frames.mjs SITE PICTURE.png...: judged frames a second, 10 seconds long, and what one takes; of bench/live_frames.sh.
import { browse_page, fake_camera } from '../tests/studio/browser.mjs';
import { serve } from '../tests/studio/file_server.mjs';
import { write_film } from '../tests/studio/film.mjs';
import { read_png } from '../tests/studio/png.mjs';

const [site, ...pictures] = process.argv.slice(2), kSeconds = 10;
write_film('hands.y4m', [{ mark: 0, pictures: pictures.map(read_png) }], { rate: 30, hold: 5, pause: 0 });
const server = await serve(site), faults = [];
await browse_page(`http://127.0.0.1:${server.address().port}/`, fake_camera('hands.y4m'), faults, async (page) => {
  const times = await page.evaluate(async (seconds) => {
    const { log } = await import('./live.js'), times = [];
    while (log.length === 0) await new Promise(requestAnimationFrame);
    for (let newest = null, end = performance.now() + 1000 * seconds; performance.now() < end;) {
      await new Promise((resolve) => setTimeout(resolve, 4));
      if (log.at(-1) !== newest) times.push((newest = log.at(-1)).ms);
    }
    return times;
  }, kSeconds);
  times.sort((a, b) => a - b);
  console.log(`${(times.length / kSeconds).toFixed(1)} frames a second, ${times[times.length >> 1].toFixed(1)} ms each in the middle, ${times[Math.floor(times.length * 0.9)].toFixed(1)} ms one of ten`);
});
if (faults.length) throw new Error(faults.join('; '));
server.close();
