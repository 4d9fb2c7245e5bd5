// Pictures of a person's gestures: a digit chooses, Space captures, Backspace takes back.
import { close_camera, open_camera } from './camera.js';
import { post, read, send } from './api.js';
import { watch_board } from './board.js';
import { at, explain, kKeys, soon } from './page.js';
import { kept_png } from './png.js';

const kEnough = 30;
const kPauseMs = 150; // between two pictures while the key is held
const kHints = { none: 'Of none: the empty scene, a face, an arm, hands that do something else. What is not to be taken for a gesture.' };
let classes = [], counts = {}, chosen = 0, stream = null, seen = false, held = false, sending = false, last = 0;
let from_board = false, leave_board = null, board_sees = false;

export async function wake() {
  seen = true;
  let board;
  ({ classes, counts, board } = await read('state'));
  draw();
  at('person').value ||= localStorage.getItem('person') ?? '';
  at('use_board').hidden = !board;
  await look();
  if (!at('person').value) at('person').focus();
}

export function rest() {
  seen = false;
  look_away();
}

// Through the camera of this computer, or the board's.
async function look() {
  at('use_board').setAttribute('aria-pressed', from_board);
  at('capture_camera').hidden = from_board;
  at('capture_board').hidden = !from_board;
  if (from_board) leave_board = watch_board(see_board, (error) => {
    board_sees &&= !error;
    explain(error);
  });
  else {
    const opened = await open_camera(at('capture_camera'), () => explain(new Error('the camera is gone')));
    if (!seen || from_board || stream) return close_camera(opened); // meanwhile
    stream = opened;
    at('capture_camera').requestVideoFrameCallback(frame);
  }
}

function look_away() {
  close_camera(stream);
  leave_board?.();
  stream = leave_board = null;
  held = board_sees = false;
}

function see_board({ picture, label, percents }) {
  const canvas = at('capture_board');
  canvas.width = picture.width;
  canvas.height = picture.height;
  canvas.getContext('2d').putImageData(picture, 0, 0);
  canvas.setAttribute('aria-label', `the board takes this for ${label}, ${Math.max(...percents).toFixed(1)} %`);
  board_sees = true;
  if (held) take();
}

// Another page has changed something, or this one has.
const look_again_soon = soon(async () => {
  if (!seen) return;
  const now = await read('state').catch(() => ({ classes, counts })), name = classes[chosen];
  ({ classes, counts } = now);
  choose(Math.max(0, classes.indexOf(name)));
}, 400);
export function told({ pictures, classes: other }) { if (pictures ?? other) look_again_soon(); }

export function key(event) {
  const digit = kKeys.indexOf(event.key);
  if (event.key === ' ') held = true;
  else if (event.key === 'Backspace') take_back();
  else if (digit >= 0 && digit < classes.length) choose(digit);
  else return;
  event.preventDefault();
}
export function key_up({ key }) { if (key === ' ') held = false; }

function say(text) { at('capture_said').textContent = text; }

function draw() {
  at('classes').replaceChildren(...classes.map((name, i) => {
    const count = counts[name] ?? 0, button = document.createElement('button');
    button.type = 'button';
    button.setAttribute('role', 'radio');
    button.setAttribute('aria-checked', i === chosen);
    button.tabIndex = i === chosen ? 0 : -1;
    button.classList.toggle('enough', count >= kEnough);
    for (const text of [kKeys[i] ?? '', name, count >= kEnough ? `${count} \u2713` : count]) {
      const span = document.createElement('span');
      span.textContent = text;
      button.append(span);
    }
    button.addEventListener('click', () => choose(i));
    button.addEventListener('keydown', ({ key }) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[key];
      if (step) choose((i + step + classes.length) % classes.length, true);
    });
    return button;
  }));
  at('hint').textContent = kHints[classes[chosen]] ?? `Of ${classes[chosen]}: ${kEnough} or more, near and far, turned a little, in the light of the place.`;
}

function choose(i, focus = at('classes').contains(document.activeElement)) {
  chosen = i;
  draw();
  if (focus) at('classes').children[i].focus();
}

async function take() {
  const person = at('person').value, name = classes[chosen], video = at('capture_camera');
  if (!person) {
    held = false;
    at('person').focus();
    return say('first a name: whose hand is it?');
  }
  if (sending || !(from_board ? board_sees : stream && video.videoWidth) || performance.now() - last < kPauseMs) return;
  sending = true;
  last = performance.now();
  try {
    const { kept, subject } = await (from_board ? send('capture_board', { person, class: name }) : keep_view(video, person, name));
    if (kept) counts[name] = (counts[name] ?? 0) + 1;
    say(kept ? `${name}, in the sitting ${subject}` : 'not kept: like the one before');
    explain(null);
    if (kept) choose(chosen);
  } catch (error) {
    held = false;
    explain(error);
  } finally {
    sending = false;
  }
}

// The middle of what the camera sees.
async function keep_view(video, person, name) {
  const png = await kept_png(video, video.videoWidth, video.videoHeight);
  return post(`capture/${encodeURIComponent(person)}/${name}`, 'image/png', png);
}

async function take_back() {
  try {
    const { taken_back } = await send('undo', { person: at('person').value });
    ({ counts } = await read('state'));
    say(taken_back ? 'taken back' : 'nothing to take back in this sitting');
    choose(chosen);
  } catch (error) {
    explain(error);
  }
}

function frame() {
  if (!stream) return;
  if (held) take();
  at('capture_camera').requestVideoFrameCallback(frame);
}

at('use_board').addEventListener('click', () => {
  explain(null);
  look_away();
  from_board = !from_board;
  look().catch(explain);
});
at('take').addEventListener('pointerdown', () => { held = true; });
for (const end of ['pointerup', 'pointercancel', 'blur']) addEventListener(end, () => { held = false; });
at('take').addEventListener('click', take);
at('undo').addEventListener('click', take_back);
at('person').addEventListener('change', ({ target }) => localStorage.setItem('person', target.value));
at('person').addEventListener('keydown', ({ key, target }) => key === 'Enter' && target.blur());
at('sitting').addEventListener('click', () => send('sitting', { person: at('person').value }).then(() => say('the next picture begins another sitting')).catch(explain));
at('add_class').addEventListener('click', () => {
  const names = [...classes], none = names.indexOf('none');
  names.splice(none < 0 ? names.length : none, 0, at('new_class').value.trim());
  send('classes', { classes: names }).then((answer) => {
    classes = answer.classes;
    at('new_class').value = '';
    explain(null);
    draw();
  }).catch(explain);
});
