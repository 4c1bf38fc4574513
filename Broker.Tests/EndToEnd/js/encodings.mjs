// Encodes with the official client's own Protobuf code. Reads lines { type, json, isText } from a file and prints the bytes of each as hex.
// With --random COUNT instead of a file it makes up random commands and prints each as { json, hex }.
import { readFileSync } from 'node:fs';
import { Centrifuge } from 'centrifuge/build/protobuf';
import WebSocket from 'ws';

const codec = new Centrifuge('ws://127.0.0.1:1/connection/websocket', { websocket: WebSocket })._codec;
const bytesFields = ['data', 'conn_info', 'chan_info'];
const textMaps = ['headers', 'tags'];

// Payloads become bytes: the text of their JSON, or (isText) what a JSON string holds. Zero values are not sent.
function toMessage(value, isText) {
  if (Array.isArray(value)) return value.map(item => toMessage(item, isText));
  if (value === null || typeof value !== 'object') return value;
  const message = {};
  for (const [name, field] of Object.entries(value)) {
    if (bytesFields.includes(name)) message[name] = Buffer.from(isText && name === 'data' ? field : JSON.stringify(field));
    else if (textMaps.includes(name)) message[name] = field;
    else if (field !== 0 && field !== '' && field !== false) message[name] = toMessage(field, isText);
  }
  return message;
}

const encode = (type, json, isText = false) => {
  const message = toMessage(JSON.parse(json), isText);
  return Buffer.from(type === 'Command' ? codec.encodeCommands([message]) : codec.encodeReplies([message])).toString('hex').toUpperCase();
};

let state = 20260601;
const below = limit => (state = (state * 48271) % 2147483647) % limit;
const some = (...values) => values[below(values.length)];
const text = () => some('', 'a', 'public.town', 'é日😀', 'x'.repeat(200), '"\\\n\u0001');
const flag = () => some(true, false);
const number = () => some(0, 1, 127, 128, 16384, 4294967295, Number.MAX_SAFE_INTEGER);
const int = () => some(0, 1, -1, 300, 2147483647, -2147483648);
const data = () => some(null, 0, '', [], { a: [1, 'é'] }, 'text');
const position = () => some({}, { offset: number() }, { offset: number(), epoch: text() });

function pick(fields) {
  return Object.fromEntries(Object.entries(fields).filter(flag));
}

const item = () => pick({ key: text(), version: number() });
const batch = () => pick({ signature: text(), items: [item(), item()] });

const subscribe = () => pick({
  channel: text(), token: text(), recover: flag(), epoch: text(), offset: number(), data: data(), positioned: flag(), recoverable: flag(),
  join_leave: flag(), delta: some('', 'fossil', 'other'), tf: {}, flag: some(0, 1, 2, 3, -1), type: int(), phase: int(), cursor: text(), limit: int(), asc: flag(),
});

const requests = {
  connect: () => pick({
    token: text(), data: data(), subs: { a: subscribe(), [text()]: subscribe() }, name: text(), version: text(),
    headers: { [text()]: text(), Cookie: 'c' }, flag: int(), dict: text(), profile: text(),
  }),
  subscribe,
  unsubscribe: () => pick({ channel: text() }),
  publish: () => pick({ channel: text(), data: data(), type: int(), key: text(), removed: flag() }),
  presence: () => pick({ channel: text() }),
  presence_stats: () => pick({ channel: text() }),
  history: () => pick({ channel: text(), limit: int(), since: position(), reverse: flag() }),
  rpc: () => pick({ data: data(), method: text() }),
  send: () => pick({ data: data() }),
  refresh: () => pick({ token: text() }),
  sub_refresh: () => pick({ channel: text(), token: text(), type: int(), track: [batch(), batch()], untrack: [text(), text()] }),
};

function randomCommand() {
  const command = { id: some(1, 2, 300, 4294967295) };
  do {
    const [name, request] = some(...Object.entries(requests));
    command[name] = request();
  } while (below(4) === 0);
  return command;
}

if (process.argv[2] === '--random') {
  for (let i = 0; i < Number(process.argv[3]); i++) {
    const json = JSON.stringify(randomCommand());
    console.log(JSON.stringify({ json, hex: encode('Command', json) }));
  }
} else {
  for (const line of readFileSync(process.argv[2], 'utf8').trim().split('\n')) {
    const { type, json, isText } = JSON.parse(line);
    console.log(encode(type, json, isText));
  }
}
