// Shared by the scripts. Each is called with the broker's port, prints its events as lines of JSON, and ends by itself.
import { Centrifuge } from 'centrifuge';
import WebSocket from 'ws';

const port = process.argv[2];

// Longer than any script takes; the test waits as long for a line.
const limit = setTimeout(() => {
  tell('timeout', null);
  process.exit(1);
}, 30_000);

export const tell = (what, value) => console.log(JSON.stringify({ what, value: value ?? null }));

export function client(token, websocket = WebSocket) {
  return new Centrifuge(`ws://127.0.0.1:${port}/connection/websocket`, {
    websocket,
    token: token ?? '',
    minReconnectDelay: 50,
    maxReconnectDelay: 200,
  });
}

export async function post(path, body, token) {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

export const register = async (username) => (await post('/auth/dev-register', { username })).body.token;

export const next = (emitter, ...events) => new Promise((resolve) => {
  for (const event of events) {
    emitter.once(event, (context) => resolve({ event, ...context }));
  }
});

export function end(...clients) {
  clearTimeout(limit);
  clients.forEach((one) => one.disconnect());
}
