// Chromium before our pages, with a camera that we wrote.
import { closeSync, openSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';

const { chromium } = createRequire(`${process.env.CONSUMERS}/`)('playwright-core');

export function expect(good, text) {
  if (!good) throw new Error(text);
}

// What a camera sees: each picture for a while, 640 x 480, gray.
export function write_camera(path, pictures, hold = 10) {
  const [width, height] = [640, 480], file = openSync(path, 'w');
  writeSync(file, `YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`);
  for (const picture of pictures) {
    const luma = Buffer.alloc(width * height), chroma = Buffer.alloc(width * height / 2, 128);
    for (let y = 0; y < height; ++y)
      for (let x = 0; x < width; ++x)
        luma[y * width + x] = picture.data[4 * (Math.floor(y * picture.height / height) * picture.width + Math.floor(x * picture.width / width))];
    for (let i = 0; i < hold; ++i) for (const part of ['FRAME\n', luma, chroma]) writeSync(file, part);
  }
  closeSync(file);
}

export const fake_camera = (file) =>
  ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${process.cwd()}/${file}`];

export async function until(good, what, seconds = 60) {
  for (const end = Date.now() + 1000 * seconds; !(await good());) {
    expect(Date.now() < end, `waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

export const text_of = (page, id) => page.locator(`#${id}`).textContent();
export const text_is = (page, id, wanted) => until(async () => ((await text_of(page, id)) ?? '').includes(wanted), `${wanted} in #${id}`)
  .catch(async (error) => { throw new Error(`${error.message}: ${await text_of(page, id)}; ${await page.evaluate(() => document.getElementById('trouble')?.textContent)}`); });

// Opens `url`; what the page gets wrong, and each request to another host, is put into `faults`. `act` may open more pages.
export async function browse_page(url, camera_arguments, faults, act) {
  const { origin } = new URL(url);
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage', ...camera_arguments] });
  const context = await browser.newContext();
  const open = async (address) => {
    const page = await context.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => message.type() === 'error' && faults.push(`${message.text()} ${message.location().url}`));
    await page.route('**', (route) => {
      if (route.request().url().startsWith(`${origin}/`) || route.request().url().startsWith('blob:')) return route.continue();
      faults.push(`a request to ${route.request().url()}`);
      return route.abort();
    });
    await page.goto(address);
    return page;
  };
  try {
    await act(await open(url), open);
  } finally {
    await browser.close();
  }
}

// At all widths, light and dark: nothing wider than the window, text that can be read. Pictures of it at NAME-WIDTH-SCHEME.png.
export async function readable_everywhere(page, name) {
  for (const width of [360, 768, 1400])
    for (const colorScheme of ['light', 'dark']) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      const { wide, ink, paper } = await page.evaluate(() => {
        const light = (color) => color.match(/\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0);
        const style = getComputedStyle(document.body);
        return { wide: document.documentElement.scrollWidth > innerWidth, ink: light(style.color), paper: light(style.backgroundColor) };
      });
      expect(!wide, `wider than ${width}`);
      expect(Math.abs(ink - paper) > 380, `hard to read, ${colorScheme}`);
      if (name) await page.screenshot({ path: `${name}-${width}-${colorScheme}.png` });
    }
}
