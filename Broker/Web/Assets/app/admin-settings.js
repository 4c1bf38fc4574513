// The settings that nodes run with, where each came from, and which differ from the default or between nodes.
import { ask } from './admin-api.js';
import { manyOf } from './admin-format.js';
import { attempt, button, card, empty, labelled, rememberNodes, resultLine, select, table, textInput } from './admin-ui.js';
import { debounced, el } from './dom.js';
import { isolated } from './text.js';

const keyOf = (topic, name) => `${topic}\n${name}`;

// The values that other nodes have, by setting; empty for those that are the same everywhere.
function differences(nodes) {
  const values = new Map();
  for (const { topics } of nodes) {
    for (const { title, settings } of topics) {
      settings.forEach(({ name, value }) => values.set(keyOf(title, name), (values.get(keyOf(title, name)) ?? new Set()).add(value)));
    }
  }
  return new Set([...values].filter(([, all]) => all.size > 1).map(([key]) => key));
}

const isDefault = ({ origin }) => origin === 'default';

export function settingsSection(root) {
  const node = select({ name: 'node', onchange: () => draw() }, []);
  const nodeLabel = labelled('Node', node);
  const filter = textInput({ type: 'search', name: 'filter', placeholder: 'name, value or origin' });
  const onlyChanged = el('input', { type: 'checkbox', name: 'changed', onchange: () => draw() });
  const outcome = resultLine();
  const list = el('div', { class: 'stack' });
  let nodes = [];
  let different = new Set();

  const columnsOf = (topic) => [
    ['Setting', ({ name }) => el('code', {}, isolated(name))],
    ['Value', (setting) => [el('code', { class: 'value' }, isolated(setting.value ?? '')), ...(different.has(keyOf(topic, setting.name)) ? [' ', el('span', { class: 'tag bad' }, 'other nodes differ')] : [])]],
    ['From', (setting) => (isDefault(setting) ? 'default' : el('span', { class: 'tag changed' }, isolated(setting.origin)))],
    ['A change needs', ({ reloadable }) => (reloadable ? 'a reload' : 'a restart')],
  ];

  const passes = (setting, text) => (!onlyChanged.checked || !isDefault(setting))
    && [setting.name, setting.value ?? '', setting.origin].some((part) => part.toLowerCase().includes(text));

  function draw() {
    const text = filter.value.trim().toLowerCase();
    const topics = (nodes.find(({ id }) => id === node.value) ?? nodes[0])?.topics ?? [];
    const shown = topics.map(({ title, settings }) => ({ title, settings: settings.filter((setting) => passes(setting, text)) })).filter(({ settings }) => settings.length > 0);
    list.replaceChildren(...(shown.length === 0 ? [empty('No setting matches.')] : shown.map(({ title, settings }) => card(title, table(title, columnsOf(title), settings)))));
  }

  const load = () => attempt(outcome, async () => {
    ({ nodes } = await ask('/api/settings'));
    rememberNodes(nodes);
    different = differences(nodes);
    const chosen = node.value;
    node.replaceChildren(...nodes.map(({ id, name }) => el('option', { value: id }, `${name} ${id.slice(0, 8)}`)));
    node.value = nodes.some(({ id }) => id === chosen) ? chosen : nodes[0]?.id ?? '';
    nodeLabel.hidden = nodes.length < 2;
    draw();
    return nodes.length < 2 ? '' : `${manyOf(nodes.length, 'node')}; ${different.size === 0 ? 'all have the same settings' : `${manyOf(different.size, 'setting')} ${different.size === 1 ? 'differs' : 'differ'} between them`}.`;
  });

  function show(parameters) {
    if (parameters.has('filter')) {
      filter.value = parameters.get('filter');
    }
    load();
  }

  filter.addEventListener('input', debounced(100, draw));
  root.append(el('div', { class: 'controls' }, nodeLabel, labelled('Filter', filter), el('label', { class: 'check' }, onlyChanged, ' Only what is not the default'), button('Reload', load)),
    outcome, el('p', { class: 'hint' }, el('a', { href: '/docs/reference/settings' }, 'What each setting means')), list);
  return { show };
}
