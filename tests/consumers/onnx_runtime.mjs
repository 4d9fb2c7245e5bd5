// onnx_runtime.mjs MODEL FOLDER [MEAN STD]: runs MODEL with ONNX Runtime on FOLDER/images.u8 in batches of 1, 5 and 32 and
// compares with FOLDER/logits.f32, which model_logits wrote. Exit 1 when a logit differs by more than 1e-4, or
// the largest one is another class's.
import { readFileSync } from 'node:fs';
import ort from 'onnxruntime-node';

const [model, folder, mean = 0, std = 1] = process.argv.slice(2);
const kTolerance = 1e-4, kPixels = 96 * 96;
const bytes = readFileSync(`${folder}/images.u8`);
const pixels = Float32Array.from(bytes, (pixel) => (pixel / 255 - mean) / std);
const file = readFileSync(`${folder}/logits.f32`);
const expected = new Float32Array(file.buffer, file.byteOffset, file.length / 4);
const images = pixels.length / kPixels, classes = expected.length / images;
const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1 });

const argmax = (values) => values.indexOf(Math.max(...values));
let failed = false;
for (const batch of [1, 5, 32]) {
  let largest = 0, agreeing = 0;
  for (let first = 0; first < images; first += batch) {
    const end = Math.min(first + batch, images);
    const input = new ort.Tensor('float32', pixels.slice(first * kPixels, end * kPixels), [end - first, 1, 96, 96]);
    const outputs = await session.run({ [session.inputNames[0]]: input });
    const logits = outputs[session.outputNames[0]].data;
    for (let i = first; i < end; ++i) {
      const ours = Array.from(expected.slice(i * classes, (i + 1) * classes));
      const theirs = Array.from(logits.slice((i - first) * classes, (i - first + 1) * classes));
      ours.forEach((value, k) => { largest = Math.max(largest, Math.abs(value - theirs[k])); });
      if (argmax(ours) === argmax(theirs)) ++agreeing;
    }
  }
  console.log(`batch ${batch}: ${images} images, largest difference ${largest.toExponential(2)}, argmax equal ${agreeing}`);
  if (!(largest <= kTolerance) || agreeing !== images) failed = true;
}
process.exit(failed ? 1 : 0);
