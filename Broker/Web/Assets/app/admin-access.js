// Who may listen to a channel: its owner, its lock and its grants; and all channels that an owner has locked.
import { ask, send } from './admin-api.js';
import { countOf, manyOf } from './admin-format.js';
import { agree, attempt, button, card, channelLink, empty, facts, form, hashOf, labelled, linkTo, resultLine, table, textInput, userLink } from './admin-ui.js';
import { el } from './dom.js';
import { isolated } from './text.js';

const mostShown = 500;

export function accessSection(root) {
  const channel = textInput({ name: 'channel', placeholder: 'agent.alice.news', maxlength: '255', required: true });
  const owner = textInput({ name: 'owner', placeholder: 'alice, or app:shop', required: true });
  const outcome = resultLine();
  const found = el('div', { class: 'stack' });
  let asked;

  function go(parameters) {
    const address = hashOf('access', parameters);
    if (location.hash === address) {
      load();
    } else {
      location.hash = address;
    }
  }

  const load = () => attempt(outcome, () => refresh());

  async function refresh() {
    const question = asked;
    const [kind, value] = question;
    const answer = value ? await ask('/api/access', { [kind]: value }) : null;
    if (question === asked) {
      found.replaceChildren(...(answer === null ? [] : kind === 'owner' ? locksOf(answer) : channelOf(answer)));
    }
  }

  async function change(path, body, text, question) {
    if (question && !await agree(...question)) {
      return;
    }
    await attempt(outcome, async () => {
      await send(path, body);
      await refresh();
      return text;
    });
  }

  const locksOf = ({ owner: name, locked }) => [card(`${manyOf(locked.length, 'locked channel')}`,
    el('p', { class: 'pad' }, 'Locked by ', isolated(name), '.'),
    locked.length === 0 ? empty('None.') : table('Locked channels', [
      ['Channel', (locked_) => linkTo('access', { channel: locked_ }, isolated(locked_))],
      ['Actions', (locked_) => button('Unlock', () => unlock(locked_), { class: 'small' })],
    ], locked.slice(0, mostShown)))];

  const lock = (name) => change('/api/lock', { channel: name }, 'Locked.',
    ['Lock this channel?', [isolated(name), ' will be open only to its owner and to users with a grant; others are unsubscribed.'], 'Lock']);
  const unlock = (name) => change('/api/unlock', { channel: name }, 'Unlocked.', ['Unlock this channel?', ['Everybody will be able to listen to ', isolated(name), '.'], 'Unlock']);
  const revoke = (name, target) => change('/api/revoke', { channel: name, target }, 'Revoked.',
    ['Revoke this grant?', [isolated(target), ' will not be able to listen to ', isolated(name), ' while it is locked.'], 'Revoke']);

  function channelOf({ channel: name, owner: holder, lockable, locked, granted, advertised }) {
    return [
      card('Channel',
        el('div', { class: 'pad' }, facts(
          ['Name', channelLink(name)],
          ['Owner', holder ? [linkTo('access', { owner: holder }, isolated(holder)), ' ', el('small', {}, userLinkOf(holder))] : 'nobody'].flat(),
          ['State', el('span', { class: locked ? 'tag locked' : 'tag', id: 'lock-state' }, locked ? 'locked' : lockable ? 'open to all listeners' : 'cannot be locked')],
          ['Advertised', advertised ? 'yes' : 'no'],
          ['See also', linkTo('explain', { channel: name }, 'explain'), ', ', linkTo('trace', { channel: name }, 'trace')])),
        ...(lockable ? [el('div', { class: 'pad actions' }, locked ? button('Unlock', () => unlock(name)) : button('Lock', () => lock(name)))] : [])),
      ...(lockable ? [grantsOf(name, granted)] : []),
    ];
  }

  const userLinkOf = (name) => linkTo('connections', { user: name }, 'connections');

  function grantsOf(name, granted) {
    const target = textInput({ name: 'target', placeholder: 'bob', maxlength: '255', required: true });
    const shown = granted.slice(0, mostShown);
    return card(manyOf(granted.length, 'grant'),
      el('div', { class: 'pad' }, form(() => change('/api/grant', { channel: name, target: target.value.trim() }, 'Granted.'), labelled('Grant access to', target), el('button', { class: 'primary' }, 'Grant'))),
      granted.length === 0 ? empty('Nobody has a grant.') : table('Grants', [
        ['User', (user) => userLink(user)],
        ['Actions', (user) => el('div', { class: 'actions' }, button('Revoke', () => revoke(name, user), { class: 'small' }), linkTo('explain', { action: 'subscribe', channel: name, user }, 'Explain'))],
      ], shown),
      ...(granted.length > shown.length ? [empty(`The first ${countOf(shown.length)}.`)] : []));
  }

  function show(parameters) {
    const name = parameters.get('channel') ?? '';
    const holder = parameters.get('owner') ?? '';
    channel.value = name;
    owner.value = holder;
    asked = holder ? ['owner', holder] : ['channel', name];
    load();
  }

  root.append(card('Look up', el('div', { class: 'pad forms' },
    form(() => go({ channel: channel.value.trim() }), labelled('A channel', channel), el('button', { class: 'primary' }, 'Show')),
    form(() => go({ owner: owner.value.trim() }), labelled('Locked channels of an owner', owner), el('button', {}, 'List')))), outcome, found);
  return { show };
}
