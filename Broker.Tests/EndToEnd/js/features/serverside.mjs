// Subscriptions that the server makes: by the token, by the server API, recovered after a lost connection, ended again.
import assert from 'node:assert/strict';
import { api, client, decode, end, next, publish, record, sign, unique } from './bench.mjs';

const user = unique('user');
const ofToken = unique('history:');
const ofApi = unique('plain:');
const one = client({ token: sign({ sub: user, channels: [ofToken] }) });
const seen = record(one, 'subscribed', 'unsubscribed');
const heard = record(one, 'publication');
const connecting = next(one, 'connected');
one.connect();
await connecting;
await seen.count(1);
assert.deepEqual([seen.seen[0].event, seen.seen[0].channel], ['subscribed', ofToken]);

await publish(ofToken, 1);
await heard.count(1);
await api('disconnect', { user, disconnect: { code: 4000, reason: 'cut' } });
await publish(ofToken, 2);
await publish(ofToken, 3);
await heard.count(3);
assert.deepEqual(heard.seen.map(({ data }) => decode(data)), [1, 2, 3]);

await api('subscribe', { user, channel: ofApi });
await seen.until((all) => all.some(({ event, channel }) => event === 'subscribed' && channel === ofApi));
await publish(ofApi, 4);
await heard.count(4);
await api('unsubscribe', { user, channel: ofApi });
await seen.until((all) => all.some(({ event, channel }) => event === 'unsubscribed' && channel === ofApi));
end();
