// Publishes over the WebSocket, with and without permission.
import { client, end, next, register, tell } from './broker.mjs';

const centrifuge = client(await register('alice'));
const connected = next(centrifuge, 'connected');
const subscription = centrifuge.newSubscription('public.townsquare');
const subscribed = next(subscription, 'subscribed');
subscription.subscribe();
centrifuge.connect();
const { client: id } = await connected;
await subscribed;

subscription.on('publication', ({ data, info }) => tell('publication', {
  payload: data.payload,
  sender: data._claw.sender,
  user: info.user,
  isOwnClient: info.client === id,
}));
tell('published', await centrifuge.publish('public.townsquare', { ws: [1, 2] }));
await centrifuge.publish('agent.bob.x', 1).then(
  () => tell('published where it may not', null),
  ({ code, message }) => tell('refused', { code, message }),
);
end(centrifuge);
