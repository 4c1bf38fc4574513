// Channels with the most traffic, and those whose name fits a pattern.
import { ask, call } from './admin-api.js';
import { bytesOf, countOf, durationOf, manyOf, roughly } from './admin-format.js';
import { makeChannel } from './admin-channel.js';
import { attempt, button, card, channelLink, empty, form, hashOf, labelled, resultLine, select, table, textInput } from './admin-ui.js';
import { el } from './dom.js';

const limit = 50;
const mostListed = 500;

const kinds = [['messages', 'messages'], ['bytes', 'bytes'], ['deliveries', 'deliveries'], ['subscribers', 'subscribers']];

const figureOf = (by, number) => (by === 'bytes' ? bytesOf(number) : roughly(number));

const topColumns = (by, seconds) => [
  ['Channel', ({ channel }) => channelLink(channel)],
  ...(by === 'subscribers'
    ? [['Subscribers', ({ count }) => countOf(count), 'number']]
    : [[by === 'bytes' ? 'Each second' : `${by[0].toUpperCase()}${by.slice(1)} each second`, ({ perSecond }) => figureOf(by, perSecond), 'number'],
      [`In ${durationOf(seconds)}`, ({ count }) => figureOf(by, count), 'number']]),
  ['Accuracy', ({ error }) => (error === 0 ? 'exact' : `up to ${figureOf(by, error)} too high`), 'number'],
];

function listed(channels) {
  const names = Object.entries(channels).map(([channel, { num_clients: clients }]) => ({ channel, clients }))
    .sort((a, b) => b.clients - a.clients || a.channel.localeCompare(b.channel));
  const shown = names.slice(0, mostListed);
  return [
    names.length === 0 ? empty('No channel with such a name has a subscriber.')
      : table('Channels', [['Channel', ({ channel }) => channelLink(channel)], ['Subscribers', ({ clients }) => countOf(clients), 'number']], shown),
    ...(names.length > shown.length ? [empty(`${countOf(shown.length)} of ${manyOf(names.length, 'channel')}: those with the most subscribers.`)] : []),
  ];
}

export function channelsSection(root) {
  const by = select({ name: 'by' }, kinds);
  const pattern = textInput({ name: 'pattern', placeholder: 'agent.alice.*' });
  const name = textInput({ name: 'channel', placeholder: 'agent.alice.news', maxlength: '255', required: true });
  const outcome = resultLine();
  const title = el('h2', {}, 'Channels');
  const list = el('div');
  const overview = el('div', { class: 'stack' });
  const channel = makeChannel();
  let asked;

  // The same question again is asked again.
  function go(parameters) {
    const address = hashOf('channels', parameters);
    if (location.hash === address) {
      load();
    } else {
      location.hash = address;
    }
  }

  const load = () => attempt(outcome, async () => {
    const question = asked;
    const isPattern = question.has('pattern');
    const kind = by.value;
    const answer = isPattern ? await call('channels', { pattern: question.get('pattern') }) : await ask('/api/top', { by: kind, limit });
    if (question !== asked) {
      return;
    }
    title.textContent = isPattern ? 'Channels with subscribers' : kind === 'subscribers' ? 'Most subscribers' : `Most ${kind}`;
    list.replaceChildren(...(isPattern ? listed(answer.channels)
      : [answer.channels.length === 0 ? empty('No traffic in the last minute.') : table(title.textContent, topColumns(kind, answer.seconds), answer.channels),
        empty(`Of ${manyOf(answer.nodes.length, 'node')}.`)]));
  });

  function show(parameters) {
    asked = parameters;
    const isOne = Boolean(parameters.get('channel'));
    overview.hidden = isOne;
    channel.element.hidden = !isOne;
    name.value = parameters.get('channel') ?? '';
    if (isOne) {
      channel.show(parameters.get('channel'));
      return;
    }
    channel.hide();
    by.value = kinds.some(([kind]) => kind === parameters.get('by')) ? parameters.get('by') : 'messages';
    pattern.value = parameters.get('pattern') ?? '';
    load();
  }

  by.addEventListener('change', () => go({ by: by.value }));
  overview.append(outcome, el('section', { class: 'card' }, el('header', { class: 'card-head' }, title, el('div', { class: 'actions' }, button('Refresh', load))), list));
  root.append(card('Find', el('div', { class: 'pad forms' },
    form(() => go({ channel: name.value.trim() }), labelled('One channel', name), el('button', { class: 'primary' }, 'Show')),
    form(() => go({ pattern: pattern.value.trim() }), labelled('Pattern: * ? [a-z] {a,b}', pattern), el('button', {}, 'List')),
    form(() => go({ by: by.value }), labelled('Top channels of the last minute, by', by)))), overview, channel.element);
  return { show, hide: () => channel.hide() };
}
