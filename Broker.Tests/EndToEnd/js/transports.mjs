// One script for every bidirectional transport: connects, subscribes, publishes, stays while it is pinged, and learns of its end.
import { Centrifuge } from 'centrifuge';
import { Centrifuge as ProtobufCentrifuge } from 'centrifuge/build/protobuf';
import EventSource from 'eventsource';
import WebSocket from 'ws';
import { end, next, post, register, tell } from './broker.mjs';

// The last one is the port of the node that is spoken to, if it is another one than is listened to.
const [, , port, transport, encoding, emulationPort = port] = process.argv;
const host = `127.0.0.1:${port}`;
const endpoint = transport === 'websocket' ? `ws://${host}/connection/websocket` : `http://${host}/connection/${transport}`;
const token = await register('alice');
const Client = encoding === 'protobuf' ? ProtobufCentrifuge : Centrifuge;
const encode = (value) => encoding === 'protobuf' ? new TextEncoder().encode(JSON.stringify(value)) : value;
const decode = (data) => encoding === 'protobuf' ? JSON.parse(new TextDecoder().decode(data)) : data;
const centrifuge = new Client([{ transport, endpoint }], {
  websocket: WebSocket, fetch, readableStream: ReadableStream, eventsource: EventSource, emulationEndpoint: `http://127.0.0.1:${emulationPort}/emulation`, token,
  minReconnectDelay: 50, maxReconnectDelay: 200,
});

let connects = 0;
centrifuge.on('connected', () => { connects++; });
const connected = next(centrifuge, 'connected');
const subscription = centrifuge.newSubscription('public.townsquare');
const subscribed = next(subscription, 'subscribed');
subscription.subscribe();
centrifuge.connect();
tell('connected', { transport: (await connected).transport });
await subscribed;

const own = next(subscription, 'publication');
await centrifuge.publish('public.townsquare', encode({ over: transport }));
tell('own', decode((await own).data).payload);
const other = next(subscription, 'publication');
await post('/api/publish', { channel: 'public.townsquare', payload: 'é\n' }, token);
tell('other', decode((await other).data).payload);
tell('refused', await centrifuge.publish('agent.bob.x', encode(1)).catch(({ code }) => code));

// Longer than three pings; without answers it would be cut.
await new Promise((resolve) => { setTimeout(resolve, 7_000); });
tell('still', { connects, state: centrifuge.state });

const over = next(centrifuge, 'disconnected', 'connecting');
await post('/auth/revoke', {}, token);
const { event, code } = await over;
tell('over', { event, code });
end(centrifuge);
