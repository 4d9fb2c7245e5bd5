// server.mjs LINK FOLDER PICTURE.png: what a studio answers on the wire to its page, to strangers and to rubbish.
import { readFileSync, existsSync, readdirSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';

const [link, folder, picture] = process.argv.slice(2);
const { port, searchParams } = new URL(link), token = searchParams.get('token');
const cookie = `mudra_${port}=${token}`, png = readFileSync(picture);
let cases = 0;

function expect(good, text) {
  if (!good) throw new Error(text);
}

// Status 0: the studio hung up on what came.
function ask(path, { method = 'GET', headers = {}, body } = {}) {
  return new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers: { Cookie: cookie, ...headers }, setHost: !('Host' in headers) },
      (answer) => {
        const parts = [];
        answer.on('data', (part) => parts.push(part)).on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text: Buffer.concat(parts).toString('latin1') }));
      });
    asked.on('error', ({ message }) => resolve({ status: 0, headers: {}, text: message }));
    asked.end(body);
  });
}
const post = (path, body, headers = {}) => ask(path, { method: 'POST', body, headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body), ...headers } });
const send = (path, body) => post(path, JSON.stringify(body));
const give = (path, body, headers = {}) => post(`/api/${path}`, body, { 'Content-Type': 'image/png', ...headers });
const capture = (path, body = png, headers = {}) => give(`capture/${path}`, body, headers);
const bring = (path, body = png, headers = {}) => give(`import/${path}`, body, headers);

async function is(what, asking, ...wanted) {
  const answer = await asking;
  ++cases;
  expect(wanted.includes(answer.status), `${what}: ${answer.status} instead of ${wanted}: ${answer.text.slice(0, 200)}`);
  return answer;
}

// Bytes as they are, for what no client would send; the status, or 0 where the studio hangs up.
function raw(bytes) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1'), parts = [];
    socket.setTimeout(20_000, () => socket.destroy());
    socket.on('data', (part) => parts.push(part)).on('error', () => {});
    socket.on('close', () => resolve({ status: Number(Buffer.concat(parts).toString('latin1').match(/^HTTP\/1\.1 (\d+)/)?.[1] ?? 0), text: Buffer.concat(parts).toString('latin1') }));
    socket.end(bytes);
  });
}

// Who may ask.
await is('without a cookie', ask('/', { headers: { Cookie: '' } }), 401);
await is('state without a cookie', ask('/api/state', { headers: { Cookie: '' } }), 401);
await is('a wrong cookie', ask('/', { headers: { Cookie: `mudra_${port}=${'0'.repeat(32)}` } }), 401);
await is('a wrong token', ask(`/?token=${'0'.repeat(32)}`, { headers: { Cookie: '' } }), 403);
const traded = await is('the link', ask(`/?token=${token}`, { headers: { Cookie: '' } }), 303);
expect(String(traded.headers['set-cookie']) === `${cookie}; HttpOnly; SameSite=Strict; Path=/` && traded.headers.location === '/', 'the link does not give the cookie');
const home = await is('with the cookie', ask('/'), 200);
for (const [name, value] of [['x-content-type-options', 'nosniff'], ['referrer-policy', 'no-referrer'], ['cross-origin-resource-policy', 'same-origin'],
  ['cross-origin-opener-policy', 'same-origin'], ['cache-control', 'no-store'], ['x-frame-options', 'DENY']]) expect(home.headers[name] === value, `${name}: ${home.headers[name]}`);
for (const part of ["default-src 'none'", "script-src 'self' 'wasm-unsafe-eval';", "frame-ancestors 'none'", "form-action 'none'"])
  expect(home.headers['content-security-policy'].includes(part), `the policy lacks ${part}`);
expect(!('access-control-allow-origin' in home.headers), 'other origins are let in');
await is('a rebound name', ask('/', { headers: { Host: `evil.example:${port}` } }), 403);
await is('another port as host', ask('/', { headers: { Host: '127.0.0.1:1' } }), 403);
await is('another origin', send('/api/stop', {}, {}).then(() => post('/api/stop', '{}', { Origin: 'http://evil.example' })), 403);
await is('another local port as origin', post('/api/stop', '{}', { Origin: 'http://127.0.0.1:1' }), 403);
await is('no origin that has a name', post('/api/stop', '{}', { Origin: 'null' }), 403);
await is('another site', ask('/', { headers: { 'Sec-Fetch-Site': 'cross-site' } }), 403);
await is('a form', post('/api/stop', 'a=b', { 'Content-Type': 'application/x-www-form-urlencoded' }), 415);
await is('a form with files', post('/api/stop', '--x--', { 'Content-Type': 'multipart/form-data; boundary=x' }), 415);
await is('JSON as text', post('/api/stop', '{}', { 'Content-Type': 'text/plain' }), 415);
for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS']) await is(method, ask('/api/state', { method }), 405);

// Paths.
for (const path of ['/../studio.json', '/%2e%2e/studio.json', '/..%2fstudio.json', '/%2e%2e%2fstudio.json', '//etc/passwd', '/studio.json', '/web/index.html', '/api', '/api/', '/api/nothing', '/index.html/', '/%00', '/a%0ab'])
  await is(path, ask(path), 404);
for (const path of ['/api/pictures/../../studio.json', '/api/pictures/%2e%2e/%2e%2e/studio.json', '/api/pictures/a/b/c', '/api/pictures/a/b/%2fetc%2fpasswd', '/api/runs/..%2fx/metrics.jsonl', '/api/runs/../studio.json'])
  await is(path, ask(path), 400, 404);
for (const name of ['..', '%2e%2e', '..%2f..', '-x', '<b>', 'a%00b', '%ff', 'a'.repeat(41), '', 'a%20b', '$(id)', 'train'])
  for (const way of [capture, bring]) await is(`a class named ${name}`, way(`ana/${name}`), 400, 404, 415);
for (const name of ['..', '%2e%2e', '-1', 'a%2fb', 'a.b', '<b>', 'a'.repeat(41)])
  for (const way of [capture, bring]) await is(`a person named ${name}`, way(`${name}/palm`), 400, 404, 415);
for (const path of ['../palm', 'ana-1/..', '%2e%2e/%2e%2e', 'ana-1/<b>', 'ana-1/a.png']) await is(`pictures of ${path}`, ask(`/api/pictures/${path}`), 400, 404);

// Pictures.
const kept = JSON.parse((await is('a picture', capture('ana/palm'), 200)).text);
expect(kept.kept && kept.subject === 'ana-1' && kept.count === 1, JSON.stringify(kept));
expect(!JSON.parse((await is('a twin', capture('ana/palm'), 200)).text).kept, 'a twin was kept');
await is('no picture', capture('ana/palm', 'hello'), 400);
await is('half a picture', capture('ana/palm', png.subarray(0, png.length >> 1)), 400);
await is('a picture as JSON', capture('ana/palm', png, { 'Content-Type': 'application/json' }), 415);
await is('JSON as a picture', capture('ana/palm', '{}'), 400);
const read = await is('the picture', ask('/api/pictures/ana-1/palm/0001.png'), 200);
expect(read.headers['content-type'] === 'image/png' && read.text.startsWith('\x89PNG'), 'that is no picture');
const moved = JSON.parse((await is('another class', send('/api/relabel', { subject: 'ana-1', class: 'palm', file: '0001.png', to: 'fist' }), 200)).text);
expect(moved.class === 'fist' && existsSync(`${folder}/pictures/ana-1/fist/0001.png`), JSON.stringify(moved));
await is('a class that is a path', send('/api/relabel', { subject: 'ana-1', class: 'fist', file: '0001.png', to: '../../x' }), 400);
const gone = JSON.parse((await is('into the trash', send('/api/discard', moved), 200)).text);
expect(existsSync(`${folder}/trash/ana-1/fist/0001.png`), 'it is not in the trash');
await is('twice', send('/api/discard', moved), 400);
await is('and back', send('/api/restore', gone), 200);
expect((await ask('/api/pictures')).text === '{"ana-1":{"fist":["0001.png"]}}', (await ask('/api/pictures')).text);
expect((await is('of one class and sitting', ask('/api/pictures/ana-1/fist'), 200)).text === '["0001.png"]', 'another list');
expect((await is('where there are none', ask('/api/pictures/ana-1/rock'), 200)).text === '[]', 'pictures out of nowhere');

// Pictures from elsewhere.
const brought = JSON.parse((await is('one from elsewhere', bring('eva/Background'), 200)).text);
expect(brought.kept && brought.subject === 'eva-1' && brought.class === 'none' && existsSync(`${folder}/pictures/eva-1/none/0001.png`), JSON.stringify(brought));
for (const sitting of ['eva-1', 'eva']) expect(!JSON.parse((await is('its twin', bring(`${sitting}/none`), 200)).text).kept, 'a twin was kept');
expect(JSON.parse((await is('another sitting', bring('eva/palm'), 200)).text).subject === 'eva-2', 'the same sitting');
await is('nothing to import', bring('eva-1/palm', 'hello'), 400);
await is('an import as JSON', bring('eva-1/palm', '{}', { 'Content-Type': 'application/json' }), 415);
await is('an import of five megabytes', bring('eva-1/palm', Buffer.alloc(5 << 20)), 0, 413);
for (const [subject, label] of [['eva-1', 'none'], ['eva-2', 'palm']]) await is('into the trash', send('/api/discard', { subject, class: label, file: '0001.png' }), 200);
await is('findings that are not there yet', ask('/api/info'), 204);

// Bodies of all sizes, and rubbish.
for (const size of [0, 1, 2, 255, 4096, 65_535, 65_536, 1 << 20]) await is(`${size} zeros`, post('/api/jobs', Buffer.alloc(size)), 400);
await is('a megabyte and a byte', post('/api/jobs', Buffer.alloc((1 << 20) + 1)), 0, 413);
await is('four megabytes', capture('ana/palm', Buffer.alloc(4 << 20)), 400);
await is('five megabytes', capture('ana/palm', Buffer.alloc(5 << 20)), 0, 413);
await is('deep JSON', post('/api/jobs', '['.repeat(1 << 20)), 400);
await is('deep JSON that ends', post('/api/jobs', `{"command":${'['.repeat(100_000)}${']'.repeat(100_000)}}`), 400);
for (const body of ['null', '1', '"x"', '[]', '{}', '{"command":"rm"}', '{"command":"train","from":"--out"}', '{"command":"train","from":"rendered","hands":1e308}',
  '{"command":"info","set":"/etc"}', '{"command":["train"]}', '{"command":"send","run":"x"}', '\xff', '{"command":"\\ud800"}'])
  await is(body, post('/api/jobs', body), 400);
for (const path of ['/api/undo', '/api/sitting', '/api/relabel', '/api/discard', '/api/restore', '/api/classes'])
  for (const body of ['{}', '{"person":1,"subject":1,"classes":1}', '{"classes":[1]}', '{"classes":["a","a"]}', '{"subject":"..","class":"..","file":"studio.json","to":"a"}'])
    await is(`${path} ${body}`, post(path, body), 400);
const head = `Host: 127.0.0.1:${port}\r\nCookie: ${cookie}\r\n`;
// Where a body is not read, the system may cut the answer short.
await is('chunks', raw(`POST /api/stop HTTP/1.1\r\n${head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`), 0, 400);
await is('no length', raw(`POST /api/stop HTTP/1.1\r\n${head}Content-Type: application/json\r\n\r\n{}`), 0, 411);
await is('two lengths', raw(`POST /api/stop HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: 2\r\nContent-Length: 40\r\n\r\n{}`), 0, 400);
await is('a packed body', raw(`POST /api/stop HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}`), 0, 400);
await is('parts of a file', raw(`GET / HTTP/1.1\r\n${head}Range: bytes=0-1,0-1,5-9\r\n\r\n`), 0, 400, 416);
await is('two hosts', raw(`GET / HTTP/1.1\r\nHost: evil.example\r\n${head}\r\n`), 0, 400, 403);
await is('a short body', raw(`POST /api/stop HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: 20\r\n\r\n{}`), 0, 400);
const smuggled = await is('a request in a refused body', raw(`POST /api/stop HTTP/1.1\r\n${head}Content-Type: text/plain\r\nContent-Length: 200\r\n\r\nGET /api/state HTTP/1.1\r\n${head}\r\n`), 0, 415);
expect(smuggled.text.split('HTTP/1.1').length <= 2, 'a body was read as a request');
for (const bytes of ['', '\r\n\r\n', 'GET\r\n\r\n', '\x16\x03\x01\x02\x00', `GET ${'/'.repeat(20_000)} HTTP/1.1\r\n${head}\r\n`, `GET / HTTP/1.1\r\nX: ${'y'.repeat(20_000)}\r\n${head}\r\n`, `GET / HTTP/9.9\r\n${head}\r\n`, `BREW / HTTP/1.1\r\n${head}\r\n`, Buffer.alloc(100_000, 0xff)])
  await is(`rubbish ${String(bytes).slice(0, 20)}`, raw(bytes), 0, 400, 403, 405, 414, 505);

for (const path of ['/api/board/0', '/api/board/x']) await is(`${path} without a board`, ask(path), 400);
await is('a picture of no board', send('/api/capture_board', { person: 'ana', class: 'palm' }), 400);
await is('the model, which is not there yet', ask('/model.espdl'), 204);

// It lives, and nothing came to lie outside.
const state = JSON.parse((await is('the state after all that', ask('/api/state'), 200)).text);
expect(state.counts.fist === 1 && state.job === null, JSON.stringify(state));
expect(String(readdirSync(folder).sort()) === 'pictures,runs,trash', String(readdirSync(folder)));

// A command, its events, and the next one that has to wait.
const events = [];
const stream = request({ host: '127.0.0.1', port, path: '/api/events', headers: { Cookie: cookie } }, (answer) => {
  expect(answer.headers['content-type'] === 'text/event-stream', 'no stream of events');
  answer.on('data', (text) => { for (const line of String(text).split('\n')) if (line.startsWith('data: ')) events.push(JSON.parse(line.slice(6))); }).on('error', () => {});
});
stream.on('error', () => {});
stream.end();
async function until(found, what) {
  for (let left = 400; !events.some(found); --left) {
    expect(left > 0, `no event of ${what}: ${JSON.stringify(events.slice(-5))}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
const asked = { command: 'train', from: 'rendered', hands: 64, epochs: 1000 };
const typed = JSON.parse((await is('what would be typed', send('/api/command', asked), 200)).text);
await is('no command that would be typed', send('/api/command', { command: 'rm' }), 400);
expect(JSON.parse((await ask('/api/state')).text).job === null, 'asked for its text, a command was run');
await is('figures that are not there yet', ask('/api/runs/rendered-1/metrics.jsonl'), 204);
const job = JSON.parse((await is('train', send('/api/jobs', asked), 200)).text);
expect(job.text === `mudra train --data synthetic:64 --out ${folder}/runs/rendered-1 --epochs 1000` && job.text === typed.text, job.text);
await is('a second command', send('/api/jobs', { command: 'info' }), 409);
await until((event) => event.figures?.epoch === 1, 'the first epoch');
await is('stop', send('/api/stop', {}), 200);
await until((event) => event.ended?.how === 'stopped', 'the end');
await is('go on', send('/api/jobs', { command: 'resume', run: 'rendered-1' }), 200);
await until((event) => event.started?.kind === 'resume', 'going on');
await until((event) => event.figures?.epoch === 2, 'another epoch');

// What changes is told, to those who listen.
const place = JSON.parse((await is('another picture', capture('dan/palm'), 200)).text);
await until(({ pictures }) => pictures?.to?.subject === 'dan-1' && pictures.to.class === 'palm' && !pictures.from, 'a picture that came');
const from = { subject: place.subject, class: 'palm', file: '0001.png' };
await send('/api/relabel', { ...from, to: 'l' });
await until(({ pictures }) => pictures?.from?.file === '0001.png' && pictures.to?.class === 'l' && pictures.to.file === '0001.png', 'a picture that moved');
await send('/api/classes', { classes: ['palm', 'l', 'fist', 'none'] });
await until(({ classes }) => String(classes) === 'palm,l,fist,none', 'other classes');
const trashed = JSON.parse((await send('/api/discard', { ...from, class: 'l' })).text);
await until(({ pictures }) => pictures?.from?.class === 'l' && !pictures.to, 'a picture that went');
await send('/api/restore', trashed);
await until(({ pictures }) => pictures?.to?.class === 'l' && !pictures.from, 'a picture that came back');
await send('/api/discard', { ...from, class: 'l' });
stream.destroy();
console.log(`${cases} requests answered as they should be`);
