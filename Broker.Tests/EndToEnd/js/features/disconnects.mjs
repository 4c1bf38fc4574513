// The client's reaction to each code: it reconnects, or not.
import assert from 'node:assert/strict';
import { api, connected, end, next, record, sign, unique } from './bench.mjs';

for (const [code, comesBack] of [[undefined, false], [3001, true], [3012, true], [3500, false], [3999, false], [4000, true], [4499, true], [4500, false], [4999, false]]) {
  const user = unique('user');
  const one = await connected({ token: sign({ sub: user }) });
  const seen = record(one, 'connecting', 'connected', 'disconnected');
  const after = comesBack ? next(one, 'connected') : next(one, 'disconnected');
  await api('disconnect', { user, ...(code ? { disconnect: { code, reason: `because ${code}` } } : {}) });
  await after;
  const first = seen.seen[0];
  assert.deepEqual([first.code, first.reason], code ? [code, `because ${code}`] : [3503, 'force disconnect']);
  assert.equal(first.event, comesBack ? 'connecting' : 'disconnected');
  one.disconnect();
}

// An unsubscribe by the server is final for that subscription, and the connection goes on.
const user = unique('user');
const one = await connected({ token: sign({ sub: user }) });
const channel = unique('plain:');
const subscription = one.newSubscription(channel);
const ready = next(subscription, 'subscribed');
subscription.subscribe();
await ready;
const over = next(subscription, 'unsubscribed');
await api('unsubscribe', { user, channel });
assert.equal((await over).code, 2000);
const again = next(subscription, 'subscribed');
subscription.subscribe();
await again;
end();
