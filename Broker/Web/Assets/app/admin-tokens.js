// Tokens: made, looked at, and revoked. None is kept in the page's address or in the browser.
import { send } from './admin-api.js';
import { durationOf, momentOf } from './admin-format.js';
import { agree, attempt, card, facts, form, labelled, linkTo, resultLine, select, textInput, userLink } from './admin-ui.js';
import { copyButton, el } from './dom.js';
import { coloured, isolated } from './text.js';

const hour = 3600;
const lifetimes = [[hour, '1 hour'], [24 * hour, '1 day'], [7 * 24 * hour, '7 days'], [30 * 24 * hour, '30 days'], [365 * 24 * hour, '1 year'], [0, 'never expires']];

const endOf = (seconds) => (seconds === null || seconds === undefined ? 'never' : `in ${durationOf(seconds)}, ${momentOf(Date.now() + seconds * 1000)}`);

function makeCard() {
  const user = textInput({ name: 'user', placeholder: 'empty: anonymous' });
  const seconds = select({ name: 'seconds' }, lifetimes);
  const channel = textInput({ name: 'channel', placeholder: 'empty: a connection token', maxlength: '255' });
  const outcome = resultLine();
  const made = el('div', { class: 'pad', hidden: true });
  seconds.value = String(7 * 24 * hour);
  const make = () => attempt(outcome, async () => {
    made.hidden = true;
    const name = channel.value.trim();
    const { token, expiresInSeconds } = await send('/api/token', { user: user.value.trim(), seconds: Number(seconds.value), ...(name ? { channel: name } : {}) });
    made.replaceChildren(el('div', { class: 'line-head' }, el('span', {}, 'Token'), copyButton(() => token)),
      el('pre', { class: 'payload', tabindex: '0', id: 'made-token', 'aria-label': 'Token' }, token));
    made.hidden = false;
    return `Made for ${user.value.trim() || 'an anonymous client'}; ends ${endOf(expiresInSeconds)}.`;
  });
  const element = card('Make a token', el('div', { class: 'pad' },
    form(make, labelled('User', user), labelled('Lifetime', seconds), labelled('Channel, for a subscription token', channel), el('button', { class: 'primary' }, 'Make')), outcome), made);
  return { element, set user(name) { user.value = name; } };
}

const kinds = { connection: 'connection token', subscription: 'subscription token', apikey: 'key of an agent', appkey: 'key of an app' };

function checkedFacts({ valid, status, user, kind, channel, expiresInSeconds, claims }) {
  return [
    facts(
      ['Status', el('span', { class: valid ? 'tag good' : 'tag bad', id: 'token-status' }, status)],
      user !== undefined && ['User', userLink(user), ...(user ? [' ', linkTo('tokens', { user }, el('small', {}, 'revoke'))] : [])],
      kind && ['Kind', kinds[kind] ?? kind],
      channel && ['Channel', isolated(channel)],
      status === 'valid' && ['Ends', endOf(expiresInSeconds)]),
    ...(claims ? [el('h3', {}, 'Claims'), el('pre', { class: 'payload', tabindex: '0', 'aria-label': 'Claims' }, ...coloured(JSON.stringify(claims, null, 2)))] : []),
  ];
}

function checkCard() {
  const token = el('textarea', { name: 'token', rows: '3', spellcheck: 'false', autocomplete: 'off', required: true });
  const outcome = resultLine();
  const checked = el('div', { class: 'pad stack', 'aria-live': 'polite', hidden: true });
  const check = () => attempt(outcome, async () => {
    checked.hidden = true;
    const answer = await send('/api/token/check', { token: token.value.trim() });
    checked.replaceChildren(...checkedFacts(answer));
    checked.hidden = false;
  });
  return card('Check a token', el('div', { class: 'pad' },
    form(check, labelled('Token', token), el('button', { class: 'primary' }, 'Check')), outcome), checked);
}

function revokeCard() {
  const user = textInput({ name: 'user', placeholder: 'alice, or app:shop', required: true });
  const outcome = resultLine();
  const revoke = async () => {
    const name = user.value.trim();
    if (await agree('Revoke all tokens?', ['All tokens and the key of ', isolated(name), ' that were issued until now stop working, and the connections with them end. This cannot be undone.'], 'Revoke all')) {
      await attempt(outcome, async () => {
        const { revokedUntil } = await send('/api/token/revoke', { user: name });
        return `All tokens of ${name} that were issued until ${momentOf(revokedUntil * 1000)} are revoked.`;
      });
    }
  };
  const element = card('Revoke all tokens of a user', el('div', { class: 'pad' }, form(revoke, labelled('User', user), el('button', { class: 'danger' }, 'Revoke all')), outcome));
  return { element, set user(name) { user.value = name; } };
}

export function tokensSection(root) {
  const make = makeCard();
  const revoke = revokeCard();
  root.append(make.element, checkCard(), revoke.element);
  return {
    show(parameters) {
      if (parameters.has('user')) {
        make.user = parameters.get('user');
        revoke.user = parameters.get('user');
      }
    },
  };
}
