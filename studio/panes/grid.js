// A grid of very many pictures: only the lines near the window are elements, and only pictures that stay are asked for.
import { soon } from './page.js';

const kGap = 4, kLeastRem = 4.5, kHeadRem = 2.25; // between cells; the least width of one; the height of a group's head
const kMargin = 400; // pixels of lines above and below the window
const kCalmMs = 80; // so long a cell has to stay before its picture is asked for
const kFast = 2; // pixels in a millisecond: nobody sees pictures that pass so

// Groups are {head(), pictures}, a picture knows its `group`. `name_of`, `note_of` (a few letters on the picture) and `address_of`
// (null: not now) say what there is of one; `chose` is told which one is chosen.
export function make_grid(element, { name_of, note_of, address_of, chose }) {
  const cells = new Map(), lines = new Map(); // by picture; by number
  let groups = [], chosen = null, columns = 1, height = 1, head_height = 1, width = 0, last = { y: 0, time: 0 }, fast = 0;

  function lay_out() {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    width = element.clientWidth;
    columns = Math.max(1, Math.floor((width + kGap) / (kLeastRem * rem + kGap)));
    height = (width - kGap * (columns - 1)) / columns + kGap;
    head_height = kHeadRem * rem;
    let [top, first] = [0, 0];
    for (const group of groups) {
      const count = Math.ceil(group.pictures.length / columns);
      Object.assign(group, { top, first, count });
      top += head_height + count * height;
      first += count + 1;
    }
    element.style.height = `${top}px`;
    element.style.setProperty('--columns', columns);
    element.setAttribute('aria-rowcount', first);
    element.setAttribute('aria-colcount', columns);
  }

  const line_of = ({ group }, i) => 1 + Math.floor(i / columns);
  const top_of = (group, line) => group.top + (line === 0 ? 0 : head_height + (line - 1) * height);
  const place_of = (picture) => top_of(picture.group, line_of(picture, picture.group.pictures.indexOf(picture)));

  function made(role, parent, text = '') {
    const child = document.createElement('div');
    child.setAttribute('role', role);
    child.textContent = text;
    parent.append(child);
    return child;
  }

  function name(cell) {
    cell.setAttribute('aria-label', name_of(cell.picture));
    cell.lastChild.textContent = note_of(cell.picture);
  }

  function ask_for(cell) {
    const { picture, firstChild: image } = cell, address = address_of(picture);
    clearTimeout(cell.timer);
    if (performance.now() - fast < kCalmMs) {
      cell.timer = setTimeout(ask_for, kCalmMs, cell);
      return;
    }
    if (address && !image.naturalWidth) image.src = address;
  }

  function cell_of(picture, line) {
    const known = cells.get(picture), cell = known ?? made('gridcell', line);
    if (known) line.append(cell);
    else {
      cell.append(Object.assign(new Image(), { alt: '' }), document.createElement('span'));
      cell.picture = picture;
      cell.timer = setTimeout(ask_for, kCalmMs, cell);
      cells.set(picture, cell);
    }
    cell.group = picture.group;
    cell.tabIndex = picture === chosen ? 0 : -1;
    cell.setAttribute('aria-selected', picture === chosen);
    name(cell);
    return cell;
  }

  function make_line(group, k) {
    const line = made('row', element), number = group.first + k;
    element.insertBefore(line, lines.get(Math.min(...[...lines.keys()].filter((other) => other > number))) ?? null);
    line.setAttribute('aria-rowindex', number + 1);
    line.style.top = `${top_of(group, k)}px`;
    lines.set(number, line);
    if (k === 0) made('rowheader', line, group.head()).setAttribute('aria-colspan', columns);
    else for (const [i, picture] of group.pictures.slice((k - 1) * columns, k * columns).entries()) cell_of(picture, line).setAttribute('aria-colindex', i + 1);
  }

  // The lines near the window, and that of the chosen picture, which may have the focus; `anew`: they have other pictures.
  function draw(anew = false) {
    if (!width) return;
    const focused = document.activeElement, old = anew ? [...lines.values()] : [];
    if (anew) lines.clear();
    const from = -element.getBoundingClientRect().top - kMargin, to = from + innerHeight + 2 * kMargin, wanted = new Map();
    for (const group of groups) {
      if (group.top > to || group.top + head_height + group.count * height < from) continue;
      const line_at = (y) => Math.floor((y - group.top - head_height) / height) + 1;
      for (let k = Math.max(0, line_at(from)); k <= Math.min(group.count, line_at(to)); ++k) wanted.set(group.first + k, [group, k]);
    }
    if (chosen) {
      const k = line_of(chosen, chosen.group.pictures.indexOf(chosen));
      wanted.set(chosen.group.first + k, [chosen.group, k]);
    }
    for (const [number, line] of lines)
      if (!wanted.has(number)) {
        lines.delete(number);
        old.push(line);
      }
    for (const [number, [group, k]] of [...wanted].sort(([a], [b]) => a - b)) if (!lines.has(number)) make_line(group, k);
    for (const line of old) {
      for (const cell of line.querySelectorAll('[role=gridcell]')) drop(cell);
      line.remove();
    }
    if (focused !== document.activeElement && element.contains(focused)) focused.focus({ preventScroll: true });
  }

  // What is not there any more need not be loaded.
  function drop(cell) {
    clearTimeout(cell.timer);
    if (!cell.firstChild.complete) cell.firstChild.removeAttribute('src');
    cells.delete(cell.picture);
  }

  // The groups, as they are now; what is at the top of the window stays there.
  function show(now = groups) {
    const seen = element.getBoundingClientRect().top >= 0 ? [] : [...cells.values()].filter((cell) => cell.parentElement.isConnected)
      .map((cell) => ({ picture: cell.picture, group: cell.group, y: cell.getBoundingClientRect().top })).filter(({ y }) => y >= 0).sort((a, b) => a.y - b.y);
    groups = now;
    if (chosen && !is_there(chosen)) chosen = null;
    lay_out();
    const first = width && seen.find(({ picture, group }) => picture.group === group && is_there(picture));
    if (first) scrollBy({ top: element.getBoundingClientRect().top + place_of(first.picture) - first.y, behavior: 'instant' });
    draw(true);
  }

  const is_there = (picture) => picture.label !== null && groups.includes(picture.group);

  function choose(picture, focus = false) {
    const before = cells.get(chosen);
    if (before) Object.assign(before, { tabIndex: -1 }).setAttribute('aria-selected', false);
    chosen = picture;
    draw();
    const cell = cells.get(picture);
    if (cell) Object.assign(cell, { tabIndex: 0 }).setAttribute('aria-selected', true);
    chose(picture);
    if (!focus || !cell) return;
    cell.focus({ preventScroll: true });
    cell.scrollIntoView({ block: 'nearest', behavior: 'instant' });
    draw();
  }

  // To the line above or below, whatever the width makes of it.
  function vertical(picture, step) {
    const { group } = picture, i = group.pictures.indexOf(picture), line = line_of(picture, i) - 1 + step;
    const other = line < 0 || line >= group.count ? groups[groups.indexOf(group) + step] : group;
    if (!other) return picture;
    const there = other === group ? line : step > 0 ? 0 : other.count - 1;
    return other.pictures[Math.min(there * columns + (i % columns), other.pictures.length - 1)];
  }

  // Where a key leads, null: nowhere.
  function neighbour(key) {
    const { group } = chosen, i = group.pictures.indexOf(chosen), g = groups.indexOf(group);
    const steps = { ArrowUp: -1, ArrowDown: 1, PageUp: -1, PageDown: 1 }[key];
    if (key === 'Home') return groups[0].pictures[0];
    if (key === 'End') return groups.at(-1).pictures.at(-1);
    if (key === 'ArrowRight') return group.pictures[i + 1] ?? groups[g + 1]?.pictures[0] ?? chosen;
    if (key === 'ArrowLeft') return group.pictures[i - 1] ?? groups[g - 1]?.pictures.at(-1) ?? chosen;
    if (!steps) return null;
    let picture = chosen;
    for (let left = key.startsWith('Page') ? Math.max(1, Math.floor(innerHeight / 2 / height)) : 1; left > 0; --left) picture = vertical(picture, steps);
    return picture;
  }

  const cell_in = (target) => target.closest('[role=gridcell]');
  element.addEventListener('pointerdown', ({ target }) => cell_in(target)?.focus({ preventScroll: true }));
  element.addEventListener('focusin', ({ target }) => {
    const cell = cell_in(target);
    if (cell && cell.picture !== chosen) choose(cell.picture);
  });
  const draw_soon = soon(() => draw());
  addEventListener('scroll', () => {
    const now = { y: scrollY, time: performance.now() };
    if (Math.abs(now.y - last.y) > kFast * (now.time - last.time)) fast = now.time;
    last = now;
    draw_soon();
  }, { passive: true });
  addEventListener('resize', draw_soon);
  new ResizeObserver(draw_soon).observe(document.body); // what is above it has another height
  new ResizeObserver(() => element.clientWidth && element.clientWidth !== width && show()).observe(element);

  return {
    show,
    choose,
    neighbour,
    get chosen() { return chosen; },
    has_focus: () => element.contains(document.activeElement),
    // Where the studio has it is not known, and known again: then it can be asked for.
    leave(picture) {
      const image = cells.get(picture)?.firstChild;
      if (image && !image.complete) image.removeAttribute('src');
    },
    settle(picture) {
      const cell = cells.get(picture);
      if (!cell) return;
      name(cell);
      ask_for(cell);
    },
  };
}
