// random_networks.mjs FOLDER: runs what random_networks wrote with ONNX Runtime and compares. Exit 1 when an output
// differs by more than 1e-4 of the largest, or of 1.
import { readFileSync } from 'node:fs';
import ort from 'onnxruntime-node';

const [folder] = process.argv.slice(2);
const kTolerance = 1e-4;
const floats = (name) => {
  const file = readFileSync(`${folder}/${name}`);
  return new Float32Array(file.buffer.slice(file.byteOffset, file.byteOffset + file.length));
};
const shapes = JSON.parse(readFileSync(`${folder}/index.json`));
let failed = 0, largest = 0;
for (let i = 0; i < shapes.length; ++i) {
  const session = await ort.InferenceSession.create(`${folder}/${i}.onnx`, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const outputs = await session.run({ [session.inputNames[0]]: new ort.Tensor('float32', floats(`${i}.in.f32`), shapes[i]) });
  const theirs = outputs[session.outputNames[0]].data, ours = floats(`${i}.out.f32`);
  let scale = 1, difference = ours.length === theirs.length ? 0 : Infinity;
  ours.forEach((value) => { scale = Math.max(scale, Math.abs(value)); });
  ours.forEach((value, k) => { difference = Math.max(difference, Math.abs(value - theirs[k])); });
  largest = Math.max(largest, difference / scale);
  if (!(difference / scale <= kTolerance)) { ++failed; console.log(`network ${i} differs by ${difference} of ${scale}`); }
}
console.log(`${shapes.length} networks, largest difference ${largest.toExponential(2)}`);
process.exit(failed > 0 ? 1 : 0);
