// One channel: its traffic, who is there, what it keeps, and a box to publish with.
import { ask, call, send } from './admin-api.js';
import { bytesOf, countOf, durationOf, manyOf, rateOf } from './admin-format.js';
import { Repeat } from './admin-repeat.js';
import { agree, attempt, button, card, empty, facts, keepTrying, linkTo, resultLine, table, userLink } from './admin-ui.js';
import { el, pageOf } from './dom.js';
import { recordOf } from './record.js';
import { isolated, show as showText, sizeOf } from './text.js';
import './message.js';
import './stream.js';

const interval = 5_000;
const historyLimit = 100;
const mostPresent = 200;

/** A payload as JSON that can be sent as it was written: a number of any length stays the same. Throws what is wrong with it. */
function checkedJson(text) {
  JSON.parse(text);
  return text.trim();
}

function publishBox(channelOf) {
  const text = el('textarea', { rows: '3', spellcheck: 'false', autocomplete: 'off', placeholder: '{"hello":"world"}' });
  const check = el('p', { class: 'result' }, 'JSON is sent as it is written.');
  const outcome = resultLine();
  text.addEventListener('input', () => {
    try {
      showText(check, text.value.trim() ? `JSON, ${sizeOf(new TextEncoder().encode(checkedJson(text.value)).length)}.` : '');
      text.removeAttribute('aria-invalid');
    } catch (error) {
      showText(check, `Not JSON: ${error.message}`);
      text.setAttribute('aria-invalid', 'true');
    }
  });
  const publish = el('form', { class: 'stack', onsubmit: (event) => {
    event.preventDefault();
    attempt(outcome, async () => {
      let data;
      try {
        data = checkedJson(text.value);
      } catch {
        throw new Error('not sent, because it is not JSON: put text in "quotes"');
      }
      await send('/api/publish', `{"channel":${JSON.stringify(channelOf())},"data":${data}}`);
      return 'Published.';
    });
  } }, el('label', { class: 'labelled' }, 'Payload', text), check,
  el('div', { class: 'actions' }, el('button', { class: 'primary' }, 'Publish'), el('small', {}, 'Published as the server: no sender, rate limit or schema applies.')), outcome);
  return publish;
}

const presenceTable = (present) => table('Present', [
  ['User', ({ user }) => userLink(user)],
  ['Connection', ({ client }) => linkTo('connections', { client }, el('code', {}, isolated(client)))],
], present.slice(0, mostPresent));

export function makeChannel() {
  let name = '';
  const fault = resultLine();
  const heading = el('h2', { class: 'mono' });
  const links = el('p', { class: 'actions pad' });
  const traffic = el('div', { class: 'pad' });
  const presence = el('div');
  const message = el('claw-message', { class: 'pad' });
  const stream = el('claw-stream', { id: 'kept', label: 'Kept messages' });
  const historyNote = resultLine();
  const repeat = new Repeat(interval, () => keepTrying(fault, () => showTraffic(name)));

  // The first question makes the nodes count the channel exactly; until then there is nothing to say.
  async function showTraffic(channel) {
    const { channels: [counted] } = await ask('/api/top', { channel });
    if (channel === name && counted) {
      const { seconds, messages, bytes, deliveries, subscribers } = counted;
      const rate = (count) => (seconds > 0 ? `, ${rateOf(count / seconds)}` : '');
      traffic.replaceChildren(facts(
        ['Subscribers', linkTo('connections', { channel }, countOf(subscribers))],
        ['Messages', `${countOf(messages)}${rate(messages)}`],
        ['Bytes', `${bytesOf(bytes)}${seconds > 0 ? `, ${bytesOf(bytes / seconds)}/s` : ''}`],
        ['Deliveries', `${countOf(deliveries)}${rate(deliveries)}`],
        ['Counted over', durationOf(seconds)]));
    }
  }

  async function showPresence(channel) {
    let content;
    try {
      const present = Object.values((await call('presence', { channel })).presence);
      content = present.length === 0 ? [empty('Nobody is present.')]
        : [presenceTable(present), ...(present.length > mostPresent ? [empty(`${mostPresent} of ${manyOf(present.length, 'connection')}.`)] : [])];
    } catch (error) {
      content = [empty(error.code === 108 ? 'This namespace keeps no presence.' : `Presence could not be read: ${error.message}.`)];
    }
    if (channel === name) {
      presence.replaceChildren(...content);
    }
  }

  const showHistory = (channel) => attempt(historyNote, async () => {
    message.replaceChildren();
    stream.clear();
    stream.emptyText = '';
    const { publications = [] } = await call('history', { channel, limit: historyLimit, reverse: true }).catch((error) => {
      throw error.code === 108 ? new Error('this namespace keeps no history') : error;
    });
    if (channel === name) {
      stream.emptyText = publications.length === 0 ? 'The history is empty.' : '';
      stream.addBefore(publications.toReversed().map((kept) => {
        const publication = kept.data === undefined ? { ...kept, data: `base64: ${kept.b64data}` } : kept;
        return recordOf(channel, publication, JSON.stringify(publication.data).length, { kind: 'old' });
      }));
    }
  });

  const remove = async () => {
    if (await agree('Remove the history?', ['The messages that ', isolated(name), ' keeps are gone for everybody.'], 'Remove') && await attempt(historyNote, async () => {
      await send('/api/history_remove', { channel: name });
    })) {
      await showHistory(name);
    }
  };

  function show(channel) {
    name = channel;
    heading.replaceChildren(isolated(channel));
    links.replaceChildren(linkTo('access', { channel }, 'Access'), linkTo('explain', { channel }, 'Explain'), linkTo('trace', { channel }, 'Trace'),
      linkTo('connections', { channel }, 'Connections'), el('a', { href: pageOf(channel) }, 'Public page'));
    traffic.replaceChildren();
    presence.replaceChildren();
    repeat.start();
    showPresence(channel);
    showHistory(channel);
  }

  stream.addEventListener('select', (event) => message.show(event.detail));
  const element = el('div', { class: 'stack', hidden: true },
    el('section', { class: 'card' }, el('header', { class: 'card-head' }, heading), links, fault, traffic),
    card('Publish', el('div', { class: 'pad' }, publishBox(() => name))),
    card('Present', presence),
    card('History', el('div', { class: 'pad controls' }, button('Reload', () => showHistory(name)), button('Remove the history', remove, { class: 'danger' }), historyNote), stream, message));
  return { element, show, hide: () => repeat.stop() };
}
