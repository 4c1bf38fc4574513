// Maps: state, changes, recovery, presence and a client's own key, as the official client shows them.
import assert from 'node:assert/strict';
import { connected, decode, encode, end, next, record, unique } from './bench.mjs';

const live = async (one, channel, options, make = 'newMapSubscription') => {
  const subscription = one[make](channel, options);
  const updates = record(subscription, 'update');
  const synced = next(subscription, 'sync');
  subscription.subscribe();
  const entries = (await synced).entries;
  return { subscription, updates, entries };
};
const values = (entries) => Object.fromEntries(entries.map(({ key, data }) => [key, decode(data)]));

const [writer, reader] = [await connected(), await connected()];

// More entries than fit into one page, then changes.
const channel = unique('map:');
const writing = await live(writer, channel);
for (let i = 0; i < 7; i++) {
  await writing.subscription.publish(`k${i}`, encode({ i }));
}
const reading = await live(reader, channel, { pageSize: 2 });
assert.deepEqual(values(reading.entries), Object.fromEntries(Array.from({ length: 7 }, (_, i) => [`k${i}`, { i }])));
await writing.subscription.publish('k1', encode({ i: 11 }));
await writing.subscription.remove('k2');
await reading.updates.count(2);
assert.deepEqual(reading.updates.seen.map(({ key, removed }) => [key, removed]), [['k1', undefined], ['k2', true]]);
assert.deepEqual(decode(reading.updates.seen[0].data), { i: 11 });

// What was missed comes as updates, without another state.
const syncs = record(reading.subscription, 'sync');
reader.disconnect();
await writing.subscription.publish('k3', encode({ i: 33 }));
await writing.subscription.remove('k4');
const back = next(reading.subscription, 'subscribed');
reader.connect();
assert.equal((await back).recovered, true);
await reading.updates.count(4);
assert.deepEqual(reading.updates.seen.slice(2).map(({ key, removed }) => [key, removed]), [['k3', undefined], ['k4', true]]);
assert.equal(syncs.seen.length, 0);

// Deltas of each key, also after a removal.
const deltas = unique('mapdelta:');
const sending = await live(writer, deltas);
const patched = await live(reader, deltas, { delta: 'fossil' });
const text = 'das Übliche, 同じ, '.repeat(30);
for (const n of [1, 2, 3]) {
  await sending.subscription.publish('a', encode({ text, n }));
  await sending.subscription.publish('b', encode({ text, n: -n }));
}
await sending.subscription.remove('a');
await sending.subscription.publish('a', encode({ text, n: 4 }));
await patched.updates.count(8);
const numbers = patched.updates.seen.map(({ key, data, removed }) => (removed ? `${key} gone` : `${key}${decode(data).n}`));
assert.deepEqual(numbers, ['a1', 'b-1', 'a2', 'b-2', 'a3', 'b-3', 'a gone', 'a4']);
assert.equal(patched.subscription.deltaStats().numDeltaPayloads, 4);

// The map of the clients that are subscribed to another map.
const watching = await live(reader, `clients:${channel}`, {}, 'newMapClientsSubscription');
assert.deepEqual(watching.entries.map(({ key }) => key).sort(), [writer.context.client, (await watchingIds()).reader].sort());
writing.subscription.unsubscribe();
await watching.updates.count(1);
assert.deepEqual(watching.updates.seen.map(({ key, removed }) => [key, removed]), [[writer.context.client, true]]);

// A client's own key goes with it.
const cursors = unique('cursors:');
const [mine, theirs] = [await live(writer, cursors), await live(reader, cursors)];
await mine.subscription.publish('', encode({ x: 1 }));
mine.subscription.unsubscribe();
await theirs.updates.count(2);
assert.deepEqual(theirs.updates.seen.map(({ key, removed }) => [key, removed]), [[writer.context.client, undefined], [writer.context.client, true]]);
end();

// The reader has another id since it has connected again.
async function watchingIds() {
  const own = unique('cursors:');
  const { subscription, updates } = await live(reader, own);
  await subscription.publish('', encode(0));
  await updates.count(1);
  return { reader: updates.seen[0].key };
}
