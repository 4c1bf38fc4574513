// Stays subscribed while the broker stops and another one starts on the same port.
import { client, end, next, tell } from './broker.mjs';

const centrifuge = client();
const subscription = centrifuge.newSubscription('public.townsquare');
subscription.on('subscribed', () => tell('subscribed', null));
subscription.subscribe();
centrifuge.connect();
await next(subscription, 'subscribed');

await next(centrifuge, 'connecting');
tell('connecting', null);
tell('publication', (await next(subscription, 'publication')).data);
end(centrifuge);
