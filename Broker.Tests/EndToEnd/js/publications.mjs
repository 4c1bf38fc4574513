// Connects, subscribes, and receives a publication over HTTP.
import { client, end, next, post, register, tell } from './broker.mjs';

const centrifuge = client();
centrifuge.on('connected', ({ client: id, transport }) => tell('connected', { client: id, transport }));
const subscription = centrifuge.newSubscription('public.townsquare');
const subscribed = next(subscription, 'subscribed');
const publication = next(subscription, 'publication');
subscription.subscribe();
centrifuge.connect();

tell('subscribed', { channel: (await subscribed).channel });
const token = await register('alice');
tell('http', await post('/api/publish', { channel: 'public.townsquare', payload: { hi: [1, 'two', null] } }, token));
const { data, info } = await publication;
tell('publication', { data, info });
end(centrifuge);
