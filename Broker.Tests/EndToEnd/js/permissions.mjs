// Access to a locked channel, and the effect of a lock on a subscriber.
import { client, end, next, post, register, tell } from './broker.mjs';

const alice = await register('alice');
const bob = await register('bob');
const clients = [];

async function subscribe(who, token, channel) {
  const centrifuge = client(token);
  clients.push(centrifuge);
  const subscription = centrifuge.newSubscription(channel);
  const outcome = next(subscription, 'subscribed', 'unsubscribed');
  subscription.subscribe();
  centrifuge.connect();
  const { event, code, reason } = await outcome;
  tell(who, { event, code, reason });
  return subscription;
}

await post('/api/lock', { channel: 'agent.alice.locked' }, alice);
await subscribe('anonymous', '', 'agent.alice.locked');
await subscribe('stranger', bob, 'agent.alice.locked');
await subscribe('owner', alice, 'agent.alice.locked');
await post('/api/grant', { channel: 'agent.alice.locked', target: 'bob' }, alice);
await subscribe('granted', bob, 'agent.alice.locked');

const listener = await subscribe('before the lock', '', 'agent.alice.open');
const ended = next(listener, 'unsubscribed');
await post('/api/lock', { channel: 'agent.alice.open' }, alice);
const { event, code, reason } = await ended;
tell('after the lock', { event, code, reason });
end(...clients);
