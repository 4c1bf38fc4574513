// Copies of a map on two nodes, while it changes on both: node mapnodes.mjs PORT_A PORT_B KEY CHANNEL. Ends with exit code 0 when all copies are the map.
import assert from 'node:assert/strict';
import { Centrifuge } from 'centrifuge';
import WebSocket from 'ws';

const [portA, portB, key, channel] = process.argv.slice(2);
const ports = [portA, portB];
setTimeout(() => {
  console.error('timed out');
  process.exit(1);
}, 40_000).unref();

let state = 20261130;
const below = (limit) => (state = (state * 48271) % 2147483647) % limit;
const client = (port) => new Centrifuge(`ws://127.0.0.1:${port}/connection/websocket`, { websocket: WebSocket, minReconnectDelay: 10, maxReconnectDelay: 50 });

async function api(port, method, params) {
  const response = await fetch(`http://127.0.0.1:${port}/api/${method}`, { method: 'POST', headers: { 'X-API-Key': key }, body: JSON.stringify(params) });
  const answer = await response.json();
  if (answer.error) {
    throw new Error(`${method}: ${JSON.stringify(answer.error)}`);
  }
  return answer.result;
}

function copy(port) {
  const one = client(port);
  const subscription = one.newMapSubscription(channel, { pageSize: 3, minResubscribeDelay: 5, maxResubscribeDelay: 20 });
  const copied = { one, subscription, entries: new Map(), syncs: 0, recoveries: 0, faults: [] };
  subscription.on('sync', ({ entries }) => {
    copied.syncs++;
    copied.entries = new Map(entries.map(({ key: name, data }) => [name, data]));
  });
  subscription.on('update', ({ key: name, data, removed }) => (removed ? copied.entries.delete(name) : copied.entries.set(name, data)));
  subscription.on('subscribed', ({ recovered }) => (copied.recoveries += recovered ? 1 : 0));
  subscription.on('unsubscribed', ({ code }) => copied.faults.push(code));
  subscription.subscribe();
  one.connect();
  return copied;
}

const copies = [0, 1, 0, 1].map((node) => copy(ports[node]));
const change = () => {
  const [port, name] = [ports[below(2)], `k${below(12)}`];
  return below(4) === 0 ? api(port, 'map_remove', { channel, key: name }) : api(port, 'map_publish', { channel, key: name, data: { n: below(1000), text: 'x'.repeat(below(300)) } });
};

for (let round = 0; round < 60; round++) {
  const changes = Array.from({ length: below(8) }, change);
  const { one, subscription } = copies[below(copies.length)];
  switch (below(6)) {
    case 0:
      one.disconnect();
      one.connect();
      break;
    case 1:
      // Not while it subscribes: the client takes the reply to the former subscribe for one to the new one, and goes two ways at a time.
      await Promise.all(changes);
      await subscription.ready();
      subscription.unsubscribe();
      subscription.subscribe();
      break;
    case 2:
      if (below(3) === 0) {
        changes.push(api(ports[below(2)], 'map_clear', { channel }));
      }
      break;
  }
  await Promise.all(changes);
}

await api(portA, 'map_publish', { channel, key: 'end', data: 'here' });
while (copies.some(({ entries }) => entries.get('end') !== 'here')) {
  await new Promise((resolve) => setTimeout(resolve, 20));
}

const { entries } = await api(portB, 'map_read_state', { channel, limit: 1000 });
const expected = Object.fromEntries(entries.map(({ key: name, data }) => [name, data]));
for (const copied of copies) {
  assert.deepEqual(Object.fromEntries(copied.entries), expected);
  assert.deepEqual(copied.faults.filter((code) => code !== 0), [], 'no subscription ends for good');
}
console.log(JSON.stringify(copies.map(({ syncs, recoveries }) => ({ syncs, recoveries }))));
process.exit(0);
