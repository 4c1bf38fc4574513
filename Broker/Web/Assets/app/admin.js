// The admin console: who may see it, and which of its sections is shown. docs/how-to/use-the-admin-console.md
import { access, lookUp, signIn, signOut } from './admin-api.js';
import { byId, el } from './dom.js';
import { show } from './text.js';
import { accessSection } from './admin-access.js';
import { channelsSection } from './admin-channels.js';
import { connectionsSection } from './admin-connections.js';
import { explainSection } from './admin-explain.js';
import { nodesSection } from './admin-nodes.js';
import { ratesSection } from './admin-rates.js';
import { settingsSection } from './admin-settings.js';
import { tokensSection } from './admin-tokens.js';
import { traceSection } from './admin-trace.js';
import { warningsSection } from './admin-warnings.js';
import './shell.js';

// Each is made at its first visit by a function of its element, which returns `show(parameters)` and, for what repeats, `hide()`.
const sections = [
  ['nodes', 'Nodes', nodesSection],
  ['connections', 'Connections', connectionsSection],
  ['channels', 'Channels', channelsSection],
  ['access', 'Access', accessSection],
  ['explain', 'Explain', explainSection],
  ['tokens', 'Tokens', tokensSection],
  ['rates', 'Rates', ratesSection],
  ['settings', 'Settings', settingsSection],
  ['warnings', 'Warnings', warningsSection],
  ['trace', 'Trace', traceSection],
].map(([name, title, make]) => ({ name, title, make, link: el('a', { href: `#${name}` }, title) }));

byId('sections').append(...sections.map(({ link }) => link));

let current = null;

function openSection(section) {
  if (!section.element) {
    section.heading = el('h1', { tabindex: '-1' }, section.title);
    section.element = el('section', { class: 'view', id: `view-${section.name}`, 'aria-label': section.title }, section.heading);
    byId('views').append(section.element);
    Object.assign(section, section.make(section.element));
  }
  return section;
}

/** Shows what the address names. Other fragments, such as #main of the skip link, are ignored. */
function route() {
  const [name, query = ''] = location.hash.slice(1).split('?', 2);
  const next = sections.find((section) => section.name === name) ?? current ?? sections[0];
  if (!access.isOpen || (next === current && next.name !== name)) {
    return;
  }
  openSection(next);
  const isOther = current !== next;
  next.address = location.hash || `#${next.name}`;
  if (isOther) {
    // Its link leads back to what it shows; the link of the section that is shown leads to its beginning.
    current?.link.setAttribute('href', current.address);
    next.link.setAttribute('href', `#${next.name}`);
    current?.hide?.();
    sections.forEach(({ element, link }) => {
      element?.toggleAttribute('hidden', element !== next.element);
      link.removeAttribute('aria-current');
    });
    next.link.setAttribute('aria-current', 'page');
    next.link.scrollIntoView({ block: 'nearest', inline: 'center' });
    document.title = `${next.title} · Admin · ClawEvents`;
  }
  const isFirst = current === null;
  current = next;
  next.show(new URLSearchParams(query));
  if (isOther && !isFirst) {
    next.heading.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
}

const labels = { password: 'Password', key: 'Key of the server API', both: 'Admin password, or key of the server API' };
const signOutButton = el('button', { type: 'button', class: 'who-button', hidden: true }, 'Sign out');
byId('tools').prepend(signOutButton);

let focused = null;

// What was typed stays in the sections, which are only hidden.
function askForPassword(reason) {
  focused = document.activeElement;
  show(byId('sign-in-reason'), reason);
  byId('console').hidden = true;
  byId('sign-in').hidden = false;
  signOutButton.hidden = true;
  byId('password').focus();
}

function showConsole() {
  byId('sign-in').hidden = true;
  byId('console').hidden = false;
  signOutButton.hidden = false;
  byId('password').value = '';
  if (current === null || (location.hash && location.hash !== current.address)) {
    route();
  } else {
    focused?.focus();
  }
}

access.addEventListener('in', showConsole);
access.addEventListener('out', (event) => {
  if (event.detail.wasOpen) {
    byId('question').close();
    askForPassword('Your session has ended. Sign in to continue.');
  }
});

byId('sign-in').addEventListener('submit', async (event) => {
  event.preventDefault();
  show(byId('sign-in-result'), '');
  try {
    await signIn(byId('password').value);
  } catch (error) {
    show(byId('sign-in-result'), `Not signed in: ${error.message}.`);
    byId('password').select();
  }
});

signOutButton.addEventListener('click', async () => {
  try {
    await signOut();
  } catch (error) {
    signOutButton.title = `Not signed out: ${error.message}`;
    return;
  }
  // Nothing that was shown stays in the page.
  location.reload();
});

addEventListener('hashchange', route);

try {
  const { signedIn, by } = await lookUp();
  byId('password-label').textContent = labels[by] ?? labels.password;
  if (signedIn) {
    access.open();
  } else {
    askForPassword('Sign in to see and change this server.');
  }
} catch (error) {
  askForPassword(`Could not reach the server: ${error.message}.`);
}
