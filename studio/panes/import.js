// Pictures of a folder on this computer, given to the studio one after the other.
import { post, read, send } from './api.js';
import { at, explain, kNoneToo, soon } from './page.js';
import { png_of } from './png.js';

const kPicture = /\.(png|jpe?g|webp|bmp)$/i, kName = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,39}$/, kPart = /^(train(ing)?|val(id(ation)?)?|test(ing)?)$/i;
const kMostSide = 1024, kMostBytes = 4 << 20; // of a PNG that is sent as it is; others are drawn
const kDrawnSide = 512, kMostDrawn = 64 << 20, kMostSaid = 100, kMostNamed = 12;
// An item is {path, file()}, of which `next` is the next to be sent; `sittings`: what the studio calls them.
let queue = [], next = 0, kept = 0, twins = 0, refused = [], running = false, sittings = new Map();

const number = (count) => count.toLocaleString('en');

// PERSON-SESSION/CLASS/FILE, below whatever; subject '': its person is asked for.
function where(path) {
  const folders = path.split('/').filter(Boolean).slice(0, -1), [label = '', above = ''] = folders.reverse();
  const says = kName.test(above) && !kPart.test(above) && (above.includes('-') || folders.length >= 3);
  return { subject: says ? above : '', label };
}

// At most so many names of all.
function named(counts) {
  const all = [...counts].map(([name, count]) => `${name} ${number(count)}`);
  return all.slice(0, kMostNamed).join(', ') + (all.length > kMostNamed ? ` and ${number(all.length - kMostNamed)} more` : '');
}

function plan(items) {
  const byte_order = ({ path: a }, { path: b }) => (a < b ? -1 : Number(a > b));
  queue = items.filter(({ path }) => kPicture.test(path)).sort(byte_order);
  [next, kept, twins, refused, sittings] = [0, 0, 0, [], new Map()];
  const subjects = new Map(), labels = new Map();
  for (const { path } of queue) {
    const { subject, label } = where(path);
    subjects.set(subject, (subjects.get(subject) ?? 0) + 1);
    labels.set(label, (labels.get(label) ?? 0) + 1);
  }
  const asked = subjects.has(''), others = items.length - queue.length, none_too = [...labels.keys()].filter((label) => kNoneToo.test(label));
  const strange = [...labels.keys()].filter((label) => label && !kName.test(label));
  subjects.delete('');
  const sentences = [queue.length ? `${number(queue.length)} pictures: ${named(labels)}${subjects.size ? `; of ${named(subjects)}` : ''}.` : 'There are no pictures in it.'];
  if (others) sentences.push(`${number(others)} other files stay where they are.`);
  if (none_too.length) sentences.push(`${none_too.join(', ')}: kept as none.`);
  if (strange.length) sentences.push(`No names for a class, and refused: ${strange.slice(0, kMostNamed).join(', ')}.`);
  if (asked) sentences.push('Some lie in no folder that is called PERSON-SITTING: whose hands are they?');
  at('import_plan').textContent = sentences.join(' ');
  at('import_asks').hidden = !asked;
  at('import').open = true;
  draw();
  (asked ? at('import_person') : at('import_go')).focus();
}

function draw() {
  at('import_go').disabled = next >= queue.length;
  at('import_go').textContent = running ? 'stop' : next > 0 && next < queue.length ? 'go on' : 'import';
  at('import_progress').max = Math.max(1, queue.length);
  at('import_progress').value = next;
  at('import_said').textContent = next === 0 ? '\u00a0'
    : `${number(next)} of ${number(queue.length)}: ${number(kept)} kept, ${number(twins)} like one that is there, ${number(refused.length)} refused`;
  at('import_refused').hidden = refused.length === 0;
  at('import_why').textContent = refused.slice(0, kMostSaid).map(({ path, why }) => `${path}: ${why}`).join('\n')
    + (refused.length > kMostSaid ? `\nand ${number(refused.length - kMostSaid)} more` : '');
}
const draw_soon = soon(draw, 250);

async function run() {
  const person = at('import_person').value.trim();
  if (!at('import_asks').hidden && !kName.test(person)) {
    at('import_person').focus();
    return explain(new Error(`a name first: 1 to 40 letters, digits, _ and -, not '${person.slice(0, 60)}'`));
  }
  explain(null);
  running = true;
  draw();
  const known = new Set((await read('state')).classes);
  let png = begun(queue[next]);
  for (; running && next < queue.length; ++next) {
    const { path } = queue[next], { subject, label } = where(path), sitting = subject || person, this_png = png;
    png = next + 1 < queue.length ? begun(queue[next + 1]) : null; // while this one is sent
    try {
      if (!label) throw new Error('it lies in no folder that says what it shows');
      if (!kName.test(label)) throw new Error(`'${label.slice(0, 60)}' is no name of a class: 1 to 40 letters, digits, _ and -`);
      const given = await post(`import/${sittings.get(sitting) ?? sitting}/${label}`, 'image/png', await this_png);
      sittings.set(sitting, given.subject);
      if (given.kept) ++kept;
      else ++twins;
      if (given.kept && !known.has(given.class)) await add_class(given.class);
      if (given.kept) known.add(given.class);
    } catch (error) {
      if (error.gone) {
        explain(error);
        break;
      }
      refused.push({ path, why: error.message });
    }
    draw_soon();
  }
  running = false;
  draw();
}

// With a key of its own, where there is one left.
async function add_class(label) {
  const { classes } = await read('state'), none = classes.indexOf('none');
  if (classes.includes(label)) return;
  classes.splice(none < 0 ? classes.length : none, 0, label);
  await send('classes', { classes }).catch(explain);
}

function begun({ file }) {
  const made = Promise.resolve(file()).then(as_png);
  made.catch(() => {}); // its turn will say it
  return made;
}

// A PNG as it is, unless it is very large; what else this browser reads is drawn.
async function as_png(file) {
  const bytes = file.size <= kMostBytes ? await file.arrayBuffer() : new ArrayBuffer(0), head = new DataView(bytes);
  const is_png = bytes.byteLength > 24 && head.getUint32(0) === 0x89504e47;
  if (is_png && Math.max(head.getUint32(16), head.getUint32(20)) <= kMostSide) return bytes;
  if (file.size > kMostDrawn) throw new Error('it is larger than 64 MB');
  const bitmap = await createImageBitmap(file).catch(() => { throw new Error('this browser reads no picture in it'); });
  const scale = Math.min(1, kDrawnSide / Math.max(bitmap.width, bitmap.height));
  return png_of(bitmap, Math.max(1, Math.round(scale * bitmap.width)), Math.max(1, Math.round(scale * bitmap.height)));
}

// All files below what was dropped.
async function files_in(entry) {
  if (entry.isFile) return [{ path: entry.fullPath, file: () => new Promise((found, failed) => entry.file(found, failed)) }];
  const reader = entry.createReader(), found = [];
  for (;;) {
    const some = await new Promise((read_some, failed) => reader.readEntries(read_some, failed));
    if (!some.length) return found;
    for (const one of some) for (const item of await files_in(one)) found.push(item);
  }
}

function may_plan() {
  if (running) explain(new Error('an import runs: stop it first'));
  return !running;
}

at('import_folder').addEventListener('change', ({ target }) => {
  if (may_plan()) plan([...target.files].map((file) => ({ path: file.webkitRelativePath || file.name, file: () => file })));
  target.value = '';
});
at('data').addEventListener('dragover', (event) => event.preventDefault());
at('data').addEventListener('drop', async (event) => {
  event.preventDefault();
  event.stopPropagation(); // Live would open it
  document.body.classList.remove('drops');
  if (!may_plan()) return;
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
  try {
    plan((await Promise.all(entries.map(files_in))).flat());
  } catch (error) {
    explain(error);
  }
});
at('import_go').addEventListener('click', () => {
  if (running) running = false;
  else run().catch(explain);
});
addEventListener('beforeunload', (event) => running && event.preventDefault());
read('state').then(({ folder }) => { at('import_place').textContent = `${folder}/pictures/PERSON-SITTING/CLASS`; }).catch(explain);
