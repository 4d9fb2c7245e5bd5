// import_many.mjs LINK FOLDER: imports the folder in the pane Data, twice; of bench/import_many.sh.
import { browse_page, text_of } from '../tests/studio/browser.mjs';

const [link, folder] = process.argv.slice(2), kToldMs = 60000, faults = [];
const seconds = (begin) => ((Date.now() - begin) / 1000).toFixed(0);
await browse_page(link, [], faults, async (page) => {
  await page.unroute('**'); // it takes longer than the import
  page.setDefaultTimeout(600000);
  await page.locator('#tab_data').click();
  await page.locator('#import > summary').click();
  for (const what of ['imported', 'imported again']) {
    let begin = Date.now(), told = begin;
    await page.locator('#import_folder').setInputFiles(folder);
    await page.waitForFunction(() => !document.getElementById('import_go').disabled);
    console.log(`planned after ${seconds(begin)} s`);
    begin = Date.now();
    await page.locator('#import_go').click();
    const go = page.locator('#import_go');
    while ((await go.textContent()) !== 'import') {
      await page.waitForTimeout(500);
      if (Date.now() - told < kToldMs) continue;
      told = Date.now();
      console.log(`${seconds(begin)} s: ${await text_of(page, 'import_said')}, ${await page.locator('#grid [role=gridcell]').count()} elements`);
    }
    console.log(`${what} in ${seconds(begin)} s: ${await text_of(page, 'import_said')}`);
  }
});
if (faults.length) throw new Error(faults.join('; '));
