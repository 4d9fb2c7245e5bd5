// The project's pictures by class and session, or the hardest first: looked at, called something else, thrown away and brought back,
// by keyboard.
import { read, read_text, send } from './api.js';
import { show_findings } from './findings.js';
import { make_grid } from './grid.js';
import './import.js';
import { at, explain, kKeys, kNoneToo, soon, table_row } from './page.js';

const kUneven = 3; // so many times as many pictures of one class as of another
const kVerdicts = { wrong: 'Wrong, the surest first', right: 'Right, the least sure first', unjudged: 'Not judged yet' };
// A picture: `place` is where the studio has it, `label` the class under which it is seen here, null: in the trash; so many of its
// moves are `underway`.
const places = new Map(); // what the studio has, by key_of(place)
const tally = new Map(); // of {label, subject, count}, by both
const groups = new Map(); // what the grid shows, by their keys
let classes = [], seen = false, hardest = false, numbered = 0;
let moves = []; // {picture, label}: what it was before
let moving = Promise.resolve();
let changed = []; // elsewhere, in another page: {from, to}

const grid = make_grid(at('grid'), {
  name_of,
  note_of: ({ judged }) => (hardest && judged ? `${judged.said} ${percent(judged)}` : ''),
  address_of: (picture) => !picture.underway && `/api/pictures/${key_of(picture.place)}?${picture.number}`,
  chose,
});

export async function wake() {
  seen = true;
  await load();
}
export function rest() { seen = false; }

export function told({ pictures, classes: other, ended }) {
  if (!seen) return;
  if (pictures) {
    changed.push(pictures);
    take_up_soon();
  }
  if (other) use_classes(other);
  if (ended?.kind === 'info') count_soon();
  if (ended?.kind === 'evaluate' && hardest) order().catch(explain);
}

export function key(event) {
  const digit = kKeys.indexOf(event.key), inside = grid.chosen && grid.has_focus();
  const next = inside && grid.neighbour(event.key);
  if (event.key.toLowerCase() === 'z') undo();
  else if (inside && digit >= 0 && digit < classes.length) relabel(classes[digit]);
  else if (inside && event.key === 'Delete') relabel(null);
  else if (next) grid.choose(next, true);
  else return;
  event.preventDefault();
}

// What `reading` says once nothing moves any more.
async function when_still(reading) {
  for (let before = null, found; ; found = await reading()) {
    if (before === moving) return found;
    before = moving;
    await before;
  }
}

async function load() {
  changed = [];
  const [state, list] = await when_still(() => Promise.all([read('state'), read('pictures')]));
  ({ classes } = state);
  take_up(list, true);
  use_classes(classes);
}

function use_classes(names) {
  classes = names;
  at('relabel_to').replaceChildren(...classes.map((name) => new Option(name)));
  regroup();
}

// What another page did, or an import: what moved is followed, and the folders are read again; of very many pictures that takes long,
// and all else goes on for ten times as long before it is done again.
const kPauseMs = 600, kLongestMs = 20000;
let took_ms = 0;
const take_up_soon = soon(async () => {
  const told = changed, begin = performance.now();
  try {
    await moving;
    const folders = [...new Set(told.flatMap(Object.values).map((place) => `${place.subject}/${place.class}`))];
    const lists = await when_still(() => Promise.all(folders.map((folder) => read(`pictures/${folder}`))));
    changed = changed.filter((one) => !told.includes(one));
    for (const { from, to } of told) {
      const picture = from?.file && to && places.get(key_of(from));
      if (!picture || places.has(key_of(to))) continue;
      settle(picture, to);
      places.set(key_of(to), picture);
    }
    const list = {};
    for (const [i, folder] of folders.entries()) {
      const [subject, label] = folder.split('/');
      (list[subject] ??= {})[label] = lists[i];
    }
    if (take_up(list, false)) regroup();
    took_ms = performance.now() - begin;
    if (changed.length) take_up_soon();
  } catch (error) {
    explain(error);
  }
}, () => Math.min(Math.max(kPauseMs, 10 * took_ms), kLongestMs));

// Makes the pictures those that the studio lists in these folders, or in all; whether some are others now.
function take_up(list, all) {
  const there = new Set(), folders = new Set();
  let different = false;
  for (const [subject, labels] of Object.entries(list))
    for (const [label, files] of Object.entries(labels)) {
      folders.add(`${subject}/${label}`);
      for (const file of files) {
        const place = { subject, class: label, file }, key = key_of(place);
        there.add(key);
        if (places.has(key)) continue;
        const picture = { place, label, number: ++numbered, underway: 0 };
        places.set(key, picture);
        add(picture, 1);
        different = true;
      }
    }
  for (const [key, picture] of places) {
    const gone = !there.has(key) && (all || folders.has(`${picture.place.subject}/${picture.place.class}`));
    if (!gone && picture.label === picture.place.class) continue;
    if (picture.label !== null) add(picture, -1);
    picture.label = gone ? null : picture.place.class;
    if (gone) places.delete(key);
    else add(picture, 1);
    different = true;
  }
  return different;
}

const key_of = (place) => `${place.subject}/${place.class}/${place.file}`;
const compared = new Intl.Collator('en', { numeric: true }).compare; // made once: that is what takes long
const by_name = (a, b) => a.length - b.length || (a < b ? -1 : Number(a > b)); // numbers as numbers, and fast
const rank = (label) => (classes.includes(label) ? classes.indexOf(label) : classes.length);
const percent = ({ probability }) => `${Math.round(100 * probability)} %`;
function name_of({ label, place, judged }) {
  return `${label} of ${place.subject}, ${place.file}${hardest && judged ? `: ${judged.wrong ? 'taken for' : 'known as'} ${judged.said}, ${percent(judged)}` : ''}`;
}
function say(text) { at('data_said').textContent = text; }

function add({ label, place: { subject } }, count) {
  const key = `${label}/${subject}`;
  if (!tally.has(key)) tally.set(key, { label, subject, count: 0 });
  tally.get(key).count += count;
  count_soon();
}

// The group that a picture is in, and its place there.
const key_in = ({ label, place, judged }) => (hardest ? (judged ? (judged.wrong ? 'wrong' : 'right') : 'unjudged') : `${label}/${place.subject}`);
const hardness = ({ judged }) => (judged ? (judged.wrong ? -judged.probability : judged.probability) : 0);
const in_order = (a, b) => (hardest && hardness(a) - hardness(b)) || by_name(a.place.file, b.place.file) || by_name(key_of(a.place), key_of(b.place));
const groups_in_order = (a, b) => (hardest ? Object.keys(kVerdicts).indexOf(a.key) - Object.keys(kVerdicts).indexOf(b.key)
  : rank(a.label) - rank(b.label) || compared(a.label, b.label) || compared(a.subject, b.subject));

function group_of(picture) {
  const key = key_in(picture);
  if (!groups.has(key)) {
    const group = { key, label: picture.label, subject: picture.place.subject, pictures: [] };
    group.head = () => `${kVerdicts[key] ?? `${group.label}, ${group.subject}`}: ${group.pictures.length}`;
    groups.set(key, group);
  }
  return (picture.group = groups.get(key));
}

// Into its place among the others of its group.
function put(picture) {
  const { pictures } = group_of(picture);
  let [low, high] = [0, pictures.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (in_order(pictures[middle], picture) > 0) high = middle;
    else low = middle + 1;
  }
  pictures.splice(low, 0, picture);
}

function take_out(picture) {
  const { group } = picture;
  group.pictures.splice(group.pictures.indexOf(picture), 1);
  if (!group.pictures.length) groups.delete(group.key);
}

const show_grid = () => grid.show([...groups.values()].sort(groups_in_order));

// All groups anew; the chosen picture stays chosen, or the next one that is there is.
function regroup() {
  const { chosen } = grid, focus = grid.has_focus(), old = chosen ? [...chosen.group.pictures] : [], i = old.indexOf(chosen);
  for (const group of groups.values()) group.pictures = [];
  for (const picture of places.values()) if (picture.label !== null) group_of(picture).pictures.push(picture);
  for (const [key, { pictures }] of groups) {
    if (pictures.length) pictures.sort(in_order);
    else groups.delete(key);
  }
  show_grid();
  const is_there = ({ label }) => label !== null;
  const next = old.slice(Math.max(i, 0)).find(is_there) ?? old.slice(0, Math.max(i, 0)).findLast(is_there) ?? [...groups.values()].sort(groups_in_order)[0]?.pictures[0] ?? null;
  grid.choose(next, focus && next !== chosen);
}

function chose(picture) {
  at('chosen').textContent = picture ? name_of(picture) : 'no picture';
  for (const id of ['relabel', 'discard', 'relabel_to']) at(id).disabled = !picture;
  at('bring_back').disabled = moves.length === 0;
}

// The studio has it there now.
function settle(picture, place) {
  if (places.get(key_of(picture.place)) === picture) places.delete(key_of(picture.place));
  picture.place = place;
}

// Under another class, or in the trash: at once here, and then, one after the other, in the studio.
function show_as(picture, label, path, body = {}) {
  ++picture.underway;
  grid.leave(picture);
  if (picture.label !== null) {
    add(picture, -1);
    take_out(picture);
  }
  picture.label = label;
  if (label !== null) {
    add(picture, 1);
    put(picture);
  }
  show_grid();
  moving = moving.then(async () => {
    const place = await send(path, { ...picture.place, ...body });
    --picture.underway;
    settle(picture, place);
    if (path !== 'discard') places.set(key_of(place), picture);
    if (picture.label === place.class) { // under its new number
      const focus = grid.has_focus();
      take_out(picture);
      put(picture);
      show_grid();
      grid.settle(picture);
      if (picture === grid.chosen) grid.choose(picture, focus);
    }
  }).catch((error) => {
    picture.underway = 0;
    moves = moves.filter((move) => move.picture !== picture);
    if (picture.label !== null && places.get(key_of(picture.place)) !== picture) {
      add(picture, -1);
      picture.label = null;
    }
    explain(error);
    load().catch(explain);
  });
}

// What is chosen becomes another class's, or, null, goes into the trash; the next one is chosen.
function relabel(label) {
  const picture = grid.chosen, before = picture.label, focus = grid.has_focus();
  if (label === before) return say(`that is ${label} already`);
  const next = ['ArrowRight', 'ArrowLeft'].map(grid.neighbour).find((other) => other !== picture) ?? (label === null ? null : picture);
  moves.push({ picture, label: before });
  if (label === null) show_as(picture, null, 'discard');
  else show_as(picture, label, 'relabel', { to: label });
  grid.choose(next, focus);
  say(label === null ? `one of ${before} is in the trash` : `one of ${before} is ${label} now`);
}

function undo() {
  const move = moves.pop();
  if (!move) return say('nothing to undo');
  const { picture, label } = move, restored = picture.label === null;
  if (restored) show_as(picture, label, 'restore');
  else show_as(picture, label, 'relabel', { to: label });
  grid.choose(picture, true);
  say(restored ? `one of ${label} is back` : `one is ${label} again`);
}

// By class and session, or by what the latest network that was judged made of them.
async function order() {
  const wanted = at('order').value === 'hardest', found = wanted && (await judged_pictures());
  for (const picture of places.values()) picture.judged = undefined;
  for (const { file, actual, said, probability } of found || [])
    if (Number.isFinite(probability) && typeof said === 'string' && places.has(file)) places.get(file).judged = { said, probability, wrong: said !== actual };
  hardest = Boolean(found);
  if (!hardest) at('order').value = 'class';
  at('order_said').textContent = !wanted ? '\u00a0' : found ? `By what ${found.run} makes of them.` : 'No network was judged on these pictures yet: press judge in Judge.';
  groups.clear();
  regroup();
}

// Of the newest runs/NAME/evaluation.json.
async function judged_pictures() {
  for (const { name } of (await read('state')).runs.reverse()) {
    const text = await read_text(`runs/${name}/evaluation.json`);
    const document = text ? JSON.parse(text) : {}, { pictures } = document.models?.[0] ?? document; // of several, the run's own network
    if (Array.isArray(pictures)) return Object.assign(pictures, { run: name });
  }
  return null;
}

const find_soon = soon(() => show_findings(sum()).catch(explain), 1000);
const sum = () => [...tally.values()].reduce((all, { count }) => all + count, 0);
const count_soon = soon(() => {
  const there = [...tally.values()].filter(({ count }) => count > 0);
  const subjects = [...new Set(there.map(({ subject }) => subject))].sort(compared);
  const labels = [...new Set([...classes, ...there.map(({ label }) => label)])];
  const numbers = new Map();
  const all = sum();
  for (const { label, subject, count } of there)
    for (const key of [label, `/${subject}`, `${label}/${subject}`]) numbers.set(key, (numbers.get(key) ?? 0) + count);
  const of = (key) => numbers.get(key) ?? 0;
  at('counts_head').replaceChildren(table_row(['sitting', 'all', ...labels.map((label, i) => (i < classes.length && kKeys[i] ? `${kKeys[i]} ${label}` : label))], 'col'));
  at('counts').replaceChildren(table_row(['all', all, ...labels.map(of)], 'row'),
    ...subjects.map((subject) => table_row([subject, ...['', ...labels].map((label) => of(`${label}/${subject}`))], 'row')));
  at('balance').textContent = balance(all, labels.map((label) => [label, of(label)]), subjects);
  find_soon();
});

function balance(all, numbers, subjects) {
  if (all === 0) return 'No pictures yet: they come from Capture, or from a folder.';
  const missing = numbers.filter(([label, count]) => count === 0 && classes.includes(label)).map(([label]) => label);
  const there = numbers.filter(([label, count]) => count > 0 && classes.includes(label)), others = numbers.filter(([label]) => !classes.includes(label)).map(([label]) => label);
  const sorted = there.sort(([, a], [, b]) => a - b), [few, many] = [sorted[0], sorted.at(-1)];
  const sentences = [`${all} pictures.`];
  if (missing.length) sentences.push(`Nothing yet of ${missing.join(', ')}.`);
  if (few && many[1] >= kUneven * few[1]) sentences.push(`Uneven: ${many[1]} of ${many[0]} and ${few[1]} of ${few[0]}, of which more would help most.`);
  else if (few) sentences.push(few[1] === many[1] ? `${few[1]} of each class that is there.` : `${few[1]} to ${many[1]} of each class that is there.`);
  for (const [are, what] of [[(label) => kNoneToo.test(label), 'learnt as none'], [(label) => !kNoneToo.test(label), 'without a key yet, which Capture adds']]) {
    const such = others.filter(are);
    if (such.length) sentences.push(`${such.join(', ')}: ${what}.`);
  }
  if (subjects.length === 1) sentences.push('All are of one sitting: one more, in other light, shows what a network makes of what it has not seen.');
  return sentences.join(' ');
}

at('relabel').addEventListener('click', () => grid.chosen && relabel(at('relabel_to').value));
at('discard').addEventListener('click', () => grid.chosen && relabel(null));
at('bring_back').addEventListener('click', undo);
at('order').addEventListener('change', () => order().catch(explain));
addEventListener('visibilitychange', () => seen && document.visibilityState === 'visible' && load().catch(explain));
