// A channel's messages in a list, with the places marked where some may be missing.
import { client } from './live.js';
import { recordOf } from './record.js';
import { timeOf } from './text.js';

function gapOf(result, since) {
  const count = result.publications?.length ?? 0;
  return result.recovered
    ? [`reconnected, ${count === 0 ? 'nothing was' : count === 1 ? 'one message' : `${count} messages`} missed${count === 0 ? '' : ' and recovered'}`, 'note-row']
    : result.was_recovering && result.recoverable
      ? [`reconnected: messages since ${timeOf(since)} are lost, the history no longer has them`, 'gap']
      : [`not connected from ${timeOf(since)} to ${timeOf(Date.now())}: messages of that time are missing here`, 'gap'];
}

/**
 * Shows a channel in a stream and counts it in a rate.
 * @param on subscribed(result), ended(code, reason): as of the client.
 */
export function watch(channel, stream, rate, on = {}) {
  client.addEventListener('state', () => {
    if (client.state !== 'connected') {
      stream.dataset.state = 'waiting';
    }
  });
  return client.subscribe(channel, {
    publication(publication, size) {
      rate?.count();
      stream.add(recordOf(channel, publication, size));
    },
    subscribed(result, { again, since }) {
      stream.dataset.state = 'subscribed';
      if (again && since) {
        stream.mark(...gapOf(result, since));
      }
      on.subscribed?.(result, again);
    },
    ended(code, reason) {
      stream.dataset.state = 'refused';
      stream.emptyText = `Not subscribed: ${reason} (${code}).`;
      on.ended?.(code, reason);
    },
  });
}
