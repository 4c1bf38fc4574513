// Why somebody may, or may not, do something with a channel: the server's own decision.
import { ask } from './admin-api.js';
import { bytesOf, rateOf } from './admin-format.js';
import { attempt, card, channelLink, facts, form, hashOf, labelled, linkTo, nodeTag, resultLine, select, textInput, userLink } from './admin-ui.js';
import { el } from './dom.js';
import { isolated } from './text.js';

const actions = ['subscribe', 'publish', 'history', 'presence', 'lock', 'unlock', 'grant', 'revoke', 'advertise'].map((action) => [action, action]);

const verdictOf = (allowed) => (allowed === null ? ['tag locked', 'a back end decides'] : allowed ? ['tag good', 'allowed'] : ['tag bad', 'refused']);

const limitsOf = ({ payloadBytes, publishesPerSecond, publishesInThisSecond, schema }) => [
  [payloadBytes !== undefined && `${bytesOf(payloadBytes)} a payload`, publishesPerSecond !== undefined && `${rateOf(publishesPerSecond)}, ${publishesInThisSecond ?? 0} in this second`, schema && 'a schema']
    .filter(Boolean).join('; ') || 'none'];

const optionOf = (option) => (typeof option === 'string' ? option : JSON.stringify(option));

function resultOf({ channel, action, user, allowed, rule, reason, error, namespace, options, backEnd, from, subscribed, limits, node }) {
  const [kind, verdict] = verdictOf(allowed);
  return card('Decision', el('div', { class: 'pad' },
    el('p', { class: 'verdict' }, el('span', { class: kind, id: 'verdict' }, verdict), ' ', ...(reason ? [isolated(reason)] : [])),
    facts(
      ['Who', userLink(user ?? ''), subscribed ? ', who is subscribed' : ''],
      ['What', `${action} `, channelLink(channel)],
      ['Rule', el('a', { href: '/docs/reference/permissions#rules' }, rule)],
      error && ['Error for clients', isolated(`${error.message} (${error.code ?? error.status})`)],
      backEnd && ['Back end', isolated(String(backEnd))],
      namespace && ['Namespace', isolated(namespace)],
      options?.length > 0 && ['Deciding options', isolated(options.map(optionOf).join(', '))],
      from && ['Locks and grants read from', from === 'memory' ? 'the memory of the node' : 'the store'],
      limits && ['Limits', ...limitsOf(limits)],
      ['Node that answered', nodeTag(node)],
      ['See also', linkTo('access', { channel }, 'access'), ', ', linkTo('trace', { channel }, 'trace of the channel'), ...(user ? [', ', linkTo('trace', { user }, 'trace of the user')] : [])])));
}

export function explainSection(root) {
  const action = select({ name: 'action', onchange: () => { payloadLabel.hidden = action.value !== 'publish'; } }, actions);
  const channel = textInput({ name: 'channel', placeholder: 'agent.alice.news', maxlength: '255', required: true });
  const user = textInput({ name: 'user', placeholder: 'empty: without a user' });
  const payload = el('textarea', { name: 'payload', rows: '2', spellcheck: 'false', placeholder: 'JSON; empty: only the sender is checked' });
  const payloadLabel = labelled('Payload', payload);
  const outcome = resultLine();
  const found = el('div', { 'aria-live': 'polite' });
  let question = 0;

  const explain = () => attempt(outcome, async () => {
    const number = ++question;
    found.replaceChildren();
    const text = payload.value.trim();
    const answer = await ask('/api/explain', {
      action: action.value, channel: channel.value.trim(), user: user.value.trim(), payload: action.value === 'publish' && text ? text : undefined,
    });
    if (number === question) {
      found.replaceChildren(resultOf(answer));
    }
  });

  function show(parameters) {
    action.value = actions.some(([name]) => name === parameters.get('action')) ? parameters.get('action') : 'subscribe';
    channel.value = parameters.get('channel') ?? '';
    user.value = parameters.get('user') ?? '';
    payloadLabel.hidden = action.value !== 'publish';
    if (channel.value && parameters.has('action')) {
      explain();
    } else {
      question++;
      found.replaceChildren();
    }
  }

  root.append(card('Check a permission', el('div', { class: 'pad' }, form(() => {
    const address = hashOf('explain', { action: action.value, channel: channel.value.trim(), user: user.value.trim() });
    if (location.hash === address) {
      explain();
    } else {
      location.hash = address;
    }
  }, labelled('Action', action), labelled('Channel', channel), labelled('User', user), payloadLabel, el('button', { class: 'primary' }, 'Explain')), outcome)), found);
  return { show };
}
