// Keys of a shared poll, with the official client. The back end of the test knows two keys, a and b, and counts how often it was asked.
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { api, connected, decode, end, inSeconds, record, secret, unique } from './features/bench.mjs';

const channel = unique('poll:');
const signatureOf = (keys) => {
  const [issued, expiry] = [inSeconds(0), inSeconds(3600)];
  const hash = createHash('sha256').update(keys.join('\0')).digest('hex');
  const signed = `${issued}\0${expiry}\0\0${channel}\0${hash}`;
  return `${issued}:${expiry}:${createHmac('sha256', secret).update(signed).digest('hex')}`;
};
const seen = (updates) => updates.seen.map(({ key, data, version, removed }) => [key, removed ? null : decode(data), Number(version ?? 0)]);

const one = await connected();
const subscription = one.newSharedPollSubscription(channel, { delta: 'fossil', getSignature: async ({ keys }) => ({ keys, signature: signatureOf(keys) }) });
const updates = record(subscription, 'update');
subscription.subscribe();
await subscription.ready(20_000);

subscription.track(['a', 'b', 'unknown']);
await updates.count(2);
assert.deepEqual(seen(updates).sort(), [['a', { n: 1 }, 1], ['b', { n: 1 }, 1]]);

await api('shared_poll_publish', { channel, key: 'a', data: { n: 2 }, version: 2 });
await updates.count(3);
assert.deepEqual(seen(updates)[2], ['a', { n: 2 }, 2]);

// What is untracked is not delivered; what is tracked later is.
subscription.untrack(['a']);
await api('shared_poll_publish', { channel, key: 'a', data: { n: 3 }, version: 3 });
await api('shared_poll_publish', { channel, key: 'b', data: { n: 3 }, version: 3 });
await updates.count(4);
assert.deepEqual(seen(updates)[3], ['b', { n: 3 }, 3]);

// A second client gets what the first one has, and both get what comes.
const other = await connected();
const second = other.newSharedPollSubscription(channel, { getSignature: async ({ keys }) => ({ keys, signature: signatureOf(keys) }) });
const others = record(second, 'update');
second.track(['b']);
second.subscribe();
await others.count(1);
await api('shared_poll_publish', { channel, key: 'b', data: { n: 4 }, version: 4 });
await others.count(2);
await updates.count(5);
assert.deepEqual(seen(others)[1], ['b', { n: 4 }, 4]);
assert.deepEqual(seen(updates)[4], ['b', { n: 4 }, 4]);
end();
