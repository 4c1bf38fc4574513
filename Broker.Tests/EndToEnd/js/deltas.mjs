// Applies patches with the client's own decoders. Reads lines of JSON from a file and prints the target of each: the data that a subscriber would get.
import { readFileSync } from 'node:fs';
import { Centrifuge } from 'centrifuge';
import { Centrifuge as ProtobufCentrifuge } from 'centrifuge/build/protobuf';
import WebSocket from 'ws';

const url = 'ws://127.0.0.1:1/connection/websocket';
const json = new Centrifuge(url, { websocket: WebSocket })._codec;
const protobuf = new ProtobufCentrifuge(url, { websocket: WebSocket })._codec;

for (const line of readFileSync(process.argv[2], 'utf8').trim().split('\n')) {
  const { source, patch, isText } = JSON.parse(line);
  const before = new Uint8Array(Buffer.from(source, 'base64'));
  const bytes = new Uint8Array(Buffer.from(patch, 'base64'));
  const { newPrevValue } = isText
    ? json.applyDeltaIfNeeded({ delta: true, data: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }, before)
    : protobuf.applyDeltaIfNeeded({ delta: true, data: bytes }, before);
  console.log(Buffer.from(newPrevValue).toString('base64'));
}
