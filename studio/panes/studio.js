// The page with a studio behind it: its panes, one of which is seen.
import * as bar from './bar.js';
import * as capture from './capture.js';
import * as chip from './chip.js';
import * as data from './data.js';
import * as judge from './judge.js';
import * as live from './board_live.js';
import * as train from './train.js';
import { listen, read } from './api.js';
import { at, explain } from './page.js';

const panes = { capture, data, train, judge, chip, live };
const tabs = [...at('tabs').children];
let seen = null;

function show(tab) {
  const name = tab.getAttribute('aria-controls');
  if (name === seen) return;
  explain(null);
  if (seen) panes[seen].rest();
  seen = name;
  for (const one of tabs) {
    one.setAttribute('aria-selected', one === tab);
    one.tabIndex = one === tab ? 0 : -1;
    at(one.getAttribute('aria-controls')).hidden = one !== tab;
  }
  Promise.resolve(panes[name].wake()).catch(explain);
}

at('live').setAttribute('role', 'tabpanel');
at('live').setAttribute('aria-labelledby', 'tab_live');
for (const [i, tab] of tabs.entries()) {
  tab.addEventListener('click', () => show(tab));
  tab.addEventListener('keydown', ({ key }) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (!step) return;
    const next = tabs[(i + step + tabs.length) % tabs.length];
    next.focus();
    show(next);
  });
}
addEventListener('keydown', (event) => {
  if (!event.target.matches('input, select, textarea') && !event.ctrlKey && !event.metaKey && !event.altKey) panes[seen]?.key?.(event);
});
addEventListener('keyup', (event) => panes[seen]?.key_up?.(event));
document.title = 'mudra studio';
document.querySelector('h1').textContent = 'mudra studio';
document.body.append(at('command_bar'));
listen((event) => {
  for (const { told } of [bar, ...Object.values(panes)]) told?.(event);
}, () => bar.again().catch(explain), bar.lost);
read('state').then(({ folder }) => {
  document.title = `${folder} - mudra studio`;
  at('model').textContent = folder;
}).catch(explain);
show(tabs[0]);
