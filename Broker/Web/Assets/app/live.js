// What the live pages share: the connection, its state in the bar, and who the visitor is.
import { Client } from './client.js';
import { byId, el } from './dom.js';
import { ask, server, session } from './session.js';
import { isolated, show } from './text.js';
import './shell.js';

const address = new URL('/connection/websocket', location.href);
address.protocol = address.protocol.replace('http', 'ws');

/** The page's one connection. */
export const client = new Client(address.href, () => session.token);

session.addEventListener('change', () => {
  // A page that only needs the name has no connection.
  if (client.state !== 'idle') {
    client.restart();
  }
});

const stateText = el('span', { class: 'state', role: 'status' });

function words() {
  switch (client.state) {
    case 'connected': return 'live';
    case 'waiting': return `${client.reason}; trying again`;
    case 'refused': return `refused: ${client.reason}`;
    default: return 'connecting …';
  }
}

// A short loss needs no words: they come when it lasts.
let saying;
client.addEventListener('state', () => {
  document.documentElement.dataset.live = client.state;
  clearTimeout(saying);
  saying = setTimeout(() => show(stateText, words()), client.state === 'connecting' ? 700 : 0);
});

/** `<claw-sign-in>`: anonymous, a name of development mode, or a token. */
class ClawSignIn extends HTMLElement {
  connectedCallback() {
    this.button = el('button', { class: 'who-button', type: 'button', popovertarget: 'sign-in', 'aria-haspopup': 'dialog' });
    this.panel = el('div', { id: 'sign-in', popover: 'auto', class: 'panel', role: 'dialog', 'aria-label': 'Who you are' });
    this.append(this.button, this.panel);
    session.addEventListener('change', () => this.#show());
    this.#show();
  }

  #show() {
    const { name, token } = session;
    this.button.replaceChildren(el('span', { class: 'dot', 'aria-hidden': 'true' }), token ? isolated(name ?? 'unknown token') : 'Anonymous');
    const message = el('p', { class: 'result', role: 'status' });
    this.panel.replaceChildren(
      el('h2', {}, token ? 'You are ' : 'You are anonymous', ...(token ? [isolated(name ?? 'unknown')] : [])),
      el('p', {}, token
        ? 'The token is kept in this tab, until you close it.'
        : 'You may read and write public channels. A token gives you a name and channels of your own.'),
      ...(token ? [el('button', { type: 'button', onclick: () => { session.token = null; } }, 'Forget the token')] : this.#forms(message)),
      message);
  }

  #forms(message) {
    const pasted = el('form', {}, el('label', { for: 'token' }, 'Paste a token'),
      el('div', { class: 'field' }, el('input', { id: 'token', type: 'password', autocomplete: 'off', required: true }), el('button', {}, 'Use it')));
    pasted.addEventListener('submit', (event) => {
      event.preventDefault();
      session.token = pasted.querySelector('input').value.trim();
      this.panel.hidePopover();
    });
    const named = el('form', { hidden: true }, el('label', { for: 'username' }, 'Development mode: pick a name'),
      el('div', { class: 'field' }, el('input', { id: 'username', autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', maxlength: '64', required: true }), el('button', { class: 'primary' }, 'Get a token')));
    named.addEventListener('submit', async (event) => {
      event.preventDefault();
      try {
        session.token = (await ask('/auth/dev-register', { body: { username: named.querySelector('input').value } })).token;
        this.panel.hidePopover();
      } catch (error) {
        show(message, error.message);
      }
    });
    server().then(({ development }) => { named.hidden = !development; }, () => {});
    return [named, pasted, el('p', { class: 'hint' }, el('a', { href: '/docs/how-to/sign-in' }, 'How to get a token'))];
  }
}

customElements.define('claw-sign-in', ClawSignIn);
byId('tools').prepend(stateText, el('claw-sign-in'));

/** Connects, or says why it cannot. */
export async function connect() {
  try {
    const { websocket, origin, anonymous } = await server();
    if (!websocket || !origin || (!anonymous && !session.token)) {
      show(stateText, !websocket ? 'the server has WebSockets switched off'
        : !origin ? 'the server’s AllowedOrigins does not name this address'
        : 'this server wants a token');
      document.documentElement.dataset.live = 'refused';
      return;
    }
  } catch {
    // The server is away: the connection tries again by itself.
  }
  client.connect();
}
