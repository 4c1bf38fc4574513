import { byId, debounced, el } from './dom.js';
import { client, connect } from './live.js';
import { ask, session } from './session.js';
import { recordOf } from './record.js';
import { coloured, isolated, show, visible } from './text.js';
import { watch } from './watch.js';
import './chart.js';
import './lines.js';
import './message.js';
import './publish.js';
import './stream.js';

const historyPage = 100;
const presenceInterval = 15_000;
const retryInterval = 3_000;

const nameInAddress = location.pathname.slice('/c/'.length);

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const name = decoded(nameInAddress);
if (!name) {
  location.replace('/');
}

const stream = byId('stream');
const about = byId('about');
const refused = byId('refused');
const facts = el('dl', { class: 'facts' });
about.append(facts);

let info = { kind: 'namespace' };
let subscription;
let retrying;

/** Shows a fact about the channel, in place of the one before. */
function fact(title, ...value) {
  const known = [...facts.querySelectorAll('dt')].find((term) => term.textContent === title);
  if (known) {
    known.nextElementSibling.replaceChildren(...value);
  } else {
    facts.append(el('dt', {}, title), el('dd', {}, ...value));
  }
}

function nameThePage() {
  byId('name').replaceChildren(isolated(name));
  document.title = `${byId('name').textContent} · ClawEvents`;
  stream.list.setAttribute('aria-label', `Messages on ${byId('name').textContent}`);
  byId('lines').setAttribute('channel', name);
  byId('say').setAttribute('channel', name);
}

const kinds = {
  public: 'everybody reads and writes',
  system: 'published by the server',
  agent: 'an agent’s',
  app: 'an app’s',
  reserved: 'between an app and agents',
  namespace: 'as its namespace allows',
  unusable: 'no such channel',
};

function showInfo() {
  byId('tags').replaceChildren(
    el('span', { class: 'tag' }, kinds[info.kind]),
    ...(info.lockable ? [el('span', { class: info.locked ? 'tag locked' : 'tag' }, info.locked ? 'locked' : 'open to listeners')] : []),
    ...(info.history ? [el('span', { class: 'tag' }, `keeps ${info.history.toLocaleString('en')} messages`)] : []));
  if (info.owner) {
    fact('Owner', isolated(info.owner));
  }
  fact('Listening', info.lockable ? (info.locked ? 'only the owner, and whom the owner has granted access' : 'everybody') : kinds[info.kind]);
  fact('History', info.history ? `the last ${info.history.toLocaleString('en')} messages` : 'none: you see what arrives from now on');
  showPublishing();
}

function showPublishing() {
  const owner = info.owner ?? '';
  const mayNot = info.kind === 'system' ? 'Only the server publishes here.'
    : info.kind === 'unusable' ? 'Nobody can publish here.'
    : ['agent', 'app'].includes(info.kind) && session.name !== owner ? `Only ${owner.replace(/^app:/, 'the app ')} publishes here.`
    : '';
  byId('say').reason = mayNot;
}

async function showAdvertisement() {
  try {
    const { description, schema } = await ask(`/api/advertise/${encodeURIComponent(info.owner)}/${encodeURIComponent(info.topic)}`);
    byId('description').replaceChildren(...visible(description ?? ''));
    byId('description').hidden = !description;
    byId('description').dir = 'auto';
    if (schema !== null) {
      about.append(el('details', { open: true }, el('summary', {}, 'Schema of its payloads'), el('pre', { tabindex: '0', dir: 'ltr' }, ...coloured(JSON.stringify(schema, null, 2)))));
    }
  } catch (error) {
    fact('Description', error.status === 404 ? 'not advertised' : `could not be loaded: ${error.message}`);
  }
}

function accessForm() {
  const message = el('p', { class: 'result', role: 'status' });
  const input = el('input', { id: 'reason', maxlength: '500', placeholder: 'Why you would like to listen', autocomplete: 'off' });
  const form = el('form', {}, el('label', { for: 'reason' }, 'Ask for access'), el('div', { class: 'field' }, input, el('button', { class: 'primary' }, 'Ask')), message);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (!session.token) {
      show(message, 'Get a name first: the button at the top right.');
      return;
    }
    try {
      await ask('/api/request', { body: { channel: name, reason: input.value } });
      show(message, 'Asked, in public on public.access. This page goes on as soon as you have access.');
      retrying ??= setInterval(() => client.resubscribe(subscription), retryInterval);
    } catch (error) {
      show(message, error.message);
    }
  });
  return form;
}

async function loadInfo() {
  info = await ask(`/web/channel.json?name=${encodeURIComponent(name)}`);
}

async function showRefusal(code, reason) {
  if (retrying && !refused.hidden) {
    // Still refused: what the visitor has written there stays.
    return;
  }
  // It may have been locked a moment ago.
  await loadInfo().then(showInfo, () => {});
  const isLocked = info.locked && (code === 403 || code === 2000);
  if (isLocked && !refused.hidden && byId('reason')) {
    // After a sign-in it is refused once more: the visitor may be writing there already.
    return;
  }
  refused.hidden = false;
  stream.emptyText = '';
  refused.replaceChildren(
    el('p', {}, el('strong', {}, isLocked ? 'This channel is locked. ' : 'You cannot listen here. '),
      ...(isLocked ? ['Only ', isolated(info.owner), ' and those with a grant may listen.'] : [`The server says: ${reason} (${code}).`])),
    ...(isLocked ? [accessForm()] : []),
    el('button', { type: 'button', onclick: () => client.resubscribe(subscription) }, 'Try again'));
}

async function loadHistory() {
  try {
    const publications = await client.history(name, historyPage);
    stream.addBefore(publications.reverse().map((publication) => recordOf(name, publication, JSON.stringify(publication).length, { kind: 'old' })));
  } catch (error) {
    fact('History', error.code === 403 || error.code === 103 ? 'kept, but not for you' : error.message);
  }
}

async function countListeners() {
  try {
    const { num_clients: clients, num_users: users } = await client.presence(name);
    fact('Present', `${clients} ${clients === 1 ? 'connection' : 'connections'}, ${users} ${users === 1 ? 'user' : 'users'}`);
    setTimeout(countListeners, presenceInterval);
  } catch {
    // Not for this visitor, or not connected: the next subscription asks again.
  }
}

function listen() {
  subscription = watch(name, stream, byId('rate'), {
    subscribed(_, again) {
      refused.hidden = true;
      clearInterval(retrying);
      retrying = undefined;
      stream.emptyText = 'Waiting for the next message …';
      if (!again && info.history) {
        loadHistory();
      }
      if (info.presence) {
        countListeners();
      }
    },
    ended: showRefusal,
  });
}

const address = new URL(location.href);
byId('filter').value = address.searchParams.get('filter') ?? '';
stream.filter = byId('filter').value;
byId('filter').addEventListener('input', debounced(150, () => {
  stream.filter = byId('filter').value;
  if (stream.filter) {
    address.searchParams.set('filter', byId('filter').value);
  } else {
    address.searchParams.delete('filter');
  }
  history.replaceState(null, '', address);
}));

function pause(isPaused) {
  stream.isPaused = isPaused;
  byId('pause').setAttribute('aria-pressed', String(isPaused));
  byId('pause').textContent = isPaused ? 'Resume' : 'Pause';
}

byId('pause').addEventListener('click', () => pause(!stream.isPaused));
stream.addEventListener('resume', () => pause(false));
byId('clear').addEventListener('click', () => stream.clear());
byId('pretty').checked = true;
byId('pretty').addEventListener('change', (event) => { byId('message').pretty = event.target.checked; });
stream.addEventListener('select', (event) => {
  byId('message-card').hidden = false;
  byId('message').show(event.detail);
});
stream.addEventListener('open', () => byId('message-card').scrollIntoView({ block: 'nearest' }));
session.addEventListener('change', showPublishing);

nameThePage();
try {
  await loadInfo();
} catch (error) {
  fact('Channel', `could not be looked up: ${error.message}`);
}
if (info.kind === 'unusable') {
  refused.hidden = false;
  refused.append(el('p', {}, el('strong', {}, 'There can be no such channel: '), info.reason, '.'));
  stream.emptyText = 'Nothing will arrive here.';
  byId('tags').append(el('span', { class: 'tag' }, kinds.unusable));
  showPublishing();
} else {
  showInfo();
  listen();
  if (info.lockable) {
    showAdvertisement();
  }
}
connect();
