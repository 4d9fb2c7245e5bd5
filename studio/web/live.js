// The page: a camera, a dropped picture or a dropped model, and what the chip would say.
import { Bars } from './bars.js';
import { close_camera, open_camera } from './camera.js';
import { Engine } from './engine.js';

const at = (id) => document.getElementById(id);
const kMostSide = 4096; // of a picture that is drawn here; the rest of its pixels would be thrown away anyway
const kStatusMs = 250; // a screen reader hears of a change this often at most

const engine = await fetched('engine.wasm').then((wasm) => Engine.from(wasm)).catch(explain);
let bars = null, about = {}, stream = null, spoken = 0, seen = true, sources = 0, last = null;
const surface = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
export const log = []; // of the last pictures, for whoever tests this page

async function fetched(name) {
  const response = await fetch(name);
  if (!response.ok) throw new Error(`${name}: ${response.status} ${response.statusText}`);
  return response.arrayBuffer();
}

function explain(error) {
  at('problem').textContent = error.message;
  at('problem').hidden = false;
}
function calm() { at('problem').hidden = true; }

// The model of this page, or the one that ?model= names beside it.
async function load_first() {
  const url = new URL(new URLSearchParams(location.search).get('model') ?? 'model.espdl', location.href);
  if (url.origin !== location.origin) throw new Error('a model of another site is not loaded');
  const bytes = await fetched(url), name = url.pathname.split('/').pop();
  if (bytes.byteLength === 0) throw new Error('there is no model in this folder yet: drop an .espdl here');
  const known = name === 'model.espdl' ? JSON.parse(new TextDecoder().decode(await fetched('model.json'))) : { name };
  use(bytes, known.name, known);
}

// `known`: what model.json says of it.
function use(bytes, name, known = {}) {
  const model = engine.load(new Uint8Array(bytes));
  about = known;
  at('report').hidden = !about.report;
  if (about.report) at('report').href = about.report;
  at('model').textContent = `${name}: ${bytes.byteLength.toLocaleString('en')} bytes, ${model.classes.length} classes, ` +
      `${model.width} x ${model.height} ${model.channels === 1 ? 'gray' : 'colour'}, ${model.arena_bytes.toLocaleString('en')} bytes of memory while it runs`;
  at('seen').width = model.width;
  at('seen').height = model.height;
  bars = new Bars(at('bars'), model.classes);
  set_rule(model.rule);
}

function set_rule({ pictures, enter, leave }) {
  at('pictures').value = pictures;
  at('enter').value = enter;
  at('leave').value = leave;
  apply_rule();
}

function apply_rule() {
  const value = (id) => Number(at(id).value);
  if (value('leave') > value('enter')) at('leave').value = value('enter');
  at('pictures_value').textContent = `${value('pictures')} pictures`;
  for (const id of ['enter', 'leave']) at(`${id}_value`).textContent = `${value(id)} %`;
  engine.show_by({ pictures: value('pictures'), enter: value('enter'), leave: value('leave') });
}

// What the network is called in this page and the last picture that it saw: {classes, picture, whole}; null before the first.
export const seen_last = () => last && { classes: engine.model.classes, ...last };

// One picture, an ImageData: of the camera its middle, of a file all of it.
export function judge(picture, whole) {
  const start = performance.now();
  engine.see(picture, whole);
  const { scores, shares } = engine.run();
  const ms = performance.now() - start;
  const { shown, smoothed } = engine.show();
  last = { picture, whole };
  draw_seen();
  bars.draw(smoothed, shares, shown);
  tell(shown === null ? 'none' : engine.model.classes[shown]);
  at('time').textContent = `${ms.toFixed(1)} ms in this browser, preparing the picture included` +
      (about.chip_us ? `; about ${(about.chip_us / 1000).toFixed(1)} ms on the chip, estimated` : '');
  log.push({ scores, shown, ms });
  if (log.length > 1000) log.shift();
  return shares;
}

function tell(name) {
  const now = performance.now();
  if (at('shown').textContent === name || now - spoken < kStatusMs) return;
  spoken = now;
  at('shown').textContent = name;
}

function draw_seen() {
  const { width, height, channels } = engine.model, pixels = engine.pixels;
  const image = new ImageData(width, height);
  for (let i = 0; i < width * height; ++i) {
    for (let c = 0; c < 3; ++c) image.data[4 * i + c] = pixels[channels === 3 ? 3 * i + c : i];
    image.data[4 * i + 3] = 255;
  }
  at('seen').getContext('2d').putImageData(image, 0, 0);
}

function pixels_of(source, width, height) {
  surface.canvas.width = width;
  surface.canvas.height = height;
  surface.drawImage(source, 0, 0, width, height);
  return surface.getImageData(0, 0, width, height);
}

async function start_camera() {
  calm();
  stop_camera();
  const video = at('camera'), mine = sources;
  const opened = await open_camera(video, () => explain(new Error('the camera is gone')));
  if (!seen || mine !== sources) return close_camera(opened); // another pane is, or another source, meanwhile
  stream = opened;
  at('still').hidden = true;
  video.hidden = false;
  at('source').textContent = 'the camera; its middle is what counts';
  video.requestVideoFrameCallback(frame);
}

function stop_camera() {
  ++sources;
  close_camera(stream);
  stream = null;
}

function frame() {
  if (!stream) return;
  const video = at('camera');
  try {
    if (bars) judge(pixels_of(video, video.videoWidth, video.videoHeight), false);
  } catch (error) {
    explain(error);
  }
  video.requestVideoFrameCallback(frame);
}

async function open(file) {
  calm();
  if (file.name.toLowerCase().endsWith('.espdl')) return use(await file.arrayBuffer(), file.name);
  if (!bars) throw new Error('there is no model yet: drop an .espdl first');
  const bitmap = await createImageBitmap(file).catch(() => { throw new Error(`${file.name} is no picture that this browser reads`); });
  const scale = Math.min(1, kMostSide / Math.max(bitmap.width, bitmap.height));
  const picture = pixels_of(bitmap, Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale)));
  apply_rule(); // a picture alone, not one after the camera's
  see(picture, file.name);
}

// A whole picture instead of the camera's, and the shares of 1 of the classes, once there is a model.
export function see(picture, name) {
  calm();
  stop_camera();
  at('camera').hidden = true;
  at('still').hidden = false;
  at('still').width = picture.width;
  at('still').height = picture.height;
  at('still').getContext('2d').putImageData(picture, 0, 0);
  at('source').textContent = name;
  return bars && judge(picture, true);
}

for (const id of ['pictures', 'enter', 'leave']) at(id).addEventListener('input', apply_rule);
at('reset').addEventListener('click', () => engine.model && set_rule(engine.model.rule));
at('start').addEventListener('click', () => start_camera().catch(explain));
at('file').addEventListener('change', ({ target }) => target.files.length && open(target.files[0]).catch(explain));
addEventListener('dragover', (event) => { event.preventDefault(); document.body.classList.add('drops'); });
addEventListener('dragleave', () => document.body.classList.remove('drops'));
addEventListener('drop', (event) => {
  event.preventDefault();
  document.body.classList.remove('drops');
  if (event.dataTransfer.files.length) open(event.dataTransfer.files[0]).catch(explain);
});

// With a studio behind it this is one of several panes, which says when it is seen.
export async function wake() {
  seen = true;
  calm();
  if (engine) await load_first().then(start_camera).catch(explain);
}
export function rest() {
  seen = false;
  stop_camera();
}
if (!document.getElementById('tabs')) await wake();
