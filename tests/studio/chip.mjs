// chip.mjs LINK FOLDER none|board: the pane Chip by keyboard, of a studio without a board or with one.
import { existsSync, readFileSync, utimesSync } from 'node:fs';
import { browse_page, expect, readable_everywhere, text_is as text_is_on, text_of as text_of_page, until } from './browser.mjs';

const [link, folder, kind] = process.argv.slice(2), screenshots = process.env.SCREENSHOTS;
const faults = [], begin = Date.now();
const lap = (what) => console.log(`${what} after ${((Date.now() - begin) / 1000).toFixed(1)} s`);
const run = (name) => `${folder}/runs/${name}`;

await browse_page(link, ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'], faults, async (page) => {
  const text_of = (id) => text_of_page(page, id), text_is = (id, wanted) => text_is_on(page, id, wanted);
  const press = async (id) => {
    await until(() => page.locator(`#${id}`).isEnabled(), `${id} can be pressed`);
    await page.locator(`#${id}`).press('Enter');
  };
  const ended = (how) => text_is('command_state', how);
  await until(() => page.evaluate(() => document.activeElement.id === 'person'), 'the page is there, and has put the focus where it wants it');
  await page.locator('#tab_capture').focus();
  for (let i = 0; i < 4; ++i) await page.keyboard.press('ArrowRight');
  await until(async () => (await page.locator('#chip_run option').count()) === 3, 'the runs');
  expect((await page.locator('#chip_run').inputValue()) === (kind === 'none' ? 'first' : 'many'), 'the run with the latest integers is not chosen');

  if (kind === 'none') {
    expect(await page.locator('#with_board').isHidden() && (await text_of('no_board')).includes('mudra studio FOLDER --board PORT'), 'it is not said how to have a board');
    expect(await page.locator('#costs').isHidden(), 'there are costs before they are asked for');
    await text_is('text_profile', `mudra profile ${run('first')}/model.espdl --json > ${run('first')}/profile.json`);
    await press('do_profile');
    await ended('done');
    await until(() => page.locator('#costs').isVisible(), 'the costs');
    await until(() => page.evaluate(() => document.activeElement.id === 'do_profile'), 'the focus is back');
    const costs = JSON.parse(readFileSync(`${run('first')}/profile.json`));
    expect((await text_of('total')).includes(`${(costs.us / 1000).toFixed(2)} ms`) && (await text_of('total')).includes('an estimate'), await text_of('total'));
    expect((await page.locator('#layers tr').count()) === costs.nodes.length, 'not all layers');
    for (const [i, node] of costs.nodes.entries()) {
      const row = page.locator('#layers tr').nth(i), cells = await row.locator('th, td').allTextContents();
      expect(String(cells.slice(0, 5)) === String([node.node, node.operation, node.kernel, node.instructions.toLocaleString('en'), (node.us / 1000).toFixed(3)]), String(cells));
      expect(Math.abs((await row.locator('meter').evaluate(({ value }) => value)) - node.us) < 1e-6, 'another bar');
    }
    // Memory: a block each, in its place, and words.
    const { bytes, blocks, steps } = costs.memory;
    expect((await page.locator('#memory rect.memory title').count()) === blocks.length, 'not all blocks');
    const largest = blocks.reduce((a, b) => (b.bytes > a.bytes ? b : a)), title = `${largest.name}: ${largest.bytes.toLocaleString('en')} bytes at ${largest.offset.toLocaleString('en')}`;
    expect((await page.locator('#memory title').allTextContents()).includes(title), `no ${title}`);
    expect((await page.locator('#memory').getAttribute('aria-label')).includes(`${bytes.toLocaleString('en')} bytes are all that one picture needs, over ${steps.length} step`), 'the picture has no words');
    await page.locator('#memory_figure summary').press('Enter');
    expect((await page.locator('#memory_steps tr').count()) === steps.length, 'not all steps in the table');
    // Boards.
    const boards = await page.locator('#boards tr').allTextContents();
    expect(boards.length === costs.boards.length && boards.every((row) => row.includes('\u2713 yes')), boards.join('; '));
    expect((await page.locator('#board_kind option').allTextContents()).includes('xiao'), 'boards cannot be chosen');
    await readable_everywhere(page, screenshots && `${screenshots}/chip`);
    lap('costs');

    // Firmware; it is there already, then it is written anew.
    await page.locator('#board_kind').selectOption('eye');
    await text_is('text_deploy', `mudra deploy ${run('first')}/model.espdl --board eye --out ${run('first')}/firmware`);
    await press('do_deploy');
    await ended('done');
    await text_is('deployed_said', `${run('first')}/firmware is a complete ESP-IDF project.`);
    await text_is('deployed_next', `idf.py -C ${run('first')}/firmware -p /dev/ttyACM0 flash`);
    await press('do_deploy');
    await ended('it failed, with 1');
    await until(() => page.locator('#deployed').isHidden(), 'what was said before is hidden');
    await page.locator('#replace').press(' ');
    await text_is('text_deploy', ' --replace');
    await press('do_deploy');
    await ended('done');
    await text_is('deployed_next', 'idf.py');
    lap('firmware');

    // One that no board takes, and the costs of one that was quantized anew are not shown.
    await page.locator('#chip_run').selectOption('many');
    await text_is('text_profile', `${run('many')}/model.espdl`);
    expect(await page.locator('#costs').isHidden(), 'these are the costs of another');
    await press('do_profile');
    await text_is('boards', '\u2717 no: it has 65 classes; the board takes up to 64');
    utimesSync(`${run('many')}/model.espdl`, new Date(), new Date(Date.now() + 2000));
    await page.locator('#chip_run').selectOption('first');
    await until(() => page.locator('#costs').isVisible(), 'the costs of the first again');
    await page.locator('#chip_run').selectOption('many');
    await until(() => page.locator('#costs').isHidden(), 'costs of a model that is there no more are hidden');
    return;
  }

  await page.locator('#chip_run').selectOption('first');
  expect(await page.locator('#no_board').isHidden(), 'there is a board');
  await text_is('text_send', `mudra send ${run('first')}/model.espdl --port tty`);
  await text_is('text_bench', `mudra monitor --port tty --model ${run('first')}/model.espdl --bench 100 --selftest --json > ${run('first')}/board.json`);
  // The board has another model yet.
  await press('do_bench');
  await ended('it failed, with 1');
  await text_is('last_line', 'the board has another model');
  expect(await page.locator('#benched').isHidden(), 'times of another model are shown');
  lap('another model');

  await page.evaluate(() => {
    window.parts = [];
    new MutationObserver(() => window.parts.push([document.getElementById('sent').value, document.getElementById('sent_said').textContent]))
      .observe(document.getElementById('sent_said'), { childList: true, characterData: true, subtree: true });
  });
  await press('do_send');
  await ended('done');
  await text_is('sent_said', 'first is on the board: used from now on: ');
  const parts = await page.evaluate(() => window.parts);
  expect(parts.some(([value, text]) => value > 0 && value < 1 && /^[\d,]+ of [\d,]+ bytes$/.test(text)), `no progress was seen: ${JSON.stringify(parts)}`);
  expect((await page.locator('#sent').evaluate(({ value }) => value)) === 1, 'the bar is not full');
  await text_is('command_lines', 'self-test 2 of mudra: equal');
  lap('sent');

  await press('do_bench');
  await until(() => page.locator('#benched').isVisible(), 'times and self-test');
  const board = JSON.parse(readFileSync(`${run('first')}/board.json`)), rows = await page.locator('#bench tr').allTextContents();
  expect(rows.length === 3 && rows[0].startsWith('board, mudra') && rows[1].startsWith('estimated, mudra') && rows[2].startsWith('this PC'), rows.join('; '));
  expect(rows[0].includes((board.bench[0].median_us / 1000).toFixed(3)) && rows[2].includes((board.bench_pc.median_us / 1000).toFixed(3)), rows.join('; '));
  await text_is('selftest', 'all 2 outputs equal');
  await readable_everywhere(page, screenshots && `${screenshots}/chip-board`);
  lap('bench');

  // What the board finds wrong.
  await page.locator('#chip_run').selectOption('wrong');
  await text_is('text_send', run('wrong'));
  expect(await page.locator('#benched').isHidden(), 'times of another run are shown');
  await press('do_send');
  await ended('it failed, with 1');
  await text_is('sent_said', 'wrong is not on the board: mudra: ');
  await text_is('sent_said', 'an output differs from the recorded one; it goes on with the model it had');
  expect(!existsSync(`${run('wrong')}/board.json`), 'there are times of what never ran');
  lap('refused');
});
expect(faults.length === 0, faults.join('; '));
