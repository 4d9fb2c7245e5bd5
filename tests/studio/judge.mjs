// judge.mjs LINK FOLDER MUDRA: a person before the pane Judge, by keyboard, beside what `mudra evaluate` says of the same.
import { execFileSync } from 'node:child_process';
import { renameSync, readFileSync, writeFileSync } from 'node:fs';
import { browse_page, expect, readable_everywhere, text_is, text_of, until } from './browser.mjs';

const [link, folder, mudra] = process.argv.slice(2), screenshots = process.env.SCREENSHOTS, faults = [];
const kLacks = { empty: 'Nothing has been trained yet: Train makes a network', bare: 'There are no pictures to judge by yet' }; // by folder
const shot = (name) => screenshots && `${screenshots}/${name}`;
const run = (name) => `${folder}/runs/${name}`, integers = (name) => `${run(name)}/model.espdl`, pictures = `${folder}/pictures`;
const evaluate = (...words) => JSON.parse(execFileSync(mudra, ['evaluate', ...words, '--data', pictures, '--json'], { stdio: ['ignore', 'pipe', 'ignore'] }));
const percent = (share, digits = 2) => `${(100 * share).toFixed(digits)} %`;
const equal = (is, wanted, what) => expect(JSON.stringify(is) === JSON.stringify(wanted), `${what}: ${JSON.stringify(is)} instead of ${JSON.stringify(wanted)}`);

async function use(page) {
  const text = (id) => text_of(page, id), table = (id) => page.locator(`#${id} tr`).evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent)));
  const is = (id, wanted) => text_is(page, id, wanted);
  const files = (id) => page.locator(`#${id} figcaption span:first-child`).allTextContents();
  const choose = async (id, label) => {
    await page.locator(`#${id}`).focus();
    await page.locator(`#${id}`).selectOption({ label });
  };
  const judge = async () => {
    await page.locator('#do_judge').press('Enter');
    await until(() => page.locator('#judged').isVisible(), 'what came of it');
    await is('command_state', 'done');
    await until(() => page.locator('#do_judge').isEnabled(), 'it can be judged again');
  };

  await page.locator('[role=tab][aria-selected=true]').focus();
  for (let i = 0; i < 3; ++i) await page.keyboard.press('ArrowRight');
  if (kLacks[folder]) {
    await is('about_judge', kLacks[folder]);
    expect((await page.locator('#do_judge').isDisabled()) && (await page.locator('#judged').isHidden()), 'nothing can be judged');
    return readable_everywhere(page, shot(`judge-${folder}`));
  }

  // The command as it is typed, for what is chosen; then it runs.
  await is('about_judge', 'mine-2 has not been judged yet.');
  const typed = `mudra evaluate ${run('mine-2')} ${integers('mine-2')} --data ${pictures} --pictures --json > ${run('mine-2')}/evaluation.json`;
  equal(await text('text_judge'), typed, 'the command');
  await choose('judge_beside', 'mine-1');
  await is('text_judge', `${integers('mine-2')} ${integers('mine-1')} --data`);
  await judge();
  expect(await page.evaluate(() => document.activeElement.id === 'do_judge'), 'the focus is lost');

  // What training has not seen, as mudra evaluate --split unseen has it.
  const same = [run('mine-2'), integers('mine-2'), integers('mine-1')];
  const unseen = evaluate(...same, '--split', 'unseen', '--pictures').models, all = evaluate(...same, '--pictures').models;
  expect(unseen[0].images >= 16 && unseen[0].images < 64, `${unseen[0].images} of 64 are unseen`);
  const see = async (models, i, which) => {
    const { accuracy, images, classes, confusion, pictures: list } = models[i], names = classes.map(({ name }) => name);
    expect((await text('judge_headline')).includes(`: ${percent(accuracy)} right of ${images} pictures`), await text('judge_headline'));
    const shown = (await table('confusion_rows')).map((row) => row.slice(1, -2).map((cell) => Number(cell.replace('\u00b7', '0'))));
    equal(shown, confusion, `confusion of ${which}`);
    equal((await table('confusion_head'))[0].slice(1, -2), names, 'classes');
    equal((await table('confusion_rows')).map((row) => row.at(-1)), classes.map(({ recall }) => (recall === null ? '-' : percent(recall))), 'recall');
    const wrong = list.filter(({ actual, said }) => actual !== said).sort((a, b) => b.probability - a.probability), right = list.filter(({ actual, said }) => actual === said).sort((a, b) => a.probability - b.probability);
    equal(await files('worst'), [...wrong, ...right].slice(0, 24).map(({ file }) => file), `worst of ${which}`);
  };
  await see(unseen, 1, 'integers, unseen');
  expect((await text('judge_headline')).startsWith('mine-2, integers: '), await text('judge_headline'));
  expect((await text('judge_headline')).includes(`not seen in training; the other ${64 - unseen[0].images} were`), await text('judge_headline'));
  await choose('judge_model', 'mine-2, float');
  await see(unseen, 0, 'float, unseen');
  await choose('judge_which', 'all (64)');
  await see(all, 0, 'float, all');
  expect(/pictures\. Training has seen \d+ of them/.test(await text('judge_headline')), await text('judge_headline'));
  await choose('judge_model', 'mine-2, integers');

  // A cell, by keyboard: its pictures, as pictures.
  const [, list] = all.map(({ pictures: of }) => of), names = all[1].classes.map(({ name }) => name);
  let hits = 0, misses = 0;
  for (const cell of await page.locator('#confusion_rows td button').all()) {
    const [, actual, said, count] = (await cell.getAttribute('aria-label')).match(/^(.*) shown, (.*) said: (\d+)$/);
    await cell.press('Enter');
    const wanted = list.filter((picture) => picture.actual === actual && picture.said === said).sort((a, b) => b.probability - a.probability);
    if (await page.locator('#more_pictures').isVisible()) await page.locator('#more_pictures').press('Enter');
    equal(await files('cell_pictures'), wanted.map(({ file }) => file), `${actual} as ${said}`);
    equal(wanted.length, Number(count), `${actual} as ${said}`);
    equal(await page.locator('#cell_pictures figcaption span:last-child').allTextContents(), wanted.map(({ probability }) => `said ${said} ${percent(probability, 1)}${actual === said ? ', right' : ''}`), 'said');
    expect((await cell.getAttribute('aria-pressed')) === 'true' && (await page.locator('#confusion_rows [aria-pressed=true]').count()) === 1, 'not one cell is pressed');
    actual === said ? ++hits : ++misses;
  }
  expect(hits > 0 && misses > 0, `a network that is always ${hits ? 'right' : 'wrong'} tests little`);
  const image = page.locator('#cell_pictures img').first();
  await image.scrollIntoViewIfNeeded();
  await until(() => image.evaluate((one) => one.naturalWidth > 0), 'the first picture');
  expect(decodeURI(await image.getAttribute('src')) === `/api/pictures/${(await files('cell_pictures'))[0]}`, 'another picture');

  // The threshold: as evaluate has it, at its own, moved by keyboard, and at the ends.
  const slider = page.locator('#judge_threshold'), shown_at = async () => [await text('threshold_value'), await text('threshold_numbers')];
  const wanted_at = ({ threshold, right, unknown, wrong, images }) => [percent(threshold), [['right', 'solid', right], ['unknown', 'dotted', unknown], ['wrong', 'dashed', wrong]]
    .map(([what, line, share]) => `${what} (${line}) ${percent(share)}, ${Math.round(share * images)}`).join('; ')];
  equal(await shown_at(), wanted_at(all[1]), 'at its own threshold');
  for (const [key, value] of [['Home', 0], ['End', 1], ['ArrowLeft', 0.99]]) {
    await slider.press(key);
    await until(async () => (await text('threshold_value')) === percent(value), `${key}: ${percent(value)}`);
    const { threshold, right, unknown, wrong, images } = evaluate(...same, '--threshold', `${100 * value}%`).models[1];
    equal(await shown_at(), wanted_at({ threshold, right, unknown, wrong, images }), `threshold by ${key}`);
  }
  equal(await page.locator('#threshold_curves polyline').evaluateAll((lines) => lines.map((line) => line.getAttribute('points').split(' ').length)), [101, 101, 101], 'curves');
  const marked = await page.locator('#threshold_curves circle').evaluateAll((dots) => dots.map((dot) => Number(dot.getAttribute('cx'))));
  expect(marked.length === 3 && marked.every((x) => Math.abs(x - (52 + 0.99 * 336)) < 0.1), `dots at ${marked}`);

  // By person and sitting, with what training has seen.
  const sittings = await table('sitting_rows'), of_sitting = (name) => list.filter(({ file }) => file.startsWith(`${name}-`) || file.startsWith(`${name}/`));
  equal(sittings.map(([name]) => name), ['ana', 'ana-1', 'ana-2', 'ana-3', 'bea', 'bea-1'], 'sittings');
  for (const [name, count, seen, right, accuracy] of sittings) {
    const of = of_sitting(name), known = of.filter(({ file }) => all.some((model) => model.pictures.find((one) => one.file === file).seen)).length, good = of.filter(({ actual, said }) => actual === said).length;
    equal([count, seen, right, accuracy], [String(of.length), known === 0 ? 'not seen' : known === of.length ? 'seen' : `${known} seen`, String(good), percent(good / of.length)], name);
  }
  equal(sittings.at(-1)[2], 'not seen', 'bea-1');

  // Side by side: each accuracy, and the pictures that two answer differently.
  const rows = await table('model_rows');
  equal(rows.map((row) => [row[0], row[1], row[3], ...row.slice(4, 7)]), all.map(({ accuracy, threshold, right, unknown, wrong }, i) =>
    [['mine-2, float', 'mine-2, integers', 'mine-1, integers'][i], percent(accuracy), ...[threshold, right, unknown, wrong].map((share) => percent(share))]), 'side by side');
  const unlike = (i) => list.filter(({ said }, j) => all[i].pictures[j].said !== said).map(({ file }) => file);
  equal(rows.map((row) => Number(row[2])), [0, 1, 2].map((i) => unlike(i).length), 'answered differently');
  expect(unlike(2).length > 0, 'both networks answer the same');
  await page.locator('#model_rows button').last().press('Enter');
  const more = page.locator('#more_pictures');
  expect((await files('cell_pictures')).length === Math.min(12, unlike(2).length), 'more pictures than at first');
  while (await more.isVisible()) await more.press('Enter');
  equal(await files('cell_pictures'), unlike(2), 'pictures answered differently');
  expect(await more.isHidden(), 'more than all pictures');
  const recall = (i) => all[i].classes.map((one) => one.recall), sign = (more) => (Math.abs(more) < 5e-5 ? '' : ` (${more > 0 ? '+' : '\u2212'}${Math.abs(100 * more).toFixed(1)})`);
  equal((await table('class_rows')).map((row) => row.slice(2)), names.map((_, c) => [0, 1, 2].map((i) => percent(recall(i)[c]) + (i === 1 ? '' : sign(recall(i)[c] - recall(1)[c])))), 'by class');
  expect(faults.length === 0, faults.join('; '));
  await readable_everywhere(page, shot('judge'));

  // An earlier run alone, by the network alone; pictures that came or went; files that others wrote.
  await choose('judge_beside', 'nothing');
  await choose('judge_run', 'mine-1');
  await is('about_judge', 'mine-1 has not been judged yet.');
  expect(await page.locator('#judged').isHidden(), 'the numbers of another run');
  renameSync(integers('mine-1'), 'model.espdl');
  await page.locator('#tab_train').click();
  await page.locator('#tab_judge').click();
  await is('about_judge', 'mine-1 has not been judged yet.');
  await is('text_judge', `mudra evaluate ${run('mine-1')} --data ${pictures} --pictures --json > ${run('mine-1')}/evaluation.json`);
  await judge();
  await is('about_judge', 'its integers come from quantize');
  expect((await page.locator('#models').isHidden()) && (await text('judge_headline')).startsWith('mine-1, float: '), await text('judge_headline'));
  renameSync(`${pictures}/bea-1`, 'bea-1');
  const evaluation = JSON.parse(readFileSync(`${run('mine-1')}/evaluation.json`)), again = async () => {
    writeFileSync(`${run('mine-2')}/evaluation.json`, typeof evaluation === 'string' ? evaluation : JSON.stringify(evaluation));
    await choose('judge_run', 'mine-1');
    await is('text_judge', `evaluate ${run('mine-1')} `);
    await choose('judge_run', 'mine-2');
    await is('text_judge', `evaluate ${run('mine-2')} `);
  };
  const bad = '<img src=x onerror="document.title=1">';
  evaluation.classes[0].name = bad;
  evaluation.pictures.length = 3;
  for (const [i, file] of [bad, '../../../state', '..%2f/a/b'].entries()) Object.assign(evaluation.pictures[i], { file, actual: bad, said: bad, probability: 1 - i / 10, seen: false });
  let asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await again();
  await is('about_judge', '3 pictures were judged, and 48 are there now: judge again');
  equal((await table('confusion_rows'))[0][0], bad, 'a class with markup');
  equal(await files('cell_pictures'), [bad, '../../../state', '..%2f/a/b'], 'files with markup');
  expect((await page.locator('#judge img[src]').count()) === 0 && asked.every((path) => !path.startsWith('/api/pictures/') || /^.api.pictures.(ana|bea)(-\d)?\/\w+\/\d+.png$/.test(path)), `asked for ${asked}`);
  expect((await page.locator('#judge img[onerror]').count()) === 0 && (await page.title()).startsWith('my-hands'), 'markup became more than text');
  for (const pictures_of of [[], [null], [1], [{ file: 1 }], 'x']) {
    evaluation.pictures = pictures_of;
    await again();
    await is('trouble', `${run('mine-2').slice(folder.length + 1)}/evaluation.json lists no pictures: judge again`);
    expect(await page.locator('#judged').isHidden(), 'numbers of nothing');
  }
  writeFileSync(`${run('mine-2')}/evaluation.json`, '{"half": ');
  await choose('judge_run', 'mine-1');
  await is('text_judge', `evaluate ${run('mine-1')} `);
  await choose('judge_run', 'mine-2');
  await is('trouble', 'lists no pictures: judge again');
  await page.locator('#trouble').waitFor();
}

await browse_page(link, [], faults, use);
const others = faults.filter((fault) => !fault.includes('/api/pictures/bea-1/')); // which were taken away here
expect(others.length === 0, others.join('; '));
