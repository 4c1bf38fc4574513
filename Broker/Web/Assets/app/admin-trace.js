// What happens to a user or on a channel, as it happens.
import { follow } from './admin-events.js';
import { manyOf, momentOf } from './admin-format.js';
import { button, card, channelLink, facts, form, hashOf, labelled, linkTo, nodeTag, resultLine, say, select, textInput, userLink } from './admin-ui.js';
import { debounced, el } from './dom.js';
import { Record } from './record.js';
import { coloured, isolated, parse, visible } from './text.js';
import './stream.js';

const retryAfter = 2_000;

const words = {
  connected: 'connected', disconnecting: 'is being disconnected', closed: 'closed', refused: 'refused', subscribed: 'subscribed to', unsubscribed: 'unsubscribed from',
  subscription_ended: 'lost its subscription of', published: 'published to',
};

// A publication that no connection and no user has made is one of the server API.
const nameOf = ({ user, client, event }) => user || (event === 'published' && !client ? 'server API' : 'anonymous');

class TraceRecord extends Record {
  constructor(event) {
    super({ time: Date.parse(event.time), sender: nameOf(event), data: event, size: event.bytes ?? 0, kind: event.event === 'refused' ? 'bad' : '' });
  }

  /** The event in one line, which the filter searches, too. */
  get line() {
    const { event, action, channel, code, reason, transport, data, node } = this.data;
    const why = reason || code ? `: ${[reason, code && `(${code})`].filter(Boolean).join(' ')}` : '';
    return [words[event] ?? event, action ?? '', channel ?? '', event === 'connected' ? `by ${transport}` : ''].filter(Boolean).join(' ') + why + (data ? `  ${data}` : '') + (node ? `  @${node.slice(0, 8)}` : '');
  }
}

// The first 512 characters of a payload may be half of a JSON.
const payloadOf = (data) => [el('div', { class: 'line-head' }, el('span', {}, 'Payload, its beginning')), el('pre', { class: 'payload', tabindex: '0', 'aria-label': 'Payload' }, ...coloured(data))];

const detailsOf = ({ time, node, event, user, client, channel, action, code, reason, transport, bytes, data }) => [
  facts(
    ['Event', event],
    ['Time', momentOf(time)],
    ['User', user || client ? userLink(user ?? '') : 'server API'],
    client && ['Connection', linkTo('connections', { client }, el('code', {}, isolated(client)))],
    channel && ['Channel', channelLink(channel)],
    (reason || code) && ['Because', ...visible(`${reason ?? ''} ${code ? `(${code})` : ''}`)],
    event === 'refused' && ['See also', linkTo('explain', { action, channel, user: user ?? '' }, 'explain')],
    transport && ['By', isolated(transport)],
    bytes !== undefined && ['Size', manyOf(bytes, 'byte')],
    ['Node', nodeTag(node)]),
  ...(data ? payloadOf(data) : []),
];

export function traceSection(root) {
  const kind = select({ name: 'kind' }, [['user', 'User'], ['channel', 'Channel']]);
  const subject = textInput({ name: 'subject', placeholder: 'alice, or agent.alice.news' });
  const state = resultLine();
  const pauseButton = button('Pause', () => pause(!stream.isPaused), { 'aria-pressed': 'false' });
  const stop = button('Stop', () => end('Stopped.'), { hidden: true });
  const filter = textInput({ type: 'search', placeholder: 'Filter by text' });
  const stream = el('claw-stream', { id: 'trace', label: 'Events' });
  const details = el('div', { class: 'pad', hidden: true });
  let following = null;
  let followed = '';

  function pause(isPaused) {
    stream.isPaused = isPaused;
    pauseButton.setAttribute('aria-pressed', String(isPaused));
    pauseButton.textContent = isPaused ? 'Resume' : 'Pause';
  }

  function end(text) {
    following?.abort();
    following = null;
    followed = '';
    stop.hidden = true;
    say(state, text);
  }

  function take(text) {
    const event = parse(text);
    if (event.event === 'dropped') {
      stream.mark(`${manyOf(event.count, 'event')} dropped here: there were too many to send`);
    } else {
      stream.add(new TraceRecord(event));
    }
  }

  // A node that stops ends the stream: it is asked again, and the list says what may be missing.
  async function begin(query, name) {
    const mine = new AbortController();
    following = mine;
    stop.hidden = false;
    stream.emptyText = 'Waiting for the first event …';
    for (let isAgain = false; following === mine; isAgain = true) {
      try {
        await follow('/api/trace', query, mine.signal, {
          opened() {
            say(state, `Following ${name}.`, 'good');
            if (isAgain) {
              stream.mark('reconnected: events in between are missing here');
            }
          },
          event: take,
        });
      } catch (error) {
        if (following === mine && error.isRefusal) {
          end(`Not followed: ${error.message}.`);
        }
      }
      if (following === mine) {
        say(state, 'The connection was lost; trying again …', 'bad');
        await new Promise((resolve) => { setTimeout(resolve, retryAfter); });
      }
    }
  }

  function show(parameters) {
    const name = ['user', 'channel'].find((key) => parameters.has(key));
    if (!name) {
      return;
    }
    kind.value = name;
    subject.value = parameters.get(name);
    const key = `${name}=${subject.value}`;
    if (followed !== key) {
      end('');
      stream.clear();
      details.hidden = true;
      pause(false);
      followed = key;
      begin({ [name]: subject.value }, name === 'channel' ? subject.value : subject.value || 'anonymous clients');
    }
  }

  function go() {
    const parameters = { [kind.value]: subject.value.trim() };
    const address = hashOf('trace', parameters);
    if (location.hash === address) {
      show(new URLSearchParams(parameters));
    } else {
      location.hash = address;
    }
  }

  stream.addEventListener('resume', () => pause(false));
  stream.addEventListener('select', (event) => {
    details.hidden = false;
    details.replaceChildren(...detailsOf(event.detail.data));
  });
  filter.addEventListener('input', debounced(150, () => { stream.filter = filter.value; }));
  root.append(
    card('Follow', el('div', { class: 'pad' }, form(go, labelled('What', kind), labelled('Name', subject), el('button', { class: 'primary' }, 'Follow'), stop), state)),
    el('section', { class: 'card', 'aria-label': 'Events' },
      el('div', { class: 'card-head controls' }, pauseButton, el('label', { class: 'filter' }, el('span', { class: 'unseen' }, 'Filter'), filter), button('Clear', () => { stream.clear(); details.hidden = true; })),
      stream, details));
  stream.emptyText = 'Choose a user or a channel to follow.';
  return { show };
}
