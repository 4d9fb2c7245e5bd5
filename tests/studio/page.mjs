// page.mjs LINK FOLDER PICTURE.png... [--screenshots DIR]: a person before the page of a studio, by keyboard alone; the fake camera
// sees the pictures in turn.
import { execFileSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { browse_page, expect, fake_camera, readable_everywhere, write_camera } from './browser.mjs';
import { read_png } from './png.mjs';

const [link, folder, ...pictures] = process.argv.slice(2), screenshots = process.env.SCREENSHOTS;
const faults = [], begin = Date.now();
const lap = (what) => console.log(`${what} after ${((Date.now() - begin) / 1000).toFixed(1)} s`);
const files_in = (path) => (existsSync(`${folder}/${path}`) ? readdirSync(`${folder}/${path}`).length : 0);
const kept = (label) => files_in(`pictures/ana-1/${label}`);
const text_of = (page, id) => page.locator(`#${id}`).textContent();
async function until(good, what) {
  for (let left = 1200; !(await good()); --left) {
    expect(left > 0, `waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
const text_is = (page, id, wanted) => until(async () => ((await text_of(page, id)) ?? '').includes(wanted), `${wanted} in #${id}`)
  .catch(async (error) => { throw new Error(`${error.message}: ${await text_of(page, id)}`); });
const shot = (name) => screenshots && `${screenshots}/${name}`;

async function see_data(page) {
  const all = ['palm', 'fist', 'none'].map((label) => [label, kept(label)]), [palm, fist] = [kept('palm'), kept('fist')];
  const cells = page.locator('[role=gridcell]'), chosen = page.locator('[role=gridcell][aria-selected=true]');
  const chosen_name = () => chosen.getAttribute('aria-label');
  await until(async () => (await cells.count()) === all.reduce((sum, [, count]) => sum + count, 0), 'all pictures in the grid');
  expect(String(await page.locator('[role=rowheader]').allTextContents()) === String(all.map(([label, count]) => `${label}, ana-1: ${count}`)), await text_of(page, 'grid'));
  expect((await page.locator('#counts tr').first().textContent()).startsWith(`all${palm + fist + kept('none')}${palm}0${fist}0`), await text_of(page, 'counts'));
  const balance = await text_of(page, 'balance');
  expect(/Nothing yet of l, .*rock\./.test(balance) && balance.includes('All are of one sitting'), balance);
  expect((await page.locator('[role=gridcell][tabindex="0"]').count()) === 1, 'not one picture has the focus of the grid');
  await until(() => cells.first().locator('img').evaluate((image) => image.naturalWidth === 240), 'the first picture');

  // By arrows; a digit, Delete, and all of it back.
  await page.locator('[role=gridcell][tabindex="0"]').focus();
  expect((await chosen_name()) === 'palm of ana-1, 0001.png', await chosen_name());
  await page.keyboard.press('ArrowRight');
  expect((await chosen_name()) === 'palm of ana-1, 0002.png', await chosen_name());
  await page.keyboard.press('ArrowDown');
  expect((await chosen_name()).startsWith('fist of ana-1, 0002'), await chosen_name());
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('End');
  expect((await chosen_name()).startsWith('none'), await chosen_name());
  await page.keyboard.press('Home');
  await page.keyboard.press('3');
  await page.keyboard.press('Delete');
  await until(() => kept('palm') === palm - 2 && kept('fist') === fist + 1 && files_in('trash/ana-1/palm') === 1, 'one relabelled and one in the trash');
  expect((await page.locator('#counts tr').nth(1).textContent()).startsWith(`ana-1${palm + fist + kept('none') - 1}${palm - 2}0${fist + 1}0`), await text_of(page, 'counts'));
  expect((await text_of(page, 'data_said')) === 'one of palm is in the trash', await text_of(page, 'data_said'));
  expect((await cells.count()) === (await page.locator('[role=gridcell] img').count()) && (await chosen.count()) === 1, 'nothing, or more than one, is chosen');
  await page.keyboard.press('z');
  await page.keyboard.press('Z');
  await until(() => kept('palm') === palm && kept('fist') === fist && files_in('trash/ana-1/palm') === 0, 'both are back');
  await until(() => page.evaluate(() => document.activeElement.getAttribute('aria-label')?.startsWith('palm of ana-1')), 'what is back has the focus');
  expect(await page.locator('#bring_back').isDisabled(), 'there is more to undo');

  // By buttons; and a picture that is gone, which is said.
  await cells.first().click();
  await page.locator('#relabel_to').selectOption('none');
  await page.locator('#relabel').click();
  await until(() => kept('palm') === palm - 1, 'the button says what it shows');
  await page.locator('#bring_back').click();
  await until(() => kept('palm') === palm, 'the button brings it back');
  await readable_everywhere(page, shot('data'));
  expect(faults.length === 0, faults.join('; '));
  rmSync(`${folder}/pictures/ana-1/none`, { recursive: true });
  await page.locator('[role=gridcell]').last().click();
  await page.keyboard.press('Delete');
  await text_is(page, 'trouble', 'there is no such picture any more');
  await until(async () => (await cells.count()) === palm + fist, 'what is there is seen');
  await page.waitForTimeout(100);
  faults.length = 0;

  lap('data pane without thousands');
  // Thousands: only those that are seen are loaded, and scrolling does not stall.
  const many = `${folder}/pictures/bea-1/palm`, kMany = 5000;
  mkdirSync(many, { recursive: true });
  for (let i = 1; i <= kMany; ++i) linkSync(`${folder}/pictures/ana-1/palm/${readdirSync(`${folder}/pictures/ana-1/palm`)[0]}`, `${many}/${String(i).padStart(4, '0')}.png`);
  let loaded = 0;
  const counting = (request) => { loaded += request.url().includes('/api/pictures/'); };
  page.on('request', counting);
  await page.locator('#tab_live').click();
  const start = Date.now();
  await page.locator('#tab_data').click();
  await until(async () => (await cells.count()) === kMany + palm + fist, 'thousands of pictures');
  const shown_ms = Date.now() - start;
  const loading = () => page.evaluate(() => { const images = [...document.querySelectorAll('#grid img[src]')]; return images.length === 0 || images.some(({ complete }) => !complete); });
  await until(async () => !(await loading()), 'those that are seen');
  const loaded_first = loaded;
  const longest = await page.evaluate(async () => {
    let last = performance.now(), most = 0;
    for (let step = 0; step < 6; ++step) {
      scrollBy(0, 400);
      await new Promise(requestAnimationFrame);
      most = Math.max(most, performance.now() - last);
      last = performance.now();
    }
    return most;
  });
  console.log(`${kMany} pictures: in the grid after ${shown_ms} ms, ${loaded_first} loaded, the longest frame of scrolling ${longest.toFixed(0)} ms`);
  expect(loaded > loaded_first && loaded_first < 500, `${loaded_first} of ${kMany} were loaded, then ${loaded}`);
  await until(async () => !(await loading()), 'those that were scrolled to');
  page.off('request', counting);
  rmSync(`${folder}/pictures/bea-1`, { recursive: true });
}

async function see_train(page) {
  const run = (name) => `${folder}/runs/${name}`;
  await page.keyboard.press('Escape');
  await text_is(page, 'text_train', `mudra train --data synthetic:8000 --out ${run('rendered-1')}`);
  expect((await page.locator('#do_resume').isDisabled()) && (await page.locator('#do_quantize').isDisabled()), 'more can be done than train');
  await page.locator('#hands').fill('64');
  await page.locator('#epochs').fill('0');
  await until(() => page.locator('#trouble').isVisible(), 'no epochs are refused');
  await page.locator('#epochs').fill('900');
  const typed = `mudra train --data synthetic:64 --out ${run('rendered-1')} --epochs 900`;
  await text_is(page, 'text_train', typed);
  expect(await page.locator('#trouble').isHidden(), 'the trouble stays');
  await page.context().grantPermissions(['camera', 'clipboard-read', 'clipboard-write']);
  await page.locator('#copy_train').click();
  expect((await page.evaluate(() => navigator.clipboard.readText())) === typed, 'the command was not copied');

  // Runs, with curves; stopped, gone on with, crashed.
  const curve = (id) => page.locator(`#${id}_curves polyline`).evaluateAll((lines) => lines.map((line) => line.getAttribute('points').split(' ').length));
  await page.locator('#do_train').press('Enter');
  await text_is(page, 'command_state', 'runs');
  expect((await text_of(page, 'command_text')) === typed, await text_of(page, 'command_text'));
  await until(async () => (await curve('loss'))[0] >= 2 && (await curve('accuracy'))[1] >= 2, 'curves of two epochs');
  expect(/^validation \(solid\) \d\.\d{3}, training \(dashed\) \d\.\d{3}$/.test(await text_of(page, 'loss_numbers')), await text_of(page, 'loss_numbers'));
  expect((await page.locator('#accuracy_curves text').allTextContents()).join(' ').includes('0 20 40 60 80 100'), 'an axis without numbers');
  for (const label of ['epoch', 'accuracy, %']) expect((await page.locator('#accuracy_curves text').allTextContents()).includes(label), `an axis without ${label}`);
  expect(await page.locator('#do_train').isDisabled(), 'two commands at a time');
  await page.locator('#last_line').click();
  await text_is(page, 'command_lines', 'epoch');
  await readable_everywhere(page, shot('train'));
  await page.locator('#last_line').click();
  await page.locator('#stop_training').press('Enter');
  await text_is(page, 'command_state', 'stopped');
  await text_is(page, 'text_resume', `mudra train --resume --out ${run('rendered-1')}`);
  const [before] = await curve('loss');
  await page.locator('#do_resume').press('Enter');
  await until(async () => (await curve('loss'))[0] > before, 'it goes on');
  process.kill(Number(execFileSync('pgrep', ['-P', process.env.STUDIO])), 'SIGKILL');
  await text_is(page, 'command_state', 'it was ended by a signal: Killed');
  expect(await page.locator('#command_bar.bad').isVisible(), 'a crash looks like an end');

  lap('stopped, resumed, killed');
  // To its end, and its integers, the next button.
  await page.locator('#epochs').fill('1');
  await text_is(page, 'text_train', `--out ${run('rendered-2')} --epochs 1`);
  await page.locator('#do_train').press('Enter');
  await text_is(page, 'command_state', 'done');
  await text_is(page, 'text_quantize', '--recipe best ');
  await until(() => page.evaluate(() => document.activeElement.id === 'do_quantize'), 'the next button');
  await page.locator('#recipe').selectOption('int8');
  await page.locator('#do_quantize').focus();
  await text_is(page, 'text_quantize', `mudra quantize ${run('rendered-2')} --data synthetic:240 --recipe int8 --out ${run('rendered-2')}/model.espdl`);
  expect((await text_of(page, 'train_said')) === 'rendered-2: epoch 1' && (await curve('loss'))[0] === 1, await text_of(page, 'train_said'));
  await page.keyboard.press('Enter');
  await text_is(page, 'about_quantize', 'rendered-2 has its integers already');
  expect(existsSync(`${run('rendered-2')}/model.espdl`), 'there are no integers');
  await text_is(page, 'text_train', `mudra train --from ${run('rendered-2')} --data ${folder}/pictures --out ${run('mine-1')}`);
}

write_camera('camera.y4m', pictures.map(read_png), 3);
await browse_page(link, fake_camera('camera.y4m'), faults, async (page) => {
  expect(!page.url().includes('token'), 'the token stays in the address');
  await page.waitForFunction(() => document.getElementById('capture_camera').videoWidth > 0 && document.getElementById('classes').children.length > 0);

  // What was interrupted at the last end, as text whatever it is.
  await text_is(page, 'command_state', 'interrupted when the studio last ended');
  expect((await text_of(page, 'command_text')) === 'mudra train <b>x</b>', await text_of(page, 'command_text'));
  expect(await page.locator('#command_stop').isDisabled(), 'what does not run can be stopped');

  // The name first; while it is typed, keys are letters.
  await page.keyboard.press('Tab');
  await page.locator('#person').focus();
  await page.keyboard.type('ana1');
  await page.keyboard.press('Backspace');
  expect((await page.locator('#person').inputValue()) === 'ana', 'keys were taken while typing');
  await page.keyboard.press('Enter');
  for (const [digit, label] of [['1', 'palm'], ['3', 'fist'], ['9', 'none']]) {
    await page.keyboard.press(digit);
    expect((await page.locator('[role=radio][aria-checked=true]').textContent()).includes(label), `${digit} does not choose ${label}`);
    await page.keyboard.down(' ');
    await until(() => kept(label) >= 3, `three pictures of ${label}: ${kept(label)}`);
    await page.keyboard.up(' ');
    await page.waitForTimeout(400);
  }
  expect(/scene/.test(await text_of(page, 'hint')), 'there is no hint for none');
  const before = kept('none');
  await page.keyboard.press('Backspace');
  await until(() => kept('none') === before - 1, 'one was taken back');
  await until(async () => (await page.locator('[role=radio]').nth(8).textContent()) === `9none${before - 1}`, 'the counter follows');

  // A gesture of one's own, and what cannot be one.
  await page.locator('#new_class').fill('rock');
  await page.locator('#add_class').click();
  await until(async () => (await page.locator('[role=radio]').count()) === 10, 'another class');
  faults.length === 0 || expect(false, faults.join('; '));
  await page.locator('#new_class').fill('<b>..</b>');
  await page.locator('#add_class').click();
  await page.waitForFunction(() => !document.getElementById('trouble').hidden);
  expect((await text_of(page, 'trouble')).includes("'<b>..</b>' is no name"), await text_of(page, 'trouble'));
  faults.length = 0; // the browser calls an answer of 400 an error
  await page.locator('#new_class').fill('');

  await readable_everywhere(page, shot('capture'));
  lap('capture');

  // The tabs, by arrow keys.
  for (const tab of await page.locator('[role=tab]').all())
    expect((await page.locator(`#${await tab.getAttribute('aria-controls')}`).getAttribute('role')) === 'tabpanel', 'a tab without its panel');
  await page.locator('[role=tab][aria-selected=true]').focus();
  await page.keyboard.press('ArrowRight');
  await see_data(page);
  lap('data');
  await page.locator('#tab_data').focus();
  await page.keyboard.press('ArrowRight');
  await see_train(page);
  lap('train');

  // Live has the integers that were made of it.
  await page.locator('#tab_live').click();
  await text_is(page, 'model', 'model.espdl: ');
  await until(async () => (await page.locator('#bars tr').count()) > 1 && / %$/.test(await page.locator('#bars tr').first().textContent()), 'bars of its classes');
  expect(await page.locator('#capture').isHidden(), 'two panes are seen');
  await readable_everywhere(page, shot('live'));
  lap('live');
});
expect(faults.length === 0, faults.join('; '));

// Without a camera.
await browse_page(link, ['--deny-permission-prompts', '--use-fake-device-for-media-stream'], faults, async (page) => {
  await page.waitForFunction(() => !document.getElementById('trouble').hidden);
  expect((await text_of(page, 'trouble')).includes('the camera was refused'), await text_of(page, 'trouble'));
  // What was told before this page was there.
  await text_is(page, 'command_text', 'mudra quantize ');
  await text_is(page, 'command_state', 'done');
});
expect(faults.length === 0, faults.join('; '));
console.log(`pictures kept: ${kept('palm')} palm, ${kept('fist')} fist, ${kept('none')} none`);
