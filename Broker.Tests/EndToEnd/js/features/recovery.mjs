// Loses its connection again and again while others publish: nothing is lost or duplicated, and everything is in order.
import assert from 'node:assert/strict';
import { api, connected, decode, end, publish, record, sign, subscribed, unique } from './bench.mjs';

const channel = unique('history:');
const user = unique('user');
const one = await connected({ token: sign({ sub: user }) });
const subscription = await subscribed(one, channel);
const heard = record(subscription, 'publication');
const returns = record(subscription, 'subscribed');
const total = 60;

for (let i = 1; i <= total; i++) {
  await publish(channel, i);
  if (i % 15 === 0) {
    await api('disconnect', { user, disconnect: { code: 4000, reason: 'cut' } });
  }
}
await heard.count(total);
await returns.count(1);
assert.deepEqual(heard.seen.map(({ data }) => decode(data)), Array.from({ length: total }, (_, i) => i + 1));
assert.ok(returns.seen.every(({ recovered, wasRecovering }) => recovered && wasRecovering));

// More than the history holds: the client learns of the gap.
one.disconnect();
for (let i = 0; i < 110; i++) {
  await publish(channel, 'missed');
}
const back = record(subscription, 'subscribed');
one.connect();
await back.count(1);
assert.deepEqual([back.seen[0].wasRecovering, back.seen[0].recovered], [true, false]);
end();
