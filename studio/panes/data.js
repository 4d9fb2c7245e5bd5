// The project's pictures by class and session: looked at, called something else, thrown away and brought back, by keyboard.
import { read, send } from './api.js';
import { at, explain, kKeys, table_row } from './page.js';

const kUneven = 3; // so many times as many pictures of one class as of another
const grid = at('grid');
// A picture: `place` is where the studio has it, `label` the class under which it is seen here, null: in the trash.
let classes = [], pictures = [], rows = [], chosen = null, loads = 0;
let moves = []; // {picture, label}: what it was before
let moving = Promise.resolve();

// Only pictures that are seen are asked for.
const seeing = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting && !target.src) target.src = target.dataset.from;
    else if (!isIntersecting && !target.complete) target.removeAttribute('src');
  }
}, { rootMargin: '200px' });

export async function wake() {
  await moving;
  await load();
}
export function rest() {}

export function key(event) {
  const digit = kKeys.indexOf(event.key), inside = chosen && grid.contains(event.target);
  if (event.key.toLowerCase() === 'z') undo();
  else if (inside && digit >= 0 && digit < classes.length) relabel(classes[digit]);
  else if (inside && event.key === 'Delete') relabel(null);
  else if (inside && /^(Arrow|Home$|End$)/.test(event.key)) choose(neighbour(event.key), true);
  else return;
  event.preventDefault();
}

async function load() {
  const [state, list] = await Promise.all([read('state'), read('pictures')]);
  const known = new Map(moves.filter(({ picture }) => picture.label !== null).map(({ picture }) => [key_of(picture.place), picture]));
  const before = chosen && key_of(chosen.place);
  ({ classes } = state);
  seeing.disconnect();
  grid.replaceChildren();
  [pictures, rows, chosen] = [[], [], null];
  ++loads;
  for (const [subject, labels] of Object.entries(list))
    for (const [label, files] of Object.entries(labels))
      for (const file of files) {
        const place = { subject, class: label, file };
        pictures.push(Object.assign(known.get(key_of(place)) ?? {}, { place, label, cell: null }));
      }
  for (const picture of pictures) {
    put(picture);
    settle(picture);
  }
  at('relabel_to').replaceChildren(...classes.map((name) => new Option(name)));
  choose(pictures.find(({ place }) => key_of(place) === before) ?? cells()[0]?.picture ?? null);
  count();
}

const key_of = (place) => `${place.subject}/${place.class}/${place.file}`;
const cells = () => [...grid.querySelectorAll('[role=gridcell]')];
const compared = (a, b) => a.localeCompare(b, 'en', { numeric: true });
const rank = (label) => (classes.includes(label) ? classes.indexOf(label) : classes.length);
const name_of = ({ label, place }) => `${label} of ${place.subject}, ${place.file}`;
function say(text) { at('data_said').textContent = text; }

function element(role, parent, content = '') {
  const made = document.createElement('div');
  made.setAttribute('role', role);
  made.textContent = content;
  parent.append(made);
  return made;
}

// The row of a class and session, in its place among the others.
function row_of(label, subject) {
  const found = rows.find((row) => row.label === label && row.subject === subject);
  if (found) return found;
  const row = element('row', grid), next = rows.findIndex((other) =>
    (rank(other.label) - rank(label) || compared(other.label, label) || compared(other.subject, subject)) > 0);
  const made = { label, subject, row, head: element('rowheader', row), inner: element('presentation', row) };
  made.inner.className = 'cells';
  if (next >= 0) grid.insertBefore(row, rows[next].row);
  rows.splice(next < 0 ? rows.length : next, 0, made);
  return made;
}

function head_of({ label, subject, head, inner }) { head.textContent = `${label}, ${subject}: ${inner.children.length}`; }

function make_cell(picture) {
  const cell = picture.cell = document.createElement('div'), image = document.createElement('img');
  cell.setAttribute('role', 'gridcell');
  cell.tabIndex = -1;
  cell.picture = picture;
  image.alt = '';
  cell.append(image);
  cell.addEventListener('focus', () => choose(picture));
}

// Into its row, in the order of names.
function put(picture) {
  if (!picture.cell) make_cell(picture);
  const row = row_of(picture.label, picture.place.subject), { inner } = row;
  const after = (other) => compared(other.picture.place.file, picture.place.file) > 0;
  inner.insertBefore(picture.cell, inner.lastChild && after(inner.lastChild) ? [...inner.children].find(after) : null);
  picture.cell.setAttribute('aria-label', name_of(picture));
  head_of(row);
}

function take_out({ cell }) {
  const row = rows.find(({ inner }) => inner === cell.parentElement);
  cell.remove();
  head_of(row);
  if (row.inner.children.length) return;
  row.row.remove();
  rows.splice(rows.indexOf(row), 1);
}

// Where the studio has it is known (again): now it can be asked for.
function settle(picture) {
  const image = picture.cell.firstChild;
  picture.cell.setAttribute('aria-label', name_of(picture));
  image.dataset.from = `/api/pictures/${key_of(picture.place)}?${loads}`;
  if (!image.complete || !image.naturalWidth) image.removeAttribute('src');
  seeing.observe(image);
}

function choose(picture, focus = false) {
  for (const [one, is] of [[chosen, false], [picture, true]])
    if (one) {
      one.cell.tabIndex = is ? 0 : -1;
      one.cell.setAttribute('aria-selected', is);
    }
  chosen = picture;
  at('chosen').textContent = picture ? name_of(picture) : 'no picture';
  for (const id of ['relabel', 'discard', 'relabel_to']) at(id).disabled = !picture;
  at('bring_back').disabled = moves.length === 0;
  if (focus) picture?.cell.focus();
}

// Where an arrow leads: along the pictures, or to the line above or below, whatever the width makes of it.
function neighbour(arrow) {
  const all = cells(), i = all.indexOf(chosen.cell);
  const along = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: all.length - 1 }[arrow];
  if (along !== undefined) return (all[along] ?? chosen.cell).picture;
  const step = arrow === 'ArrowDown' ? 1 : -1, { offsetLeft: left, offsetTop: top } = chosen.cell;
  let best = null;
  for (let j = i + step; all[j]; j += step) {
    if (all[j].offsetTop === top) continue;
    if (best && all[j].offsetTop !== best.offsetTop) break;
    if (!best || Math.abs(all[j].offsetLeft - left) < Math.abs(best.offsetLeft - left)) best = all[j];
  }
  return (best ?? chosen.cell).picture;
}

// Under another class, or in the trash: at once here, and then, one after the other, in the studio.
function show_as(picture, label, path, body = {}) {
  seeing.unobserve(picture.cell.firstChild);
  if (picture.label !== null) take_out(picture);
  picture.label = label;
  pictures = pictures.filter((other) => other !== picture);
  if (label !== null) {
    pictures.push(picture);
    put(picture);
  }
  count();
  moving = moving.then(async () => {
    picture.place = await send(path, { ...picture.place, ...body });
    if (picture.label === picture.place.class) {
      const focus = document.activeElement === picture.cell;
      put(picture); // under its new number
      settle(picture);
      if (focus) picture.cell.focus();
    }
    if (picture === chosen) choose(picture);
  }).catch(async (error) => {
    moves = moves.filter((move) => move.picture !== picture);
    explain(error);
    await load();
  });
}

// What is chosen becomes another class's, or, null, goes into the trash; the next one is chosen.
function relabel(label) {
  const picture = chosen, before = picture.label, focus = grid.contains(document.activeElement);
  if (label === before) return say(`that is ${label} already`);
  const next = [neighbour('ArrowRight'), neighbour('ArrowLeft')].find((other) => other !== picture) ?? (label === null ? null : picture);
  moves.push({ picture, label: before });
  if (label === null) show_as(picture, null, 'discard');
  else show_as(picture, label, 'relabel', { to: label });
  choose(next, focus);
  say(label === null ? `one of ${before} is in the trash` : `one of ${before} is ${label} now`);
}

function undo() {
  const move = moves.pop();
  if (!move) return say('nothing to undo');
  const { picture, label } = move, restored = picture.label === null;
  if (restored) show_as(picture, label, 'restore');
  else show_as(picture, label, 'relabel', { to: label });
  choose(picture, true);
  say(restored ? `one of ${label} is back` : `one is ${label} again`);
}

function count() {
  const subjects = [...new Set(pictures.map(({ place }) => place.subject))].sort(compared);
  const labels = [...new Set([...classes, ...pictures.map(({ label }) => label)])];
  const numbers = new Map();
  for (const { label, place } of pictures)
    for (const key of [label, `/${place.subject}`, `${label}/${place.subject}`]) numbers.set(key, (numbers.get(key) ?? 0) + 1);
  const of = (key) => numbers.get(key) ?? 0;
  at('counts_head').replaceChildren(table_row(['sitting', 'all', ...labels.map((label, i) => (i < classes.length && kKeys[i] ? `${kKeys[i]} ${label}` : label))], 'col'));
  at('counts').replaceChildren(table_row(['all', pictures.length, ...labels.map(of)], 'row'),
    ...subjects.map((subject) => table_row([subject, ...['', ...labels].map((label) => of(`${label}/${subject}`))], 'row')));
  at('balance').textContent = balance(classes.map((label) => [label, of(label)]), subjects);
}

function balance(numbers, subjects) {
  if (pictures.length === 0) return 'No pictures yet: they come from Capture.';
  const missing = numbers.filter(([, count]) => count === 0).map(([label]) => label), there = numbers.filter(([, count]) => count > 0);
  const sorted = there.sort(([, a], [, b]) => a - b), [few, many] = [sorted[0], sorted.at(-1)];
  const sentences = [`${pictures.length} pictures.`];
  if (missing.length) sentences.push(`Nothing yet of ${missing.join(', ')}.`);
  if (few && many[1] >= kUneven * few[1]) sentences.push(`Uneven: ${many[1]} of ${many[0]} and ${few[1]} of ${few[0]}, of which more would help most.`);
  else if (few) sentences.push(few[1] === many[1] ? `${few[1]} of each class that is there.` : `${few[1]} to ${many[1]} of each class that is there.`);
  if (subjects.length === 1) sentences.push('All are of one sitting: one more, in other light, shows what a network makes of what it has not seen.');
  return sentences.join(' ');
}

grid.addEventListener('pointerdown', ({ target }) => target.closest('[role=gridcell]')?.focus());
at('relabel').addEventListener('click', () => chosen && relabel(at('relabel_to').value));
at('discard').addEventListener('click', () => chosen && relabel(null));
at('bring_back').addEventListener('click', undo);
