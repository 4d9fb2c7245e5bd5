// The one command that runs, at the foot of every pane: what one would type, what it says, Stop, and how it ended.
import { read, send } from './api.js';
import { at, copy, explain, soon } from './page.js';

const kMostLines = 1000;
let lines = [], heard = false;

// Every event of the studio; `started` before `ended`.
export function told({ started, line, ended }) {
  heard ||= Boolean(started ?? ended);
  if (started) {
    lines = [];
    show('runs', started.text, true);
  }
  if (line !== undefined) {
    lines = [...lines.slice(1 - kMostLines), line];
    draw_soon();
  }
  if (ended) show(ended.how, ended.text, false, !ended.ok && ended.how !== 'stopped');
}

// What was told is told once more, of which the oldest may be missing.
export async function again() {
  heard = false;
  lines = [];
  const { job, interrupted } = await read('state');
  if (heard) return;
  if (job) show('runs', job.text, true);
  else if (interrupted) show('interrupted when the studio last ended', interrupted.text, false, true);
  else at('command_bar').hidden = true;
}

export function lost() {
  show('the studio is not heard any more: reload this page, or start it again in the terminal', at('command_text').textContent, false, true);
}

export async function stop() {
  await send('stop', {}).catch(explain);
  if (!at('command_stop').disabled) at('command_state').textContent = 'asked to stop: it saves first';
}

function show(state, text, runs, bad = false) {
  at('command_bar').hidden = false;
  at('command_state').textContent = state;
  at('command_bar').classList.toggle('bad', bad);
  at('command_text').textContent = text;
  at('command_stop').disabled = !runs;
  draw_soon();
}

const draw_soon = soon(() => {
  const shown = at('command_lines'), at_end = shown.scrollTop + shown.clientHeight > shown.scrollHeight - 4;
  at('last_line').textContent = lines.at(-1) ?? 'nothing said yet';
  shown.textContent = lines.join('\n');
  if (at_end) shown.scrollTop = shown.scrollHeight;
});

at('command_copy').addEventListener('click', () => copy('command_text'));
at('command_stop').addEventListener('click', stop);
