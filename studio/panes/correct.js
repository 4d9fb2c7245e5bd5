// Live with a studio behind it: a picture that the network takes for something else is filed as what it is, by its digit.
import { rest, seen_last, wake as wake_camera } from './live.js';
import { post, read } from './api.js';
import { at, explain, kKeys } from './page.js';
import { kept_png } from './png.js';

let classes = [], sending = false;

export { rest };
export async function wake() {
  wake_camera();
  ({ classes } = await read('state'));
  at('right_classes').replaceChildren(...classes.map((name, i) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = `${kKeys[i] ?? ''} ${name}`;
    button.addEventListener('click', () => file_as(name));
    return button;
  }));
}

export function key(event) {
  const name = classes[kKeys.indexOf(event.key)];
  if (!name) return;
  event.preventDefault();
  file_as(name);
}

async function file_as(name) {
  const person = at('person').value || localStorage.getItem('person'), last = seen_last();
  const say = (text) => { at('right_said').textContent = text; };
  if (!person) return say('first say in Capture whose hand it is');
  if (!last || sending) return say(last ? 'one after the other' : 'there is no picture yet');
  const { picture, whole } = last; // as the camera gave it: of a file all of it, of a camera the square in its middle
  sending = true;
  try {
    const png = await kept_png(picture, picture.width, picture.height, whole);
    const { kept, subject } = await post(`import/${encodeURIComponent(person)}-corrected/${name}`, 'image/png', png);
    say(kept ? `filed as ${name}, in ${subject}: the next training learns it` : 'not filed: like one that is there');
    explain(null);
  } catch (error) {
    explain(error);
  } finally {
    sending = false;
  }
}

at('live').append(at('right'));
