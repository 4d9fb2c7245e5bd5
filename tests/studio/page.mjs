// page.mjs LINK FOLDER PICTURE.png... [--screenshots DIR]: a person before the page of a studio, by keyboard alone; the fake camera
// sees the pictures in turn.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { browse_page, expect, fake_camera, readable_everywhere, text_is, text_of, until, write_camera } from './browser.mjs';
import { read_png } from './png.mjs';

const [link, folder, ...pictures] = process.argv.slice(2), screenshots = process.env.SCREENSHOTS;
const faults = [], begin = Date.now();
const lap = (what) => console.log(`${what} after ${((Date.now() - begin) / 1000).toFixed(1)} s`);
const files_in = (path) => (existsSync(`${folder}/${path}`) ? readdirSync(`${folder}/${path}`).length : 0);
const kept = (label) => files_in(`pictures/ana-1/${label}`);
const shot = (name) => screenshots && `${screenshots}/${name}`;

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
  await until(async () => /^rendered-1: epoch \d+ of 900, about \d+ (s|min) left$/.test(await text_of(page, 'train_said')), 'how long it takes');
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
  await text_is(page, 'text_quantize', `mudra quantize ${run('rendered-2')} --data synthetic:960 --recipe int8 --out ${run('rendered-2')}/model.espdl`);
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
  await text_is(page, 'balance', `${kept('palm') + kept('fist') + kept('none')} pictures.`);
  await page.keyboard.press('ArrowRight');
  await see_train(page);
  lap('train');

  // Live has the integers that were made of it.
  await page.locator('#tab_live').click();
  await text_is(page, 'model', 'rendered-2: ');
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
