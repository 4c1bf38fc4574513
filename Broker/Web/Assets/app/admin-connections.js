// Connections of all nodes: found by user, client or channel, and ended.
import { ask, send } from './admin-api.js';
import { countOf, durationOf, manyOf } from './admin-format.js';
import { agree, attempt, button, card, channelLink, empty, form, hashOf, labelled, linkTo, nodeTag, rememberNodes, resultLine, table, textInput, userLink } from './admin-ui.js';
import { el } from './dom.js';
import { isolated } from './text.js';

const firstLimit = 50;
const mostLimit = 200;
const openedChannels = 4;

// Other nodes act on an order a moment after this one has answered.
const settling = 1_000;

const nameOf = (user) => (user ? isolated(user) : 'an anonymous user');

export function connectionsSection(root) {
  const user = textInput({ name: 'user', placeholder: 'alice' });
  const isAnonymous = el('input', { type: 'checkbox', name: 'anonymous', onchange: () => { user.disabled = isAnonymous.checked; } });
  const client = textInput({ name: 'client', placeholder: 'id of a connection' });
  const channel = textInput({ name: 'channel', placeholder: 'agent.alice.news' });
  const outcome = resultLine();
  const title = el('h2', {}, 'Connections');
  const actions = el('div', { class: 'actions' });
  const list = el('div');
  let asked = {};

  const search = form(() => {
    const address = hashOf('connections', {
      user: isAnonymous.checked ? '' : user.value.trim() || undefined,
      client: client.value.trim() || undefined,
      channel: channel.value.trim() || undefined,
    });
    if (location.hash === address) {
      refresh();
    } else {
      location.hash = address;
    }
  },
  labelled('User', user), el('label', { class: 'check' }, isAnonymous, ' Anonymous only'), labelled('Client', client), labelled('Channel', channel),
  el('button', { class: 'primary' }, 'Find'));

  function show(parameters) {
    asked = Object.fromEntries(['user', 'client', 'channel'].filter((name) => parameters.has(name)).map((name) => [name, parameters.get(name)]));
    user.value = asked.user ?? '';
    isAnonymous.checked = asked.user === '';
    user.disabled = isAnonymous.checked;
    client.value = asked.client ?? '';
    channel.value = asked.channel ?? '';
    refresh();
  }

  const refresh = (limit = firstLimit) => attempt(outcome, () => load(limit));

  async function load(limit) {
    const question = asked;
    const { connections, total, nodes } = await ask('/api/connections', { ...question, limit });
    if (question !== asked) {
      return;
    }
    rememberNodes(nodes);
    title.textContent = total > connections.length ? `The newest ${countOf(connections.length)} of ${manyOf(total, 'connection')}` : manyOf(total, 'connection');
    list.replaceChildren(connections.length === 0 ? empty('No connection matches.') : table('Connections', columns, connections));
    actions.replaceChildren(
      ...(total > connections.length && limit < mostLimit ? [button(`Show ${mostLimit}`, () => refresh(mostLimit))] : []),
      button('Refresh', () => refresh(limit)),
      ...(question.user && total > 0 ? forAllOf(question) : []));
  }

  const forAllOf = (question) => [
    ...(question.channel ? [button('Unsubscribe all', () => unsubscribe({ user: question.user, channel: question.channel }))] : []),
    button('Disconnect all', () => disconnect({ user: question.user }), { class: 'danger' }),
  ];

  async function change(question, yes, path, body, text) {
    if (await agree(...question, yes) && await attempt(outcome, async () => {
      await send(path, body);
      return text;
    })) {
      const again = () => load(firstLimit).catch(() => {});
      await again();
      setTimeout(again, settling);
    }
  }

  const disconnect = (target) => change(
    target.client
      ? ['Disconnect this client?', ['A connection of ', nameOf(target.user), ' is closed. Clients do not reconnect by themselves after that.']]
      : ['Disconnect all clients?', ['All connections of ', nameOf(target.user), ' are closed. Clients do not reconnect by themselves after that.']],
    'Disconnect', '/api/disconnect', target, target.client ? 'Disconnected.' : 'All clients disconnected.');

  const unsubscribe = (target) => change(
    ['Unsubscribe?', [nameOf(target.user), ' is unsubscribed from ', isolated(target.channel), ', and may subscribe again.']],
    'Unsubscribe', '/api/unsubscribe', target, 'Unsubscribed.');

  function subscriptionsOf({ user: owner, client: id, channels, numChannels }) {
    if (numChannels === 0) {
      return 'none';
    }
    const items = channels.map((name) => el('li', {}, channelLink(name), ' ',
      button('Unsubscribe', () => unsubscribe({ user: owner, client: id, channel: name }), { class: 'small quiet', 'aria-label': `Unsubscribe from ${name}` })));
    const more = numChannels - channels.length;
    return el('details', { open: numChannels <= openedChannels }, el('summary', {}, manyOf(numChannels, 'channel')),
      el('ul', { class: 'plain' }, ...items, ...(more > 0 ? [el('li', {}, `and ${countOf(more)} more`)] : [])));
  }

  const columns = [
    ['User', (row) => [userLink(row.user), el('br'), el('small', { title: row.client }, linkTo('connections', { client: row.client }, el('code', {}, row.client.slice(0, 8))))]],
    ['Node', ({ node }) => nodeTag(node)],
    ['Address', ({ address }) => isolated(address)],
    ['Transport', ({ transport, protocol }) => `${transport}, ${protocol}`],
    ['Connected for', ({ connectedSeconds }) => durationOf(connectedSeconds), 'number'],
    ['Expires in', ({ expiresInSeconds: left }) => (left === undefined || left === null ? 'never' : durationOf(left)), 'number'],
    ['Subscriptions', subscriptionsOf],
    ['Actions', (row) => el('div', { class: 'actions' },
      button('Disconnect', () => disconnect({ user: row.user, client: row.client }), { class: 'small danger' }),
      linkTo('trace', { user: row.user }, 'Trace'),
      linkTo('explain', { user: row.user, channel: row.channels[0] }, 'Explain'))],
  ];

  root.append(card('Find', el('div', { class: 'pad' }, search)), outcome,
    el('section', { class: 'card' }, el('header', { class: 'card-head' }, title, actions), list));
  return { show };
}
