// A subscriber gets the publications with the tags it wants, live and after a lost connection, and the others count as received.
import assert from 'node:assert/strict';
import { connected, decode, end, next, publish, record, subscribed, unique } from './bench.mjs';

const channel = unique('tags:');
const one = await connected();
const subscription = await subscribed(one, channel, {
  tagsFilter: { op: 'or', nodes: [{ key: 'colour', cmp: 'eq', val: 'red' }, { key: 'size', cmp: 'gte', val: '10' }] },
});
const heard = record(subscription, 'publication');
const breaks = record(subscription, 'subscribing');
await publish(channel, 1, { tags: { colour: 'red' } });
await publish(channel, 2, { tags: { colour: 'blue', size: '9.5' } });
await publish(channel, 3);
await publish(channel, 4, { tags: { size: '10.0' } });
await heard.count(2);

const plain = await subscribed(await connected(), channel);
const all = record(plain, 'publication');
assert.deepEqual(breaks.seen, []);
one.disconnect();
for (const [data, colour] of [[5, 'red'], [6, 'blue'], [7, 'red']]) {
  await publish(channel, data, { tags: { colour } });
}
const back = record(subscription, 'subscribed');
one.connect();
await back.count(1);
assert.deepEqual([back.seen[0].wasRecovering, back.seen[0].recovered], [true, true]);
await publish(channel, 8, { tags: { colour: 'red' } });
await heard.count(5);
await all.count(4);
assert.deepEqual(heard.seen.map(({ data }) => decode(data)), [1, 4, 5, 7, 8]);
assert.deepEqual(all.seen.map(({ data }) => decode(data)), [5, 6, 7, 8]);

const refused = one.newSubscription(unique('plain:'), { tagsFilter: { key: 'colour', cmp: 'eq', val: 'red' } });
const refusal = next(refused, 'unsubscribed');
refused.subscribe();
assert.equal((await refusal).code, 107);
end();
