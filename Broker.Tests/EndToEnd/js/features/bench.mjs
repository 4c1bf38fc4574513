// Shared by the scripts of this folder: a client over the requested transport and protocol, tokens, the server API.
// Called as: node NAME.mjs PORT TRANSPORT PROTOCOL SECRET KEY. A script ends with exit code 0 when all its assertions held.
import { createHmac, randomUUID } from 'node:crypto';
import { Centrifuge } from 'centrifuge';
import { Centrifuge as ProtobufCentrifuge } from 'centrifuge/build/protobuf';
import EventSource from 'eventsource';
import WebSocket from 'ws';

export const [port, transport, protocol, secret, key] = process.argv.slice(2);
export const isProtobuf = protocol === 'protobuf';
const endpoints = { websocket: `ws://127.0.0.1:${port}/connection/websocket`, http_stream: `http://127.0.0.1:${port}/connection/http_stream`, sse: `http://127.0.0.1:${port}/connection/sse` };

// Longer than any script takes.
setTimeout(() => {
  console.error('timed out');
  process.exit(1);
}, 25_000).unref();

const clients = [];

export function client(options = {}) {
  const Client = isProtobuf ? ProtobufCentrifuge : Centrifuge;
  const one = new Client([{ transport, endpoint: endpoints[transport] }], {
    websocket: WebSocket,
    fetch,
    readableStream: ReadableStream,
    eventsource: EventSource,
    emulationEndpoint: `http://127.0.0.1:${port}/emulation`,
    minReconnectDelay: 20,
    maxReconnectDelay: 100,
    networkEventTarget: null,
    ...options,
  });
  clients.push(one);
  return one;
}

// Data as the protocol carries it: values with JSON, bytes with Protobuf.
export const encode = (value) => (isProtobuf ? new TextEncoder().encode(JSON.stringify(value)) : value);
export const decode = (data) => (isProtobuf ? JSON.parse(new TextDecoder().decode(data)) : data);

const base64url = (text) => Buffer.from(text).toString('base64url');
export function sign(claims) {
  const head = `${base64url('{"alg":"HS256","typ":"JWT"}')}.${base64url(JSON.stringify(claims))}`;
  return `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`;
}

export const inSeconds = (seconds) => Math.floor(Date.now() / 1000) + seconds;

export async function api(method, params) {
  const response = await fetch(`http://127.0.0.1:${port}/api/${method}`, {
    method: 'POST',
    headers: { 'X-API-Key': key },
    body: JSON.stringify(params),
  });
  const answer = await response.json();
  if (response.status !== 200 || answer.error) {
    throw new Error(`${method}: ${response.status} ${JSON.stringify(answer)}`);
  }
  return answer.result;
}

export const publish = (channel, data, more = {}) => api('publish', { channel, data, ...more });

export const next = (emitter, event) => new Promise((resolve) => emitter.once(event, resolve));

// Everything that an emitter says of some events, and a promise for when there is enough of it.
export function record(emitter, ...events) {
  const seen = [];
  const waiting = new Set();
  for (const event of events) {
    emitter.on(event, (context) => {
      seen.push({ event, ...context });
      waiting.forEach((check) => check());
    });
  }
  const until = (condition) => new Promise((resolve) => {
    const check = () => {
      if (condition(seen)) {
        waiting.delete(check);
        resolve(seen);
      }
    };
    waiting.add(check);
    check();
  });
  return { seen, until, count: (n) => until((all) => all.length >= n) };
}

export async function connected(options) {
  const one = client(options);
  const connecting = next(one, 'connected');
  one.connect();
  const context = await connecting;
  return Object.assign(one, { context });
}

export async function subscribed(one, channel, options) {
  const subscription = one.newSubscription(channel, options);
  const subscribing = next(subscription, 'subscribed');
  subscription.subscribe();
  return Object.assign(subscription, { context: await subscribing });
}

// Waits until the broker has no subscriber of a channel left.
export async function gone(channel) {
  while (channel in (await api('channels', { pattern: channel })).channels) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export const unique = (prefix) => `${prefix}${randomUUID().slice(0, 8)}`;

export function end() {
  clients.forEach((one) => one.disconnect());
  process.exit(0);
}
