// How far the pictures repeat themselves, by `mudra data info`.
import { read_text, send } from './api.js';
import { at, copy, explain } from './page.js';

const kDo = { command: 'info' };

// `images`: how many pictures there are now.
export async function show_findings(images) {
  const [{ text }, info] = await Promise.all([send('command', kDo), read_text('info')]);
  at('text_info').textContent = text;
  at('findings').textContent = info ? words(JSON.parse(info), images) : 'Copies, and pictures that are almost the same, are not looked for yet.';
}

function words({ images, duplicates, leakage }, now) {
  const share = (found) => `${(100 * found.share).toFixed(1)} % of ${found.tested}`, { random, by_subject: by_sitting } = leakage;
  const { copies, conflicting } = duplicates;
  const sentences = [copies ? `${copies} of ${images} pictures equal an earlier one${conflicting ? `, ${conflicting} of them in another class: one of each two is wrong` : ''}.`
    : `None of ${images} pictures equals another.`];
  if (random) sentences.push(`Split at random, ${share(random)} test pictures have almost the same one in training, which makes a network look better than it is.`);
  if (by_sitting) sentences.push(`Split by sitting, as Train does, ${share(by_sitting)}.`);
  if (images !== now) sentences.push(`There are ${now} now: look again.`);
  return sentences.join(' ');
}

at('do_info').addEventListener('click', () => {
  explain(null);
  send('jobs', kDo).catch(explain);
});
at('copy_info').addEventListener('click', () => copy('text_info'));
