// The last warnings and errors that the nodes have logged.
import { ask } from './admin-api.js';
import { countOf, manyOf, momentOf } from './admin-format.js';
import { Repeat } from './admin-repeat.js';
import { empty, keepTrying, labelled, nodeTag, rememberNodes, renew, resultLine, table, textInput } from './admin-ui.js';
import { debounced, el } from './dom.js';
import { isolated } from './text.js';

const interval = 10_000;
const mostShown = 500;

const columns = [
  ['Time', ({ time }) => el('time', { datetime: time }, momentOf(time))],
  ['Level', ({ level }) => el('span', { class: level === 'Warning' ? 'tag locked' : 'tag bad' }, level)],
  ['Node', ({ node, name }) => nodeTag(node, name)],
  ['Message', ({ message }) => el('span', { class: 'message', dir: 'auto' }, isolated(message))],
  ['From', ({ category }) => el('small', {}, isolated(category.replace(/^ClawEvents\.Broker\./, '')))],
];

export function warningsSection(root) {
  const fault = resultLine();
  const filter = textInput({ type: 'search', name: 'filter', placeholder: 'text, level or part of the broker' });
  const title = el('span', { role: 'status' }, '…');
  const list = el('div');
  let all = [];

  function draw() {
    const text = filter.value.trim().toLowerCase();
    const passing = all.filter(({ level, category, message, name }) => `${level} ${category} ${message} ${name}`.toLowerCase().includes(text));
    const shown = passing.slice(0, mostShown);
    const said = passing.length > shown.length ? `The newest ${countOf(shown.length)} of ${manyOf(passing.length, 'warning')}` : manyOf(passing.length, 'warning');
    if (title.textContent !== said) {
      title.textContent = said;
    }
    renew(list, shown.length === 0 ? empty(all.length === 0 ? 'No warnings since the start of the nodes.' : 'No warning matches.') : table('Warnings', columns, shown));
  }

  const repeat = new Repeat(interval, () => keepTrying(fault, async () => {
    const { nodes } = await ask('/api/warnings');
    rememberNodes(nodes);
    all = nodes.flatMap(({ id, name, warnings }) => warnings.map((warning) => ({ ...warning, node: id, name })))
      .sort((a, b) => Date.parse(b.time) - Date.parse(a.time));
    draw();
  }));

  filter.addEventListener('input', debounced(100, draw));
  root.append(el('div', { class: 'controls' }, labelled('Filter', filter), fault), el('section', { class: 'card' }, el('header', { class: 'card-head' }, el('h2', {}, title)), list));
  return { show: () => repeat.start(), hide: () => repeat.stop() };
}
