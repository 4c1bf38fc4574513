// Deltas: the client reconstructs publications, live and after a lost connection, and a plain subscriber gets the same.
import assert from 'node:assert/strict';
import { connected, decode, end, publish, record, subscribed, unique } from './bench.mjs';

const channel = unique('delta:');
const text = (i) => ({ i, text: `${'das Übliche, 同じ, '.repeat(20)}${i} ${'und weiter'.repeat(10)}` });
const one = await connected();
const plain = await connected();
const subscription = await subscribed(one, channel, { delta: 'fossil' });
const beside = await subscribed(plain, channel);
const heard = record(subscription, 'publication');
const heardBeside = record(beside, 'publication');
for (let i = 1; i <= 5; i++) {
  await publish(channel, text(i));
}
await heard.count(5);
one.disconnect();
for (let i = 6; i <= 9; i++) {
  await publish(channel, text(i));
}
one.connect();
await heard.count(9);
await publish(channel, text(10));
await heard.count(10);
await heardBeside.count(10);
const all = Array.from({ length: 10 }, (_, i) => text(i + 1));
assert.deepEqual(heard.seen.map(({ data }) => decode(data)), all);
assert.deepEqual(heardBeside.seen.map(({ data }) => decode(data)), all);
end();
