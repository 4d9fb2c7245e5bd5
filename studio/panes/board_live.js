// Live with a board: what its camera sees, this page's answer, and beside it what the board says itself.
import { watch_board } from './board.js';
import * as live from './correct.js';
import { see } from './live.js';
import { read } from './api.js';
import { at, explain } from './page.js';

const kNear = 0.0051; // the board says hundredths of a percent
let stop = null;

export const { key } = live;
export async function wake() {
  const waking = live.wake(), { board } = await read('state');
  at('board_live').hidden = !board;
  await waking;
}
export function rest() {
  end();
  live.rest();
}

function end() {
  stop?.();
  if (!stop) return;
  stop = null;
  at('live_board').setAttribute('aria-pressed', false);
  at('board_says').textContent = '\u00a0';
  explain(null);
}

function begin() {
  end();
  at('live_board').setAttribute('aria-pressed', true);
  stop = watch_board((seen) => {
    const shares = see(seen.picture, 'the board: what its network gets');
    at('board_says').textContent = said_of(seen, shares);
  }, explain);
}

function said_of({ label, shown, us, percents }, shares) {
  const best = Math.max(...percents), own = `The board itself says ${label}, ${best.toFixed(2)} %, and shows ${shown}; ${(us / 1000).toFixed(1)} ms.`;
  if (!shares) return own;
  const same = shares.length === percents.length && shares.every((share, i) => Math.abs(100 * share - percents[i]) < kNear);
  return `${own} ${same ? 'All its percentages are those of this page.' : 'Its percentages are others than here: it has another model.'}`;
}

at('live_board').addEventListener('click', () => (stop ? end() : begin()));
at('start').addEventListener('click', end);
at('file').addEventListener('change', end);
addEventListener('drop', end);
at('live').insertBefore(at('board_live'), at('right'));
