// What a network costs on the chip, the firmware with it, and the board: each a command, shown before it is run.
import { read, read_text, send } from './api.js';
import { draw_memory } from './memory.js';
import { at, copy, explain, soon, table_row } from './page.js';

const kSteps = ['profile', 'deploy', 'send', 'bench'];
const kUsualBoard = 'generic';
const grouped = (number) => number.toLocaleString('en');
const ms = (us, digits = 3) => (us / 1000).toFixed(digits);
let seen = false, asked = 0, refreshing = 0, pressed = null, shown = '', requests = {};
let told_of = null; // the command that is told about
let deploy_lines = [], sending = null; // what the last ones of these said: {run, there, all, line, ended}

export function wake() {
  seen = true;
  return refresh();
}
export function rest() { seen = false; }

export function told({ started, line, ended }) {
  if (started) begin(started);
  if (line !== undefined) hear(line);
  if (ended) end(ended);
  if (!seen || !(started ?? ended)) return;
  clearTimeout(refreshing);
  refreshing = setTimeout(() => refresh().catch(explain), 50);
}

function begin(command) {
  told_of = command;
  if (command.kind === 'deploy') deploy_lines = [];
  if (command.kind === 'send') sending = { run: command.run, there: 0, all: 0, line: '', ended: false };
  draw_said();
}

function hear(line) {
  if (told_of?.kind === 'deploy') deploy_lines.push(line);
  if (told_of?.kind !== 'send' || !sending) return;
  const [, there, all] = line.match(/^send: (\d+)\/(\d+) /) ?? line.match(/^()(\d+) bytes in \d+ blocks/) ?? [];
  if (all) Object.assign(sending, { there: Number(there || all), all: Number(all) });
  if (!line.startsWith('send: ')) sending.line = line;
  draw_said();
}

function end({ kind, ok, how }) {
  if (kind === 'send' && sending) Object.assign(sending, { ended: true, ok, how });
  if (kind === 'deploy' && !ok) deploy_lines = [];
  told_of = null;
  draw_said();
}

const draw_said = soon(() => {
  show_deployed();
  const bar = at('sent');
  bar.value = sending?.all ? sending.there / sending.all : 0;
  const numbers = sending?.all ? `${grouped(sending.there)} of ${grouped(sending.all)} bytes` : '';
  at('sent_said').textContent = !sending ? '\u00a0'
    : !sending.ended ? numbers || 'begins'
    : sending.ok ? `${sending.run} is on the board: ${sending.line}` : `${sending.run} is not on the board: ${sending.line || sending.how}`;
});

async function refresh() {
  const mine = ++asked, { runs, job, board } = await read('state');
  const names = runs.filter(({ model }) => model).map(({ name }) => name).reverse(), select = at('chip_run');
  const run = names.includes(select.value) ? select.value : names[0];
  const costs = run ? await read_text(`runs/${run}/profile.json`).then(parsed) : null;
  const benched = run && board ? await read_text(`runs/${run}/board.json`).then(parsed) : null;
  const kinds = costs?.boards ?? [], kind = kinds.some((one) => one.board === at('board_kind').value) ? at('board_kind').value : kUsualBoard;
  const now = run ? { profile: { run }, deploy: { run, board: kind, ...(at('replace').checked ? { replace: true } : {}) }, ...(board ? { send: { run }, bench: { run } } : {}) } : {};
  const texts = {};
  for (const step of Object.keys(now)) texts[step] = (await send('command', { command: step, ...now[step] })).text;
  if (mine !== asked) return;
  requests = now;
  select.replaceChildren(...names.map((name) => new Option(name, name, false, name === run)));
  select.disabled = names.length === 0;
  at('chip_said').textContent = run ? '\u00a0' : 'There are none yet: they come from Train, which quantizes.';
  for (const step of kSteps) {
    at(`text_${step}`).textContent = texts[step] ?? '\u00a0';
    at(`copy_${step}`).disabled = !texts[step];
    at(`do_${step}`).disabled = Boolean(job) || !texts[step];
  }
  at('no_board').hidden = Boolean(board);
  at('with_board').hidden = !board;
  at('about_send').textContent = board ? `into the memory of the board on ${board}, where it is tested before it is used` : '';
  show_costs(run, costs);
  at('board_kind').replaceChildren(...(kinds.length ? kinds.map((one) => one.board) : [kUsualBoard]).map((name) => new Option(name, name, false, name === kind)));
  at('board_kind').disabled = kinds.length === 0;
  show_bench(benched);
  draw_said();
  if (pressed && !job) {
    if (document.activeElement === document.body || document.activeElement.disabled) at(`do_${pressed}`).focus();
    pressed = null;
  }
}

function parsed(text) {
  if (!text) return null;
  const json = JSON.parse(text);
  return typeof json === 'object' ? json : null;
}

function show_costs(run, costs) {
  const text = costs && `${run} ${JSON.stringify(costs)}`;
  at('costs').hidden = !costs;
  if (!costs || text === shown) return;
  shown = text;
  at('total').textContent = `About ${ms(costs.us, 2)} ms a picture, ${ms(costs.us_low, 2)} to ${ms(costs.us_high, 2)}: an estimate for ${costs.frequency} MHz, not a measurement. ` +
      `${grouped(costs.instructions)} instructions, ${grouped(costs.ram_bytes)} bytes of RAM.`;
  const most = Math.max(1e-9, ...costs.nodes.map(({ us }) => us));
  at('layers_caption').textContent = `${costs.nodes.length} layers; ms are estimated`;
  at('layers_head').replaceChildren(table_row(['layer', 'operation', 'computed by', 'instructions', 'ms', ''], 'col'));
  at('layers').replaceChildren(...costs.nodes.map((node) => {
    const row = table_row([node.node, node.operation, node.kernel, grouped(node.instructions), ms(node.us), ''], 'row'), meter = document.createElement('meter');
    meter.className = 'bar';
    meter.max = most;
    meter.value = node.us;
    meter.setAttribute('aria-label', `${ms(node.us)} ms, the longest being ${ms(most)}`);
    row.lastChild.append(meter);
    if (node.why) row.title = node.why;
    return row;
  }));
  at('memory_figure').hidden = !costs.memory;
  if (costs.memory) show_memory(costs.memory);
  at('boards_head').replaceChildren(table_row(['board', 'fits', 'RAM', 'in the chip', 'PSRAM', 'flash', 'of'], 'col'));
  at('boards').replaceChildren(...costs.boards.map((one) => {
    const numbers = [one.ram_bytes, one.board_ram_bytes, one.board_psram_bytes, one.flash_bytes, one.board_flash_bytes].map(grouped);
    const fits = one.fits ? `\u2713 yes${one.uses_psram ? ', in PSRAM, which is slower' : ''}` : `\u2717 no: ${one.refusals.join('; ')}`;
    const row = table_row([one.board, fits, ...numbers], 'row');
    row.title = one.description;
    row.classList.toggle('fits', one.fits);
    return row;
  }));
}

function show_memory(memory) {
  const words = draw_memory(at('memory'), memory);
  at('memory').setAttribute('aria-label', `Memory over time: ${words}`);
  at('memory_caption').textContent = `Memory over time: ${words}.`;
  at('memory_head').replaceChildren(table_row(['step', 'makes', 'bytes in use', 'nodes'], 'col'));
  at('memory_steps').replaceChildren(...memory.steps.map((step, i) => table_row([i + 1, step.makes, grouped(step.bytes), step.nodes], 'row')));
}

// From "X is a complete ESP-IDF project. Next:" on.
function show_deployed() {
  const from = deploy_lines.findIndex((line) => line.includes('is a complete ESP-IDF project'));
  at('deployed').hidden = from < 0;
  if (from < 0) return;
  at('deployed_said').textContent = deploy_lines[from];
  at('deployed_next').textContent = deploy_lines.slice(from + 1).join('\n');
}

function show_bench(benched) {
  at('benched').hidden = !benched;
  if (!benched) return;
  const here = benched.bench_pc, { chip, mhz } = benched.board;
  at('bench_caption').textContent = `ms a picture, on ${chip} at ${mhz} MHz; the estimate is for an ESP32-S3`;
  at('bench_head').replaceChildren(table_row(['', 'median', 'least', '99 %', 'most', 'runs'], 'col'));
  const rows = benched.bench.flatMap((one) => [
    table_row([`board, ${one.engine}`, ...[one.median_us, one.least_us, one.p99_us, one.most_us].map((us) => ms(us)), one.runs], 'row'),
    ...(one.estimate ? [table_row([`estimated, ${one.engine}`, ms(one.estimate.us), ms(one.estimate.us_low), '', ms(one.estimate.us_high), ''], 'row')] : []),
  ]);
  if (here) rows.push(table_row(['this PC', ms(here.median_us), ms(here.us_low), '', ms(here.us_high), here.runs], 'row'));
  at('bench').replaceChildren(...rows);
  const tests = benched.selftest, wrong = tests.filter(({ passed }) => !passed);
  at('selftest').textContent = tests.length === 0 ? 'Self-test: the model has no recorded inputs.'
    : wrong.length === 0 ? `\u2713 Self-test: all ${tests.length} outputs equal those recorded on the PC.`
    : `\u2717 Self-test: ${wrong.length} of ${tests.length} outputs differ.`;
}

for (const step of kSteps) {
  at(`copy_${step}`).addEventListener('click', () => copy(`text_${step}`));
  at(`do_${step}`).addEventListener('click', () => {
    explain(null);
    at(`do_${step}`).disabled = true;
    send('jobs', { command: step, ...requests[step] }).then(() => { pressed = step; }).catch((error) => {
      explain(error);
      return refresh();
    });
  });
}
for (const id of ['chip_run', 'board_kind', 'replace']) at(id).addEventListener('change', () => refresh().catch(explain));
