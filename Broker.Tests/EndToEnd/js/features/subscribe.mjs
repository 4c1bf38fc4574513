// Subscribes, receives publications of the server API and of a client, unsubscribes, and gets the error of a refused subscribe.
import assert from 'node:assert/strict';
import { connected, decode, encode, end, gone, next, publish, record, subscribed, unique } from './bench.mjs';

const channel = unique('plain:');
const one = await connected();
const subscription = await subscribed(one, channel);
const heard = record(subscription, 'publication');

await publish(channel, { from: 'api' }, { tags: { colour: 'red' } });
await subscription.publish(encode({ from: 'client' }));
await heard.count(2);
assert.deepEqual(heard.seen.map(({ data }) => decode(data)), [{ from: 'api' }, { from: 'client' }]);
assert.deepEqual(heard.seen[0].tags, { colour: 'red' });
assert.equal(heard.seen[0].info, undefined);
assert.equal(heard.seen[1].info.client, one.context.client);

// Over HTTP each command is a request of its own, and they may overtake each other: the publish waits until the broker has seen the leaving.
subscription.unsubscribe();
await gone(channel);
await one.publish(channel, encode('unheard'));
assert.equal(heard.seen.length, 2);

const refused = one.newSubscription('unknown:x');
const refusal = next(refused, 'unsubscribed');
refused.subscribe();
assert.equal((await refusal).code, 102);
await assert.rejects(one.publish('closed:x', encode(1)), { code: 103 });
await assert.rejects(one.rpc('nothing', encode({})), { code: 108 });
end();
