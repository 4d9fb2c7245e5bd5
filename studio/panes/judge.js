// How good a network is, and where it errs: one command judges it, and all numbers here are of the pictures that the command lists.
import { read, read_text, send } from './api.js';
import { draw_curves } from './curves.js';
import { at, copy, explain, soon, table_row } from './page.js';

const kWorst = 24, kFirst = 12, kPageful = 48, kNone = 'none';
const [kShares, kNames] = [['right', 'unknown', 'wrong'], ['solid', 'dotted', 'dashed']];
let seen = false, request = null, asked = 0, refreshing = 0, pressed = false, loaded = null, stale = true;
// What was judged. `models`: [{label, classes, threshold, details}]; `rows`: [{file, actual, seen, answers}], an answer of each model.
let judged = null, chosen = null, shown_rows = [], shown_count = 0, points = [];

export function wake() {
  seen = stale = true;
  return refresh();
}
export function rest() { seen = false; }

export function told({ started, ended }) {
  if (ended?.kind === 'evaluate') stale = true;
  if (!seen || !(started ?? ended)) return;
  clearTimeout(refreshing);
  refreshing = setTimeout(() => refresh().catch(explain), 50);
}

// What can be judged, by which command, and what came of it the last time.
async function refresh() {
  const mine = ++asked, { runs, counts, job } = await read('state');
  const trained = runs.filter((run) => run.trained).map(({ name }) => name), there = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const run = fill('judge_run', trained, trained.at(-1)), beside = fill('judge_beside', ['nothing', ...trained.filter((name) => name !== run)], 'nothing');
  const lack = !trained.length ? 'Nothing has been trained yet: Train makes a network of rendered hands, and then of your pictures.'
    : !there ? 'There are no pictures to judge by yet: they come from Capture.' : null;
  request = lack ? null : { command: 'evaluate', run, ...(beside === 'nothing' ? {} : { beside }) };
  const text = request ? (await send('command', request)).text : null, document_text = run && (stale || loaded?.run !== run) ? await read_text(`runs/${run}/evaluation.json`) : null;
  if (mine !== asked) return;
  at('text_judge').textContent = text ?? '\u00a0';
  at('copy_judge').disabled = !text;
  at('do_judge').disabled = Boolean(job) || !text;
  if (pressed && !job) {
    pressed = false;
    if (document.activeElement === document.body) at('do_judge').focus();
  }
  if (document_text !== null) stale = false;
  if (document_text !== null && (loaded?.run !== run || loaded.text !== document_text)) {
    loaded = { run, text: document_text };
    judged = document_text ? document_of(document_text, run) : null;
    begin();
  }
  const integers = runs.find(({ name }) => name === run)?.model;
  at('about_judge').textContent = lack ?? (!judged ? `${run} has not been judged yet.`
    : judged.rows.length !== there ? `${judged.rows.length} pictures were judged, and ${there} are there now: judge again if that has changed.`
      : integers ? 'The network and the integers that the chip computes with.' : 'The network alone: its integers come from quantize, in Train.');
  at('judged').hidden = Boolean(lack) || !judged;
}

// The options of a choice; the one that was chosen stays where it is still there.
function fill(id, names, usual) {
  const select = at(id), value = names.includes(select.value) ? select.value : usual;
  select.replaceChildren(...names.map((name) => new Option(name, name, false, name === value)));
  select.disabled = names.length === 0;
  return value;
}

// evaluation.json, whatever wrote it: an Error where it cannot be shown.
function document_of(text, run) {
  let document = null;
  try { document = JSON.parse(text); } catch { /* half a document is none */ }
  const all = (Array.isArray(document?.models) ? document.models : [document]).filter((model) => Array.isArray(model?.pictures) && Array.isArray(model.classes));
  const whole = ({ file, actual, said, probability }) => [file, actual, said].every((value) => typeof value === 'string') && Number.isFinite(probability);
  const list = all[0]?.pictures ?? [];
  const same = (model) => model.pictures.length === list.length && model.pictures.every((picture, i) => picture && whole(picture) && picture.file === list[i].file);
  if (!list.length || !all.every(same)) {
    explain(new Error(`runs/${run}/evaluation.json lists no pictures: judge again`));
    return null;
  }
  return {
    models: all.map((model) => ({ label: label_of(model, run), classes: model.classes.map(({ name }) => String(name)), threshold: Number(model.threshold) || 0, details: model })),
    rows: list.map(({ file, actual }, i) => ({ file, actual, seen: seen_of(all, i), answers: all.map(({ pictures }) => pictures[i]) })),
  };
}

function label_of({ model, format }, run) {
  const parts = String(model ?? run).split('/'), integers = format === 'espdl';
  return `${parts.at(integers ? -2 : -1)}, ${integers ? 'integers' : 'float'}`;
}

// Whether any of them saw the picture in training; undefined: not known.
function seen_of(models, i) {
  const said = models.map(({ pictures }) => pictures[i].seen).filter((value) => typeof value === 'boolean');
  return said.length ? said.includes(true) : undefined;
}

// Another document: its numbers, of what training has not seen where there is that.
function begin() {
  if (!judged) return;
  const { models, rows } = judged, unseen = rows.filter(({ seen: was }) => was === false).length;
  const integers = models.findIndex(({ details }) => details.format === 'espdl');
  at('judge_model').replaceChildren(...models.map(({ label }, i) => new Option(label, i, false, i === Math.max(0, integers))));
  at('judge_which').replaceChildren(new Option(`not seen in training (${unseen})`, 'unseen', false, unseen > 0), new Option(`all (${rows.length})`, 'all', false, unseen === 0));
  at('judge_which').options[0].disabled = unseen === 0;
  chosen = null;
  take_threshold();
  draw();
}

const index = () => Number(at('judge_model').value) || 0;
const model = () => judged.models[index()];
const rows_now = () => judged.rows.filter((row) => at('judge_which').value === 'all' || row.seen === false);
const percent = (share, digits = 2) => `${(100 * share).toFixed(digits)} %`;
const share_of = (rows, good) => (rows.length ? rows.filter(good).length / rows.length : 0);
const is_right = (i) => (row) => row.answers[i].said === row.actual;
const recall = (rows, name, i) => share_of(rows.filter(({ actual }) => actual === name), is_right(i));

// As mudra evaluate has it: a class is shown from the threshold on, but never none.
function decided({ actual, answers }, i, threshold) {
  const { said, probability } = answers[i];
  if (said !== kNone && probability >= threshold) return said === actual ? 'right' : 'wrong';
  return actual === kNone ? 'right' : 'unknown';
}
const decided_share = (rows, i, threshold) => kShares.map((what) => share_of(rows, (row) => decided(row, i, threshold) === what));

function take_threshold() { at('judge_threshold').value = 100 * model().threshold; }

function draw() {
  const rows = rows_now(), i = index();
  at('judge_headline').textContent = headline(rows, i);
  draw_confusion(rows, i);
  points = Array.from({ length: 101 }, (_, at_percent) => [at_percent, decided_share(rows, i, at_percent / 100)]);
  draw_threshold();
  draw_sittings(i);
  draw_models(rows, i);
  const wrong = rows.filter((row) => !is_right(i)(row)), right = rows.filter(is_right(i));
  const by_probability = (sign) => (a, b) => sign * (a.answers[i].probability - b.answers[i].probability);
  at('worst').replaceChildren(...[...wrong.sort(by_probability(-1)), ...right.sort(by_probability(1))].slice(0, kWorst).map((row) => picture_of(row, i)));
  const most = most_wrong(rows, i);
  show_pictures(chosen ?? { actual: most.actual, said: most.answers[i].said });
}

function headline(rows, i) {
  const { label } = model(), number = percent(share_of(rows, is_right(i))), all = judged.rows.length, seen_ones = judged.rows.filter((row) => row.seen).length;
  if (at('judge_which').value === 'unseen')
    return `${label}: ${number} right of ${rows.length} pictures not seen in training${seen_ones ? `; the other ${seen_ones} were` : ', as none was'}.`;
  if (judged.rows.some((row) => row.seen === undefined)) return `${label}: ${number} right of ${all} pictures; whether training has seen them is not known.`;
  const only = seen_ones === all ? 'Training has seen all of them, so that this says little about others: capture one more sitting, and judge again.' : `Training has seen ${seen_ones} of them, and is judged too well by these.`;
  return `${label}: ${number} right of ${all} pictures. ${only}`;
}

// A picture of the cell with the most errors; without any, one of the first class.
function most_wrong(rows, i) {
  const counts = new Map(), key = (row) => JSON.stringify([row.actual, row.answers[i].said]);
  for (const row of rows) if (!is_right(i)(row)) counts.set(key(row), (counts.get(key(row)) ?? 0) + 1);
  const most = Math.max(0, ...counts.values());
  return rows.find((row) => counts.get(key(row)) === most) ?? rows[0];
}

function button(text, label, what) {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = text;
  made.setAttribute('aria-label', label);
  made.what = what;
  made.addEventListener('click', () => {
    chosen = what;
    show_pictures(what);
    at('cell_title').scrollIntoView({ block: 'nearest' });
  });
  return made;
}

function draw_confusion(rows, i) {
  const { classes } = model(), count = new Map();
  for (const { actual, answers } of rows) count.set(`${actual}\n${answers[i].said}`, (count.get(`${actual}\n${answers[i].said}`) ?? 0) + 1);
  at('confusion_head').replaceChildren(table_row(['shown', ...classes, 'all', 'right'], 'col'));
  at('confusion_rows').replaceChildren(...classes.map((actual) => {
    const numbers = classes.map((said) => count.get(`${actual}\n${said}`) ?? 0), all = numbers.reduce((sum, number) => sum + number, 0);
    const line = table_row([actual, ...numbers.map((number) => (number ? '' : '\u00b7')), all, all ? percent(recall(rows, actual, i)) : '-'], 'row');
    for (const [j, number] of numbers.entries()) {
      if (!number) continue;
      const cell = line.children[j + 1];
      cell.append(button(number, `${actual} shown, ${classes[j]} said: ${number}`, { actual, said: classes[j] }));
      cell.className = classes[j] === actual ? 'hit' : 'miss';
      cell.style.setProperty('--share', number / all);
    }
    return line;
  }));
}

const draw_threshold = soon(() => {
  if (!judged) return;
  const threshold = Number(at('judge_threshold').value) / 100, rows = rows_now(), shares = decided_share(rows, index(), threshold);
  const text = kShares.map((what, j) => `${what} (${kNames[j]}) ${percent(shares[j])}, ${Math.round(shares[j] * rows.length)}`).join('; ');
  at('threshold_value').textContent = percent(threshold);
  at('judge_threshold').setAttribute('aria-valuetext', percent(threshold));
  at('threshold_numbers').textContent = text;
  const curves = kShares.map((name, j) => ({ name, points: points.map(([x, values]) => [x, 100 * values[j]]), mark: [100 * threshold, 100 * shares[j]] }));
  draw_curves(at('threshold_curves'), 'pictures, %', curves, 100, { title: 'shown from this probability on, %', from: 0, to: 100 });
  at('threshold_curves').setAttribute('aria-label', `right, unknown and wrong over the threshold; at ${percent(threshold)}: ${text}`);
});

// Each person, and under it each sitting, of all that was judged: what training has seen stands beside it.
function draw_sittings(i) {
  const people = new Map();
  for (const row of judged.rows) {
    const sitting = row.file.split('/')[0], person = sitting.replace(/-[^-]*$/, ''), of_person = people.get(person) ?? people.set(person, new Map()).get(person);
    if (!of_person.has(sitting)) of_person.set(sitting, []);
    of_person.get(sitting).push(row);
  }
  const line = (name, rows) => table_row([name, rows.length, seen_text(rows), rows.filter(is_right(i)).length, percent(share_of(rows, is_right(i)))], 'row');
  at('sitting_rows').replaceChildren(...[...people].flatMap(([person, sittings]) => {
    const whole = line(person, [...sittings.values()].flat());
    whole.className = 'sum';
    return [whole, ...[...sittings].map(([sitting, rows]) => line(sitting, rows))];
  }));
}

function seen_text(rows) {
  if (rows.some((row) => row.seen === undefined)) return 'not known';
  const count = rows.filter((row) => row.seen).length;
  return count === 0 ? 'not seen' : count === rows.length ? 'seen' : `${count} seen`;
}

// All models on the same pictures; how each differs from the one whose numbers are shown.
function draw_models(rows, i) {
  const { models } = judged, kilobytes = ({ details: { bytes } }) => (Number.isFinite(bytes) ? (bytes / 1000).toFixed(1) : '-');
  at('models').hidden = models.length < 2;
  if (models.length < 2) return;
  const alike = (a, b) => (row) => row.answers[a].said === row.answers[b].said;
  at('model_rows').replaceChildren(...models.map((one, j) => {
    const shares = decided_share(rows, j, one.threshold).map((share) => percent(share)), others = rows.filter((row) => !alike(i, j)(row)).length;
    const line = table_row([one.label, percent(share_of(rows, is_right(j))), others ? '' : '0', percent(one.threshold), ...shares, kilobytes(one)], 'row');
    if (others) line.children[2].append(button(others, `${others} pictures that ${one.label} and ${models[i].label} answer differently`, { unlike: j }));
    return line;
  }));
  const points_more = (share) => (Math.abs(share) < 5e-5 ? '' : ` (${share > 0 ? '+' : '\u2212'}${Math.abs(100 * share).toFixed(1)})`);
  at('class_head').replaceChildren(table_row(['class', 'pictures', ...models.map(({ label }) => label)], 'col'));
  at('class_rows').replaceChildren(...models[i].classes.map((name) => {
    const count = rows.filter(({ actual }) => actual === name).length;
    return table_row([name, count, ...models.map((_, j) => (count ? percent(recall(rows, name, j)) + (j === i ? '' : points_more(recall(rows, name, j) - recall(rows, name, i))) : '-'))], 'row');
  }));
  at('class_caption').textContent = `of each class, how many were recognised; in brackets the percentage points more or fewer than ${models[i].label}`;
}

function picture_of(row, ...models) {
  const figure = document.createElement('figure'), image = document.createElement('img'), caption = document.createElement('figcaption'), parts = row.file.split('/');
  image.loading = 'lazy';
  [image.alt, image.width, image.height] = ['', 240, 240];
  image.addEventListener('error', () => { image.alt = 'not there any more'; });
  if (parts.length === 3 && parts.every((part) => /^[^.]/.test(part))) image.src = `/api/pictures/${parts.map(encodeURIComponent).join('/')}`;
  else image.alt = 'no picture of this studio';
  for (const text of [row.file, ...models.map((j) => answer_text(row, j, models.length > 1))]) caption.append(Object.assign(document.createElement('span'), { textContent: text }));
  figure.append(image, caption);
  return figure;
}

function answer_text({ actual, answers }, i, named) {
  const { said, probability } = answers[i];
  return `${named ? `${judged.models[i].label} ` : ''}said ${said} ${percent(probability, 1)}${said === actual ? ', right' : ''}`;
}

// Those of a cell, the surest first, or those that two models answer differently.
function show_pictures(what) {
  const i = index(), rows = rows_now(), unlike = what.unlike !== undefined;
  shown_rows = rows.filter(({ actual, answers }) => (unlike ? answers[i].said !== answers[what.unlike].said : actual === what.actual && answers[i].said === what.said));
  if (!unlike) shown_rows.sort((a, b) => b.answers[i].probability - a.answers[i].probability);
  at('cell_title').textContent = unlike ? `Answered differently by ${model().label} and ${judged.models[what.unlike].label}: ${shown_rows.length}`
    : `${what.actual} shown, ${what.said} said: ${shown_rows.length}`;
  for (const one of document.querySelectorAll('#judged td button')) one.setAttribute('aria-pressed', JSON.stringify(one.what) === JSON.stringify(what));
  at('cell_pictures').replaceChildren();
  shown_count = 0;
  show_more(unlike ? [i, what.unlike] : [i]);
}

function show_more(models) {
  const step = shown_count ? kPageful : kFirst;
  at('cell_pictures').append(...shown_rows.slice(shown_count, shown_count + step).map((row) => picture_of(row, ...models)));
  shown_count = Math.min(shown_rows.length, shown_count + step);
  at('more_pictures').hidden = shown_count === shown_rows.length;
  at('more_pictures').onclick = () => show_more(models);
}

at('copy_judge').addEventListener('click', () => copy('text_judge'));
at('do_judge').addEventListener('click', () => {
  explain(null);
  at('do_judge').disabled = true;
  send('jobs', request).then(() => { pressed = true; }).catch((error) => {
    explain(error);
    return refresh();
  });
});
for (const id of ['judge_run', 'judge_beside'])
  at(id).addEventListener('change', () => {
    explain(null);
    refresh().catch(explain);
  });
at('judge_model').addEventListener('change', () => {
  take_threshold();
  draw();
});
at('judge_which').addEventListener('change', draw);
at('judge_threshold').addEventListener('input', draw_threshold);
