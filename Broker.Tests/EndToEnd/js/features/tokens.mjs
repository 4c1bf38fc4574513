// Tokens that expire: of the connection and of a subscription, both refreshed by the client in time.
import assert from 'node:assert/strict';
import { client, connected, end, inSeconds, next, record, sign, subscribed, unique } from './bench.mjs';

// A second of it may have gone already, and a loaded machine takes its time from one line to the next.
const life = 3;
let asked = 0;
const getToken = async () => {
  asked++;
  return sign({ sub: 'carol', exp: inSeconds(life) });
};
const one = await connected({ getToken });
const channel = unique('closed:');
let askedForChannel = 0;
const getSubscriptionToken = async () => {
  askedForChannel++;
  return sign({ sub: 'carol', channel, exp: inSeconds(life) });
};
const breaks = record(one, 'disconnected', 'connecting');
const subscription = await subscribed(one, channel, { getToken: getSubscriptionToken });
const ends = record(subscription, 'unsubscribed', 'subscribing');

// Three tokens mean two refreshes.
while (asked < 3 || askedForChannel < 3) {
  await new Promise((resolve) => setTimeout(resolve, 50));
}
assert.deepEqual([...breaks.seen, ...ends.seen], []);
await one.publish(unique('plain:'), undefined).catch(({ code }) => assert.equal(code, 107));

const stale = client({ token: sign({ sub: 'dave', exp: inSeconds(-10) }), getToken: async () => sign({ sub: 'dave', exp: inSeconds(60) }) });
const renewed = next(stale, 'connected');
stale.connect();
await renewed;

const forged = client({ token: `${sign({ sub: 'eve' })}x` });
const refused = next(forged, 'disconnected');
forged.connect();
assert.equal((await refused).code, 3500);

// The token of another channel ends the connection.
const mallory = await connected({ token: sign({ sub: 'mallory' }) });
const thrown = next(mallory, 'disconnected');
mallory.newSubscription(channel, { token: sign({ sub: 'mallory', channel: 'closed:other' }) }).subscribe();
assert.equal((await thrown).code, 3500);
end();
