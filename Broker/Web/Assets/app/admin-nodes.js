// All nodes with their figures, and taking the node that answers out of service.
import { ask, call, lookUp, send } from './admin-api.js';
import { bytesOf, countOf, durationOf, manyOf, roughly } from './admin-format.js';
import { Repeat } from './admin-repeat.js';
import { agree, attempt, button, card, facts, keepTrying, nodeTag, rememberNodes, renew, resultLine, table } from './admin-ui.js';
import { el } from './dom.js';
import { isolated } from './text.js';

const interval = 5_000;
const keptSamples = 12;
const shortestSpan = 5;

// A report has the processor time since the start: what is in use is the difference over about a minute, and before that the mean.
class ProcessorUse {
  #samples = new Map();

  of({ uid, uptime, process }) {
    const samples = this.#samples.get(uid) ?? [];
    this.#samples.set(uid, samples);
    if (samples.at(-1)?.uptime !== uptime) {
      samples.push({ uptime, cpu: process.cpu });
      samples.splice(0, samples.length - keptSamples);
    }
    const [first, last] = [samples[0], samples.at(-1)];
    const span = last.uptime - first.uptime;
    return span >= shortestSpan ? (last.cpu - first.cpu) / span : last.cpu / Math.max(1, last.uptime);
  }
}

const sum = (nodes, value) => nodes.reduce((total, node) => total + value(node), 0);

const columns = [
  ['Node', ({ uid, name }) => (uid ? nodeTag(uid, name) : 'All together')],
  ['Version', ({ version }) => isolated(version)],
  ['Clients', ({ num_clients: clients }) => countOf(clients), 'number'],
  ['Users', ({ num_users: users }) => countOf(users), 'number'],
  ['Channels', ({ num_channels: channels }) => countOf(channels), 'number'],
  ['Subscriptions', ({ num_subs: subscriptions }) => countOf(subscriptions), 'number'],
  ['Up for', ({ uptime }) => (uptime === null ? '' : durationOf(uptime)), 'number'],
  ['CPU cores', ({ use }) => roughly(use), 'number'],
  ['Memory', ({ process }) => bytesOf(process.rss), 'number'],
];

// A user or a channel of two nodes counts for both.
const totalOf = (nodes) => ({
  uid: '', version: '', uptime: null,
  ...Object.fromEntries(['num_clients', 'num_users', 'num_channels', 'num_subs', 'use'].map((name) => [name, sum(nodes, (node) => node[name])])),
  process: { rss: sum(nodes, ({ process }) => process.rss) },
});

const phases = {
  serving: 'serves clients',
  leaving: 'not ready, but still accepts connections',
  draining: 'sends its clients to other nodes',
  drained: 'drained: has no clients, and accepts none',
};

export function nodesSection(root) {
  const use = new ProcessorUse();
  const fault = resultLine();
  const list = el('div');
  const state = el('div', { class: 'pad' });
  const outcome = resultLine();
  const begin = button('Drain this node', () => change('POST'));
  const cancel = button('Serve clients again', () => change('DELETE'));
  let here = '';

  const repeat = new Repeat(interval, () => keepTrying(fault, refresh));

  async function refresh() {
    const [{ nodes }, drain] = await Promise.all([call('info'), ask('/api/drain')]);
    rememberNodes(nodes.map(({ uid, name }) => ({ id: uid, name })));
    const measured = nodes.map((node) => ({ ...node, use: use.of(node) }));
    renew(list, table('Nodes', columns, measured, measured.length > 1 ? totalOf(measured) : undefined));
    here ||= (await lookUp()).node;
    showDrain(drain, nodes.length);
  }

  function showDrain({ phase, remaining, sent, delay_seconds: delay, drain_seconds: seconds }, count) {
    begin.hidden = phase !== 'serving';
    cancel.hidden = phase === 'serving';
    begin.dataset.alone = String(count < 2);
    state.replaceChildren(facts(
      ['This node', nodeTag(here)],
      ['State', el('span', { class: phase === 'serving' ? 'tag good' : 'tag locked', id: 'drain-phase' }, phases[phase] ?? phase)],
      ['Connections', `${manyOf(remaining, 'connection')} open${phase === 'serving' ? '' : `, ${countOf(sent)} sent away`}`],
      ['Settings', `starts after ${delay} s, takes ${seconds} s`]));
  }

  async function change(method) {
    const isDrain = method === 'POST';
    const alone = begin.dataset.alone === 'true' ? ' There is no other node that could take them.' : '';
    const agreed = await agree(isDrain ? 'Drain this node?' : 'Serve clients again?', isDrain
      ? ['Node ', nodeTag(here), ` stops accepting connections and sends its clients away; they connect again.${alone}`]
      : ['Node ', nodeTag(here), ' accepts connections again.'], isDrain ? 'Drain' : 'Serve');
    if (agreed && await attempt(outcome, async () => {
      await send('/api/drain', undefined, method);
      return isDrain ? 'Drain started.' : 'This node serves clients again.';
    })) {
      await repeat.now();
    }
  }

  root.append(fault, card('All nodes', list), card('Drain', state, el('div', { class: 'pad controls' }, begin, cancel, outcome)));
  return { show: () => repeat.start(), hide: () => repeat.stop() };
}
