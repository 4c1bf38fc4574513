// Counts the broker's pings, and how often the connection was made or lost meanwhile.
import WebSocket from 'ws';
import { client, end, next, tell } from './broker.mjs';

const enough = 4;
let pings = 0;
let connects = 0;
let disconnects = 0;
let finish;
const finished = new Promise((resolve) => { finish = resolve; });

class Listening extends WebSocket {
  constructor(...args) {
    super(...args);
    this.addEventListener('message', ({ data }) => {
      pings += data === '{}' ? 1 : 0;
      if (pings === enough) {
        finish();
      }
    });
  }
}

const centrifuge = client('', Listening);
centrifuge.on('connected', () => { connects++; });
centrifuge.on('disconnected', () => { disconnects++; });
centrifuge.connect();
await finished;

// A reply after the last ping: the broker still takes this connection for alive.
const subscription = centrifuge.newSubscription('public.townsquare');
const subscribed = next(subscription, 'subscribed');
subscription.subscribe();
await subscribed;
tell('done', { pings, connects, disconnects });
end(centrifuge);
