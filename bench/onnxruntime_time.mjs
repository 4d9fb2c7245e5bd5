// onnxruntime_time.mjs NET.onnx TINY.onnx: CPU microseconds of one call with one image on one thread, of either.
import ort from 'onnxruntime-node';

const kCalls = 400;
for (const path of process.argv.slice(2)) {
  const session = await ort.InferenceSession.create(path, {
    intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential',
  });
  const side = path.endsWith('tiny.onnx') ? 6 : 96;
  const pixels = Float32Array.from({ length: side * side }, (_, i) => (i % 97) / 97);
  const feeds = { [session.inputNames[0]]: new ort.Tensor('float32', pixels, [1, 1, side, side]) };
  for (let i = 0; i < 50; ++i) await session.run(feeds);
  const before = process.cpuUsage();
  for (let i = 0; i < kCalls; ++i) await session.run(feeds);
  const used = process.cpuUsage(before);
  console.log(((used.user + used.system) / kCalls).toFixed(1));
}
