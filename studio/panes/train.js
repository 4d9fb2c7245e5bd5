// A network from the pictures, then its integers: each step is a command, shown before it is run, and a training's curves.
import { read, read_text, send } from './api.js';
import { stop } from './bar.js';
import { draw_curves } from './curves.js';
import { at, copy, explain, soon } from './page.js';

const kSteps = ['train', 'resume', 'quantize'];
const kUsualHands = 8000, kTold = 100; // milliseconds between two epochs at least
let seen = false, shown = null, told_of = null, pressed = false, asked = 0, refreshing = 0, requests = {}, pace = null;
const step_button = (step) => `do_${step}`;
const epochs = new Map(); // of the run that is shown: its figures by number

export function wake() {
  seen = true;
  return refresh();
}
export function rest() { seen = false; }

export function told({ started, line, ended, figures }) {
  if (started) told_of = started.run;
  if (started ?? ended) pace = null;
  if (line !== undefined) keep_pace(line);
  if (figures && told_of === shown) add(figures);
  if (!seen || !(started ?? ended)) return;
  clearTimeout(refreshing);
  refreshing = setTimeout(() => refresh().catch(explain), 50);
}

// Of "epoch  3/12 ...", how long an epoch takes; what was told before this page was there comes at once, and says nothing of that.
function keep_pace(line) {
  const [, done, all] = /^epoch +(\d+)\/(\d+) /.exec(line) ?? [];
  if (!done) return;
  const now = performance.now(), ms = pace ? now - pace.at : 0;
  pace = { at: now, all: Number(all), left_ms: ms < kTold ? null : ms * (all - done) };
  draw_soon();
}

function left() {
  if (!pace?.left_ms) return '';
  const seconds = Math.round(pace.left_ms / 1000);
  return ` of ${pace.all}, about ${seconds < 100 ? `${seconds} s` : `${Math.round(seconds / 60)} min`} left`;
}

// What can be done now, and the curves of the latest training.
async function refresh() {
  const mine = ++asked, { runs, counts, job } = await read('state');
  const trained = runs.findLast((run) => run.trained), begun = runs.findLast((run) => run.started || run.trained);
  const training = /^(train|resume)$/.test(job?.kind ?? ''), has_pictures = Object.keys(counts).length > 0;
  const run = training ? job.run : begun?.name ?? null;
  if (job) told_of = job.run;
  if (run !== shown) epochs.clear();
  shown = run;
  const lines = run ? (await read_text(`runs/${run}/metrics.jsonl`)).split('\n').slice(0, -1) : [];
  at('hands').disabled = Boolean(trained);
  const now = {
    train: trained && !has_pictures ? 'there are no pictures to learn from yet: they come from Capture' : { from: trained?.name ?? 'rendered', ...options(!trained) },
    resume: begun && !begun.trained ? { run: begun.name } : 'no training was stopped',
    quantize: !trained ? 'no network has been trained yet' : trained.model ? `${trained.name} has its integers already` : { run: trained.name, recipe: at('recipe').value },
  };
  const abouts = {
    train: trained ? `Your pictures, from ${trained.name} on.` : `Rendered hands, as there is no network yet to learn your pictures from.`,
    resume: `${begun?.name} goes on where it was stopped.`,
    quantize: `The chip's integers of ${trained?.name}, which Live then shows.`,
  };
  const texts = {};
  for (const step of kSteps)
    if (typeof now[step] === 'object') texts[step] = (await send('command', { command: step, ...now[step] })).text;
  if (mine !== asked) return;
  requests = now;
  const next = ['quantize', 'resume', 'train'].find((step) => texts[step]);
  for (const step of kSteps) {
    at(`about_${step}`).textContent = texts[step] ? abouts[step] : `${now[step]}`;
    at(`text_${step}`).textContent = texts[step] ?? '\u00a0';
    at(`copy_${step}`).disabled = !texts[step];
    at(step_button(step)).disabled = Boolean(job) || !texts[step];
    at(step_button(step)).classList.toggle('next', step === next);
  }
  at('stop_training').disabled = !training;
  if (pressed && !job) {
    pressed = false;
    if (document.activeElement === document.body || document.activeElement.disabled) at(step_button(next))?.focus();
  }
  for (const line of lines) add(JSON.parse(line));
  draw_soon();
}

function options(rendered) {
  const made = {}, [hands, count] = [at('hands'), at('epochs')].map((input) => (input.checkValidity() && input.value ? Number(input.value) : 0));
  if (rendered && hands && hands !== kUsualHands) made.hands = hands;
  if (count) made.epochs = count;
  return made;
}

function add(figures) {
  epochs.set(figures.epoch, figures);
  draw_soon();
}

const draw_soon = soon(() => {
  const rows = [...epochs.values()].sort((a, b) => a.epoch - b.epoch);
  const curve = (name, key, scale) => ({ name, points: rows.filter((row) => Number.isFinite(row[key])).map((row) => [row.epoch, scale * row[key]]) });
  for (const [id, title, scale, unit, digits, most] of [['loss', 'loss', 1, '', 3, 0], ['accuracy', 'accuracy, %', 100, ' %', 1, 100]]) {
    const curves = [curve('validation', `validation_${id}`, scale), curve('training', `train_${id}`, scale)];
    draw_curves(at(`${id}_curves`), title, curves, most);
    const numbers = curves.map(({ name, points }, i) => `${name} (${i ? 'dashed' : 'solid'}) ${points.length ? points.at(-1)[1].toFixed(digits) + unit : 'not yet'}`).join(', ');
    at(`${id}_numbers`).textContent = numbers;
    at(`${id}_curves`).setAttribute('aria-label', `${id} over ${rows.length} epochs: ${numbers}`);
  }
  at('train_said').textContent = !shown ? 'nothing was trained yet' : rows.length ? `${shown}: epoch ${rows.at(-1).epoch}${told_of === shown ? left() : ''}` : `${shown}: the first epoch is not over`;
});

for (const step of kSteps) {
  at(`copy_${step}`).addEventListener('click', () => copy(`text_${step}`));
  at(step_button(step)).addEventListener('click', () => {
    explain(null);
    at(step_button(step)).disabled = true;
    send('jobs', { command: step, ...requests[step] }).then(() => { pressed = true; }).catch((error) => {
      explain(error);
      return refresh();
    });
  });
}
at('recipe').addEventListener('change', () => refresh().catch(explain));
at('stop_training').addEventListener('click', stop);
for (const id of ['hands', 'epochs'])
  at(id).addEventListener('input', ({ target }) => {
    explain(target.checkValidity() ? null : new Error(`${target.labels[0].textContent}: ${target.validationMessage}`));
    refresh().catch(explain);
  });
