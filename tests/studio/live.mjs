// live.mjs SITE PREDICTIONS.json [SCREENSHOTS]: the page of `mudra studio --export` in Chromium, from a plain file server
// and with a fake camera that sees the pictures of `mudra predict --json`.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { browse_page, expect, fake_camera, readable_everywhere, text_of, write_camera } from './browser.mjs';
import { serve } from './file_server.mjs';
import { read_png } from './png.mjs';

const [site, predictions_file, screenshots] = process.argv.slice(2);
const predictions = JSON.parse(readFileSync(predictions_file));
const kMostPageBytes = 250_000, kCameraFrames = 30;

write_camera('camera.y4m', predictions.map(({ image }) => read_png(image)));
const server = await serve(site), origin = `http://127.0.0.1:${server.address().port}`;
let page_bytes = 0;
const faults = [];

const browse = (camera_arguments, act) => browse_page(`${origin}/`, camera_arguments, faults, act);
const log_of = (page) => page.evaluate(async () => (await import('./live.js')).log);
async function frames(page, count = kCameraFrames) {
  for (let left = 300; (await log_of(page)).length < count; --left) {
    expect(left > 0, `the page judged ${(await log_of(page)).length} pictures, not ${count}`);
    await page.waitForTimeout(100);
  }
}
const problem = (page) => page.waitForFunction(() => !document.getElementById('problem').hidden);

const camera = fake_camera('camera.y4m');
await browse(camera, async (page) => {
  await frames(page);
  const seen = await log_of(page);
  const ms = seen.map((entry) => entry.ms).sort((a, b) => a - b);
  console.log(`${seen.length} pictures of the camera, ${ms[ms.length >> 1].toFixed(1)} ms each in the middle`);
  expect(new Set(seen.map((entry) => String(entry.scores))).size > 1, 'the camera always looks the same');
  expect((await text_of(page, 'model')).startsWith('gray.espdl: '), 'the page does not say what its model is');
  expect(/^[\d.]+ ms in this browser, .*; about [\d.]+ ms on the chip, estimated$/.test(await text_of(page, 'time')), await text_of(page, 'time'));
  expect((await page.locator('#report').getAttribute('href')) === 'report.html', 'the report is not reached');

  // Pictures that are opened: the integers of `mudra predict`.
  for (const { image, integer } of predictions) {
    await page.evaluate(() => { document.getElementById('source').textContent = ''; });
    await page.setInputFiles('#file', image);
    await page.waitForFunction((name) => document.getElementById('source').textContent === name, image.split('/').pop());
    const scores = (await log_of(page)).at(-1).scores;
    expect(String(scores) === String(integer), `${image}: ${scores} in the page, ${integer} by mudra predict`);
  }
  console.log(`${predictions.length} pictures with the integers of mudra predict`);

  // Sliders: a rule that shows nothing, and the model's again.
  await page.locator('#enter').fill('100');
  expect((await text_of(page, 'enter_value')) === '100 %', 'the slider says something else');
  await page.locator('#reset').click();
  expect((await text_of(page, 'enter_value')) !== '100 %', 'the model\'s rule did not come back');

  // What is no picture or no model is said, and names are no markup.
  writeFileSync('<img src=x onerror=alert(1)>.png', 'no picture');
  await page.setInputFiles('#file', '<img src=x onerror=alert(1)>.png');
  await problem(page);
  expect((await text_of(page, 'problem')) === '<img src=x onerror=alert(1)>.png is no picture that this browser reads', await text_of(page, 'problem'));
  writeFileSync('rubbish.espdl', 'no model');
  await page.setInputFiles('#file', 'rubbish.espdl');
  await problem(page);
  console.log(`rubbish.espdl: ${await text_of(page, 'problem')}`);
  await page.setInputFiles('#file', predictions[0].image);
  await problem(page);

  // At all widths, light and dark: nothing wider than the window, text that can be read.
  await page.reload();
  await frames(page);
  await readable_everywhere(page, screenshots && `${screenshots}/live`);
  // By keyboard alone: all that can be done is reached.
  const reached = new Set();
  for (let i = 0; i < 8; ++i) {
    await page.keyboard.press('Tab');
    reached.add(await page.evaluate(() => document.activeElement.id));
  }
  for (const id of ['pictures', 'enter', 'leave', 'reset', 'start', 'file']) expect(reached.has(id), `the keyboard does not reach #${id}`);
});
expect(faults.length === 0, faults.join('; '));

// A camera that is refused: the page says what to do, and a picture can still be opened.
await browse(['--deny-permission-prompts', '--use-fake-device-for-media-stream'], async (page) => {
  await problem(page);
  console.log(`without permission: ${await text_of(page, 'problem')}`);
  expect(/camera/.test(await text_of(page, 'problem')), 'nothing is said of the camera');
  await page.setInputFiles('#file', predictions[0].image);
  await frames(page, 1);
});
expect(faults.length === 0, faults.join('; '));

for (const name of ['index.html', 'icon.svg', 'model.json', 'theme.css', 'style.css', 'live.js', 'bars.js', 'camera.js', 'engine.js', 'engine.wasm']) page_bytes += readFileSync(join(site, name)).length;
console.log(`the page has ${page_bytes} bytes without the model`);
expect(page_bytes < kMostPageBytes, 'that is too much');
server.close();
