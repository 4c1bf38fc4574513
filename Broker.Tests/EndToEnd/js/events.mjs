// A proxy that sends the beginning of a stream and its first event in one chunk, as nginx and HAProxy do, and npm's EventSource behind it.
import EventSource from 'eventsource';
import http from 'node:http';
import { tell } from './broker.mjs';

const [, , port, path] = process.argv;
const connect = encodeURIComponent('{"id":1,"connect":{}}');

const proxy = http.createServer((_, answer) => {
  http.get(`http://127.0.0.1:${port}${path}?cf_connect=${connect}`, (response) => {
    let gathered = '';
    answer.writeHead(200, { 'Content-Type': response.headers['content-type'] });
    response.on('data', (chunk) => {
      gathered += chunk;
      if (/\n\r?\n$/.test(gathered) && gathered.includes('data:')) {
        answer.write(gathered);
        gathered = '';
      }
    });
  });
}).listen(0, '127.0.0.1', () => {
  const source = new EventSource(`http://127.0.0.1:${proxy.address().port}/`);
  source.onmessage = ({ data }) => {
    tell('event', data);
    process.exit();
  };
});
