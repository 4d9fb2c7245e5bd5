// board.mjs LINK FOLDER: a person before a studio whose board is ./tty, by keyboard; the board is started, unplugged and plugged in here.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { browse_page, expect, readable_everywhere, text_is as text_is_on, until } from './browser.mjs';
import { read_png } from './png.mjs';

const [link, folder] = process.argv.slice(2), screenshots = process.env.SCREENSHOTS, studio = process.env.STUDIO;
const faults = [], begin = Date.now(), model = `${folder}/runs/first/model.espdl`;
const lap = (what) => console.log(`${what} after ${((Date.now() - begin) / 1000).toFixed(1)} s`);
const kept = (label) => (existsSync(`${folder}/pictures/ana-1/${label}`) ? readdirSync(`${folder}/pictures/ana-1/${label}`) : []);
const ticks = () => readFileSync(`/proc/${studio}/stat`, 'latin1').split(' ').slice(13, 15).reduce((sum, part) => sum + Number(part), 0);
let board = null;

async function plug_in() {
  board = spawn(process.env.MUDRA_BOARD, ['--link', `${process.cwd()}/tty`, '--model', model, '--camera', 'camera.pgm'], { stdio: 'ignore' });
  await until(() => existsSync('tty'), 'the board is there');
}
async function unplug() {
  const gone = new Promise((resolve) => board.on('exit', resolve));
  board.kill('SIGKILL');
  await gone;
  rmSync('tty', { force: true });
}
// Whether the studio has the board's port open.
function is_open() {
  const port = realpathSync('tty');
  return readdirSync(`/proc/${studio}/fd`).some((fd) => { try { return readlinkSync(`/proc/${studio}/fd/${fd}`) === port; } catch { return false; } });
}

await plug_in();
await browse_page(link, ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'], faults, async (page) => {
  const text_is = (id, wanted) => text_is_on(page, id, wanted);
  const show = async (name) => {
    await page.locator(`#tab_${name}`).press('Enter');
    await until(() => page.locator(`#${name}`).isVisible(), name);
  };
  await page.locator('#tab_capture[aria-selected=true]').waitFor();
  await page.locator('#use_board').waitFor();
  expect(!is_open(), 'the port is open before anybody looks');

  // Captured, each pixel as the chip got it.
  await page.locator('#person').fill('ana');
  await page.locator('#person').press('Enter');
  await page.locator('#use_board').press('Enter');
  await until(() => page.locator('#capture_board').evaluate(({ width, hidden }) => width === 96 && !hidden), 'what the board sees');
  expect(is_open() && (await page.locator('#capture_camera').isHidden()), 'that is the camera of this computer');
  await page.locator('#use_board').evaluate((button) => button.blur());
  await page.keyboard.press('3');
  await page.keyboard.down(' ');
  await until(() => kept('fist').length >= 3, `three pictures: ${kept('fist').length}`);
  await page.keyboard.up(' ');
  await text_is('capture_said', 'in the sitting ana-1');
  for (const file of kept('fist')) {
    const { width, height, data } = read_png(`${folder}/pictures/ana-1/fist/${file}`), shade = data[0];
    expect(width === 96 && height === 96, `${file} is ${width} x ${height}`);
    expect(shade % 20 < 10 && data[4 * 96 * 95] > shade + 25, `${file} is not what the camera saw: ${shade}, ${data[4 * 96 * 95]}`);
  }
  await page.waitForTimeout(300);
  const before = kept('fist').length;
  await page.keyboard.press('Backspace');
  await until(() => kept('fist').length === before - 1, 'one is taken back');
  await readable_everywhere(page, screenshots && `${screenshots}/board-capture`);
  lap('captured');

  // Live: this page's answer beside the board's.
  await show('live');
  await page.locator('#live_board').waitFor(); // what is hidden takes no focus
  await page.locator('#live_board').press('Enter');
  await text_is('board_says', 'All its percentages are those of this page.');
  await text_is('source', 'the board: what its network gets');
  expect(await page.locator('#camera').isHidden(), 'two cameras are seen');
  await readable_everywhere(page, screenshots && `${screenshots}/board-live`);
  lap('live');

  // The plug.
  await unplug();
  await text_is('trouble', 'the port vanished');
  await plug_in();
  await until(() => page.locator('#trouble').isHidden(), 'the board is back');
  await text_is('board_says', 'All its percentages');
  expect(faults.length === 0, faults.join('; '));
  lap('plug pulled and back');

  // A command gets the port at once, and who asks meanwhile is told.
  await page.evaluate(() => {
    window.problems = new Set();
    window.asking = true;
    (async () => { while (window.asking) window.problems.add((await (await fetch('/api/board/0')).json()).problem); })();
  });
  await show('chip');
  expect(is_open(), 'the port is not open any more');
  await until(() => page.locator('#do_bench').isEnabled(), 'bench can be pressed');
  await page.locator('#do_bench').press('Enter');
  await text_is('command_state', 'done');
  await text_is('selftest', 'equal those recorded');
  await until(() => page.evaluate(() => window.problems.has('bench talks to the board now')), 'who has the port');
  await page.evaluate(() => { window.asking = false; });
  await until(is_open, 'the port is open again');

  // Nobody looks: it closes, and nothing is done.
  await until(() => !is_open(), 'the port is closed');
  await page.waitForTimeout(500);
  const start = ticks();
  await page.waitForTimeout(2000);
  expect(ticks() - start <= 2, `${ticks() - start} ticks of CPU in 2 s`);
  lap('idle');

  // And again where the person was, from a board that was gone before.
  await unplug();
  await show('capture');
  await until(() => page.locator('#trouble').isVisible(), 'no board is said');
  await plug_in();
  await until(() => page.locator('#trouble').isHidden(), 'it is there');
  await page.locator('#use_board').press('Enter');
  await until(() => page.locator('#capture_camera').isVisible(), 'the camera of this computer');
});
await unplug();
expect(faults.length === 0, faults.join('; '));
