// Arguments: engine_time, the .espdl, its QDQ ONNX, an ONNX that only copies its input, rounds. Every round
// measures all contestants; what is printed are medians over the rounds. The time of a call that only copies
// is taken off ONNX Runtime's, so that JavaScript does not count.
'use strict';
const {execFileSync} = require('child_process');
const ort = require('onnxruntime-node');

const [engineTime, espdl, onnx, copyOnnx, rounds] = process.argv.slice(2);
const kPictures = 300;

async function open(model, exact) {
  const session = await ort.InferenceSession.create(model, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    extra: {session: {x64quantprecision: exact ? '1' : '0', intra_op: {allow_spinning: '0'}}},
  });
  return session;
}

async function cpuMicroseconds(session, feeds) {
  for (let i = 0; i < 30; ++i) await session.run(feeds);
  const start = process.cpuUsage();
  for (let i = 0; i < kPictures; ++i) await session.run(feeds);
  const used = process.cpuUsage(start);
  return (used.user + used.system) / kPictures;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

async function main() {
  const picture = new ort.Tensor('uint8', Uint8Array.from({length: 9216}, (_, i) => i * 7 % 256), [1, 1, 96, 96]);
  const fast = await open(onnx, false), exact = await open(onnx, true), copy = await open(copyOnnx, false);
  const times = {engine: [], fast: [], exact: [], copy: []};
  let target = '';
  for (let round = 0; round < Number(rounds); ++round) {
    const [time, name] = execFileSync(engineTime, [espdl, String(10 * kPictures)], {encoding: 'utf8'}).trim().split(' ');
    target = name;
    times.engine.push(Number(time));
    times.copy.push(await cpuMicroseconds(copy, {image: picture}));
    times.fast.push(await cpuMicroseconds(fast, {image: picture}));
    times.exact.push(await cpuMicroseconds(exact, {image: picture}));
  }
  const engine = median(times.engine), call = median(times.copy);
  console.log(`CPU time per picture, one thread, median of ${rounds} rounds in turns:`);
  console.log(`  engine (${target}): ${engine.toFixed(0)} us`);
  for (const [name, key] of [['ONNX Runtime int8', 'fast'], ['ONNX Runtime int8, exact mode', 'exact']]) {
    const time = median(times[key]) - call;
    console.log(`  ${name}: ${time.toFixed(0)} us (and ${call.toFixed(0)} us for the call), ` +
                `${(time / engine).toFixed(2)} times the engine's`);
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
