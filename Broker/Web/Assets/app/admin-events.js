// Server-sent events by fetch: an EventSource could not send the header of the console.
import { open } from './admin-api.js';

/** The longest event; a server that sends more than that without an end is not ours. */
const maxLength = 1_000_000;

// Yields the data of each event. Lines end with \n; comments keep the connection alive.
async function* eventsIn(stream) {
  let rest = '';
  for await (const text of stream) {
    const events = (rest + text).replaceAll('\r', '').split('\n\n');
    rest = events.pop();
    if (rest.length > maxLength) {
      throw new Error('an event is too long');
    }
    for (const event of events) {
      const data = event.split('\n').filter((line) => line.startsWith('data:')).map((line) => line.slice(5).replace(/^ /, ''));
      if (data.length > 0) {
        yield data.join('\n');
      }
    }
  }
}

// Not every browser iterates over a stream by itself.
async function* textOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/**
 * Follows a stream until it ends or `signal` says so.
 * @param on opened(), event(data): the text of one event.
 */
export async function follow(path, query, signal, on) {
  const response = await open(path, query, signal);
  if (!response.ok) {
    const answer = await response.json().catch(() => ({}));
    throw Object.assign(new Error(answer.error ?? `${response.status} ${response.statusText}`), { isRefusal: response.status < 500 });
  }
  on.opened();
  for await (const data of eventsIn(textOf(response.body))) {
    on.event(data);
  }
}
