// Pages through a channel's history, forwards and backwards.
import assert from 'node:assert/strict';
import { api, connected, decode, end, publish, subscribed, unique } from './bench.mjs';

const channel = unique('history:');
for (let i = 1; i <= 5; i++) {
  await publish(channel, { i });
}
const one = await connected();
const subscription = await subscribed(one, channel);
const numbers = ({ publications }) => publications.map(({ data }) => decode(data).i);

const top = await subscription.history({ limit: 0 });
assert.deepEqual([top.publications.length, Number(top.offset)], [0, 5]);
assert.ok(top.epoch);
assert.deepEqual(numbers(await subscription.history({ limit: 2 })), [1, 2]);
assert.deepEqual(numbers(await subscription.history({ limit: 2, since: { offset: 2, epoch: top.epoch } })), [3, 4]);
assert.deepEqual(numbers(await subscription.history({ limit: 2, reverse: true })), [5, 4]);
assert.deepEqual(numbers(await subscription.history({ limit: -1 })), [1, 2, 3, 4, 5]);
await assert.rejects(subscription.history({ limit: 1, since: { offset: 1, epoch: 'another' } }), { code: 112 });

await api('history_remove', { channel });
const removed = await subscription.history({ limit: -1 });
assert.deepEqual([removed.publications.length, Number(removed.offset)], [0, 5]);
end();
