// loop.mjs LINK FOLDER MINE NEXT: a person before the studio of an empty folder, by keyboard alone: shows a camera the pictures of
// MINE/CLASS, trains, judges, has the people of NEXT/CLASS recognised live, and sends the network to the board.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { browse_page, expect, fake_camera, text_of, until } from './browser.mjs';
import { kNothing, mark_of, write_film } from './film.mjs';
import { read_png } from './png.mjs';

const [link, folder, mine, next] = process.argv.slice(2);
const kClasses = ['palm', 'l', 'fist', 'thumb', 'index', 'ok', 'c', 'down', 'none'], kFewest = 10, kLeast = Number(process.env.LEAST);
const faults = [], begin = Date.now();
let last = begin;
function lap(what) {
  console.log(`${((Date.now() - last) / 1000).toFixed(1).padStart(6)} s  ${what}`);
  last = Date.now();
}
const kept = (label) => (existsSync(`${folder}/pictures/ana-1/${label}`) ? readdirSync(`${folder}/pictures/ana-1/${label}`).length : 0);
const pngs_of = (place, label) => readdirSync(join(place, label)).sort().map((name) => read_png(join(place, label, name)));
const film_of = (place) => kClasses.map((label, mark) => ({ mark, pictures: pngs_of(place, label) }));

// Tab until it has the focus.
async function reach(page, id) {
  for (let i = 0; i < 80; ++i) {
    if (await page.evaluate((wanted) => document.activeElement.id === wanted, id)) return;
    await page.keyboard.press('Tab');
  }
  expect(false, `the keyboard does not reach #${id}`);
}
async function go_to(page, pane) {
  const tabs = ['capture', 'data', 'train', 'judge', 'chip', 'live'], selected = () => page.evaluate(() => document.querySelector('[role=tab][aria-selected=true]').id);
  await page.evaluate(() => document.activeElement.blur());
  await reach(page, await selected());
  for (let i = 0; i < tabs.length && (await selected()) !== `tab_${pane}`; ++i) await page.keyboard.press('ArrowRight');
  expect((await selected()) === `tab_${pane}`, `no way to ${pane}`);
}
async function fill(page, id, text) {
  await reach(page, id);
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Delete');
  await page.keyboard.type(text);
}
// Presses a button that runs a command, once it can be pressed, and waits for its end.
async function run(page, id, seconds = 400) {
  await until(() => page.locator(`#${id}`).isEnabled(), `#${id} can be pressed`);
  await reach(page, id);
  await page.keyboard.press('Enter');
  await until(async () => (await text_of(page, 'command_state')) === 'runs', `#${id} runs`);
  await until(async () => (await text_of(page, 'command_state')) !== 'runs', `#${id} ends`, seconds);
  expect((await text_of(page, 'command_state')) === 'done', `${await text_of(page, 'command_text')}: ${await text_of(page, 'command_state')}: ${await text_of(page, 'last_line')}`);
  lap(await text_of(page, 'command_text'));
}

async function say_name(page, name) {
  await until(() => page.evaluate(() => document.activeElement.id === 'person'), 'the name is asked for');
  await page.keyboard.type(name);
  await page.keyboard.press('Enter');
}

async function capture(page) {
  const margin = () => page.evaluate(() => {
    const video = document.getElementById('capture_camera'), surface = new OffscreenCanvas(1, 1).getContext('2d');
    if (!video.videoWidth) return 0;
    surface.drawImage(video, 5, 100, 8, 8, 0, 0, 1, 1);
    return surface.getImageData(0, 0, 1, 1).data[0];
  });
  const shows = async () => mark_of(await margin());
  await say_name(page, 'ana');
  await until(async () => (await shows()) === kNothing, 'the camera');
  const lacks = () => kClasses.some((label) => kept(label) < kFewest);
  for (let scene = 0; scene < 4 * kClasses.length && lacks(); ++scene) { // the film again, where this computer has other things to do
    await until(async () => (await shows()) !== kNothing, 'somebody shows something');
    const mark = await shows();
    await page.keyboard.press(String(mark + 1));
    await page.keyboard.down(' ');
    await until(async () => (await shows()) !== mark, 'another class');
    await page.keyboard.up(' ');
  }
  for (const label of kClasses) expect(kept(label) >= kFewest, `${kept(label)} pictures of ${label}`);
  lap(`captured: ${kClasses.map((label) => `${kept(label)} ${label}`).join(', ')}`);
}

async function teach(page) {
  await go_to(page, 'train');
  await fill(page, 'epochs', '4');
  await fill(page, 'hands', process.env.HANDS ?? '9000');
  await run(page, 'do_train');
  await until(async () => (await text_of(page, 'text_train')).endsWith('/mine-1 --epochs 4'), 'the pictures are next');
  await run(page, 'do_train');
  await run(page, 'do_quantize');
}

write_film('mine.y4m', film_of(mine), { rate: 20, hold: 4, pause: 14 });
write_film('next.y4m', film_of(next), { rate: 10, hold: 2, pause: 2 });
lap('two films written');
await browse_page(link, fake_camera('mine.y4m'), faults, async (page) => {
  await capture(page);
  await teach(page);
  await go_to(page, 'judge');
  await run(page, 'do_judge');
  await until(async () => /%/.test(await text_of(page, 'judge_headline')), 'what the judge says');
  console.log(`          ${await text_of(page, 'judge_headline')}`);
});
await browse_page(link, fake_camera('next.y4m'), faults, async (page) => {
  await say_name(page, 'bea');
  await go_to(page, 'live');
  await until(async () => / %$/.test(await text_of(page, 'bars')), 'the model sees something');
  const seen = await page.evaluate(async ({ frames, classes }) => {
    const { log, seen_last } = await import('./live.js'), seen = [];
    for (let before = null; seen.length < frames;) {
      await new Promise(requestAnimationFrame);
      const now = seen_last();
      if (now.picture === before) continue;
      before = now.picture;
      const { scores } = log.at(-1);
      seen.push({ level: before.data[4 * (100 * before.width + 5)], said: classes.indexOf(now.classes[scores.indexOf(Math.max(...scores))]) });
    }
    return seen;
  }, { frames: Number(process.env.FRAMES), classes: kClasses });
  const judged = seen.map(({ level, said }) => ({ mark: mark_of(level), said })).filter(({ mark }) => mark in kClasses); // a camera's first frames are black
  const none = kClasses.indexOf('none'), [gestures, others] = [judged.filter(({ mark }) => mark !== none), judged.filter(({ mark }) => mark === none)];
  const right_of = (frames) => frames.filter(({ mark, said }) => mark === said).length;
  lap(`live: ${right_of(gestures)} of ${gestures.length} frames of other people recognised, ${(100 * right_of(gestures) / gestures.length).toFixed(1)} %; none: ${right_of(others)} of ${others.length}`);
  expect(new Set(judged.map(({ mark }) => mark)).size === kClasses.length, 'not all classes were shown');
  expect(right_of(gestures) >= kLeast * gestures.length, 'that is too little');

  // What is wrong is filed as what it is.
  await page.keyboard.press('3');
  await until(async () => /filed as fist, in bea-corrected/.test(await text_of(page, 'right_said')), 'a corrected picture');
  expect(readdirSync(`${folder}/pictures/bea-corrected/fist`).length === 1, 'it is not there');

  await go_to(page, 'chip');
  await run(page, 'do_send');
});
expect(faults.length === 0, faults.join('; '));
console.log(`${((Date.now() - begin) / 1000).toFixed(1).padStart(6)} s  in all`);
