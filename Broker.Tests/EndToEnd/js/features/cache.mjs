// A channel that gives newcomers its latest publication.
import assert from 'node:assert/strict';
import { connected, decode, end, publish, record, unique } from './bench.mjs';

const channel = unique('cache:');
await publish(channel, 'old');
await publish(channel, 'latest');
const one = await connected();
const subscription = one.newSubscription(channel, { since: { offset: 0, epoch: '' } });
const heard = record(subscription, 'publication');
subscription.subscribe();
await heard.count(1);
await publish(channel, 'live');
await heard.count(2);
assert.deepEqual(heard.seen.map(({ data }) => decode(data)), ['latest', 'live']);
end();
