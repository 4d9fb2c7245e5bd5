// What all panes share.
export const at = (id) => document.getElementById(id);

export const kKeys = '1234567890'; // of the classes, in their order
export const kNoneToo = /^(unknown|_unknown_|background|no_gesture)$/i; // classes that are read as `none`

// A function that draws by the next frame, or after a pause in milliseconds, a number or what a function says, once however often it is
// called meanwhile.
export function soon(draw, pause = 0) {
  let drawing = false;
  const then = () => {
    drawing = false;
    draw();
  };
  return () => {
    if (drawing) return;
    drawing = true;
    if (pause) setTimeout(then, typeof pause === 'function' ? pause() : pause);
    else requestAnimationFrame(then);
  };
}

// Says what went wrong; null: nothing any more.
export function explain(error) {
  at('trouble').textContent = error?.message ?? '';
  at('trouble').hidden = !error;
}

// A row of texts; those of a `col` all are headers, of a `row` the first.
export function table_row(texts, scope) {
  const row = document.createElement('tr');
  for (const [i, text] of texts.entries()) {
    const header = scope === 'col' || i === 0, cell = document.createElement(header ? 'th' : 'td');
    if (header) cell.scope = scope;
    cell.textContent = text;
    row.append(cell);
  }
  return row;
}

// A part of a picture.
export function add_svg(parent, name, attributes, text = '') {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  parent.append(made);
  return made;
}

// The text of an element into the clipboard; where the browser refuses, it is selected to be copied by hand.
export async function copy(id) {
  getSelection().selectAllChildren(at(id));
  await navigator.clipboard.writeText(at(id).textContent).catch(() => {});
}
