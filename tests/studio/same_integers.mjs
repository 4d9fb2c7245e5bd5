// same_integers.mjs ENGINE.wasm MODEL.espdl PREDICTIONS.json: whether the engine gives the integers of `mudra predict
// --json` for all its pictures, with SIMD and with portable kernels.
import { readFileSync } from 'node:fs';
import { Engine } from '../../studio/web/engine.js';
import { read_png } from './png.mjs';

const [wasm, model, predictions] = process.argv.slice(2);
const engine = await Engine.from(readFileSync(wasm));
let compared = 0, farthest = 0;
for (const portable of [false, true]) {
  const { classes, exponent } = engine.load(readFileSync(model), portable);
  for (const prediction of JSON.parse(readFileSync(predictions))) {
    engine.see(read_png(prediction.image), true);
    const { scores, shares } = engine.run();
    if (String(scores) !== String(prediction.integer) || exponent !== prediction.exponent) {
      console.error(`${model}, ${prediction.image}, portable ${portable}: ${scores}, not ${prediction.integer}`);
      process.exit(1);
    }
    Object.values(prediction.scores).forEach((share, i) => (farthest = Math.max(farthest, Math.abs(share - shares[i]))));
    if (Object.keys(prediction.scores).length !== classes.length) process.exit(1);
    ++compared;
  }
}
if (compared === 0 || farthest > 1e-6) process.exit(1);
console.log(`${compared} inferences with the integers of mudra predict; softmax within ${farthest.toExponential(1)}`);
