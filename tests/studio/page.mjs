// page.mjs LINK FOLDER PICTURE.png... [--screenshots DIR]: a person before the page of a studio, by keyboard alone; the fake camera
// sees the pictures in turn.
import { readdirSync, existsSync } from 'node:fs';
import { browse_page, expect, fake_camera, readable_everywhere, write_camera } from './browser.mjs';
import { read_png } from './png.mjs';

const [link, folder, ...pictures] = process.argv.slice(2), screenshots = process.env.SCREENSHOTS;
const faults = [];
const kept = (label) => (existsSync(`${folder}/pictures/ana-1/${label}`) ? readdirSync(`${folder}/pictures/ana-1/${label}`).length : 0);
const text_of = (page, id) => page.locator(`#${id}`).textContent();
async function until(good, what) {
  for (let left = 200; !(await good()); --left) {
    expect(left > 0, `waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
const shot = (name) => screenshots && `${screenshots}/${name}`;

write_camera('camera.y4m', pictures.map(read_png), 3);
await browse_page(link, fake_camera('camera.y4m'), faults, async (page) => {
  expect(!page.url().includes('token'), 'the token stays in the address');
  await page.waitForFunction(() => document.getElementById('capture_camera').videoWidth > 0 && document.getElementById('classes').children.length > 0);

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

  // The tabs, by arrow keys; there is no model yet.
  await page.locator('[role=tab][aria-selected=true]').focus();
  await page.keyboard.press('End');
  for (const tab of await page.locator('[role=tab]').all())
    expect((await page.locator(`#${await tab.getAttribute('aria-controls')}`).getAttribute('role')) === 'tabpanel', 'a tab without its panel');
  await page.locator('#tab_live').focus();
  await page.locator('#tab_live').click();
  await page.waitForFunction(() => !document.getElementById('problem').hidden);
  expect((await text_of(page, 'problem')).startsWith('there is no model in this folder yet'), await text_of(page, 'problem'));
  expect(await page.locator('#capture').isHidden(), 'two panes are seen');
  await readable_everywhere(page, shot('live'));
});
expect(faults.length === 0, faults.join('; '));

// Without a camera.
await browse_page(link, ['--deny-permission-prompts', '--use-fake-device-for-media-stream'], faults, async (page) => {
  await page.waitForFunction(() => !document.getElementById('trouble').hidden);
  expect((await text_of(page, 'trouble')).includes('the camera was refused'), await text_of(page, 'trouble'));
});
expect(faults.length === 0, faults.join('; '));
console.log(`pictures kept: ${kept('palm')} palm, ${kept('fist')} fist, ${kept('none')} none`);
