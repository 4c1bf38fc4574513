// Leaves a channel and joins it again; publications in between are not delivered to it.
import { client, end, next, post, register, tell } from './broker.mjs';

const token = await register('alice');
const publish = (payload) => post('/api/publish', { channel: 'public.townsquare', payload }, token);
const received = [];
const centrifuge = client();
const subscription = centrifuge.newSubscription('public.townsquare');
subscription.on('publication', ({ data }) => received.push(data.payload));
centrifuge.connect();

const subscribe = async () => {
  const subscribed = next(subscription, 'subscribed');
  subscription.subscribe();
  await subscribed;
};

await subscribe();
const first = next(subscription, 'publication');
await publish(1);
await first;
subscription.unsubscribe();

// Commands of one connection are carried out in order: with this reply the broker has left the channel.
await centrifuge.publish('public.other', 0);
await publish(2);
await subscribe();
const third = next(subscription, 'publication');
await publish(3);
await third;
tell('received', received);
end(centrifuge);
