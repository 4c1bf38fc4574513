// Presence, joins and leaves.
import assert from 'node:assert/strict';
import { connected, decode, end, record, sign, subscribed, unique } from './bench.mjs';

const channel = unique('presence:');
const alice = await connected({ token: sign({ sub: 'alice', info: { name: 'Alice' } }) });
const heardByAlice = await subscribed(alice, channel, { joinLeave: true });
const seen = record(heardByAlice, 'join', 'leave');

const bob = await connected({ token: sign({ sub: 'bob' }) });
const bobs = await subscribed(bob, channel);
await seen.until((all) => all.some(({ event, info }) => event === 'join' && info.user === 'bob'));

const { clients } = await heardByAlice.presence();
assert.deepEqual(Object.keys(clients).sort(), [alice.context.client, bob.context.client].sort());
assert.equal(clients[bob.context.client].user, 'bob');
assert.deepEqual(decode(clients[alice.context.client].connInfo), { name: 'Alice' });
const stats = await heardByAlice.presenceStats();
assert.deepEqual([stats.numClients, stats.numUsers], [2, 2]);

bobs.unsubscribe();
await seen.until((all) => all.some(({ event, info }) => event === 'leave' && info.user === 'bob'));
const again = await heardByAlice.presenceStats();
assert.equal(again.numClients, 1);

bobs.subscribe();
await seen.until((all) => all.filter(({ event, info }) => event === 'join' && info.user === 'bob').length === 2);
bob.disconnect();
await seen.until((all) => all.filter(({ event, info }) => event === 'leave' && info.user === 'bob').length === 2);
end();
