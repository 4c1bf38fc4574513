// What the sections of the console are made of.
import { byId, el } from './dom.js';
import { isolated, show } from './text.js';

/** The address of a section, as `#connections?user=alice`. Parameters that are undefined are left out. */
export function hashOf(section, parameters = {}) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== undefined));
  return query.size > 0 ? `#${section}?${query}` : `#${section}`;
}

export const linkTo = (section, parameters, ...content) => el('a', { href: hashOf(section, parameters) }, ...content);

/** A user, with a link to the connections. */
export const userLink = (user) => linkTo('connections', { user }, user ? isolated(user) : 'anonymous');

/** A channel, with a link to its details. */
export const channelLink = (channel) => linkTo('channels', { channel }, isolated(channel));

const names = new Map();

/** Remembers the names of nodes, so that every list can name them. */
export const rememberNodes = (nodes) => nodes.forEach(({ id, name }) => names.set(id, name));

/** A node: its name, and the beginning of its id, because several may run on one machine. */
export function nodeTag(id, name = names.get(id)) {
  return el('span', { class: 'node', title: id }, ...(name ? [isolated(name), ' '] : []), el('small', {}, el('code', {}, id.slice(0, 8))));
}

/** A line that says how something went; spoken. */
export const resultLine = () => el('p', { class: 'result', role: 'status' });

export function say(line, text, kind = '') {
  show(line, text);
  line.className = `result ${kind}`;
}

const sentenceOf = ({ message }) => `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;

/** Does something and says how it went. `action` returns the text of its success, if it has one. */
export async function attempt(line, action) {
  say(line, '');
  try {
    say(line, await action() ?? '', 'good');
    return true;
  } catch (error) {
    say(line, sentenceOf(error), 'bad');
    return false;
  }
}

/** Does something that is repeated: a fault is said once, and goes away with the next success. */
export async function keepTrying(line, action) {
  let fault = '';
  try {
    await action();
  } catch (error) {
    fault = sentenceOf(error);
  }
  if (line.textContent !== fault) {
    say(line, fault, 'bad');
  }
}

export const card = (title, ...content) => el('section', { class: 'card', 'aria-label': title }, el('header', { class: 'card-head' }, el('h2', {}, title)), ...content);

export const facts = (...pairs) => el('dl', { class: 'facts' }, ...pairs.filter(Boolean).flatMap(([name, ...value]) => [el('dt', {}, name), el('dd', {}, ...value)]));

/** An input with its label above it. */
export const labelled = (text, input) => el('label', { class: 'labelled' }, text, input);

export const textInput = (attributes = {}) => el('input', { autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', ...attributes });

export const select = (attributes, options) => el('select', attributes, ...options.map(([value, text]) => el('option', { value }, text)));

export function button(text, action, attributes = {}) {
  return el('button', { type: 'button', ...attributes, onclick: action }, text);
}

/** A form that does something when it is sent. */
export function form(onsubmit, ...content) {
  return el('form', { class: 'controls', onsubmit: (event) => {
    event.preventDefault();
    onsubmit(event);
  } }, ...content);
}

/**
 * A table that scrolls by itself where the screen is narrow.
 * @param columns Title and content of a cell: `[title, (row) => node or text, 'number'?]`.
 */
export function table(label, columns, rows, foot) {
  const cellsOf = (row) => columns.map(([, content, kind], index) => el(index === 0 ? 'th' : 'td', { class: kind, scope: index === 0 && 'row' }, ...[content(row)].flat()));
  return el('div', { class: 'table', tabindex: '0', role: 'group', 'aria-label': label }, el('table', { 'aria-label': label },
    el('thead', {}, el('tr', {}, ...columns.map(([title, , kind]) => el('th', { class: kind, scope: 'col' }, title)))),
    el('tbody', {}, ...rows.map((row) => el('tr', {}, ...cellsOf(row)))),
    ...(foot ? [el('tfoot', {}, el('tr', {}, ...cellsOf(foot)))] : [])));
}

/** Puts a newer table in the place of the one before; how far it was scrolled, and the focus, stay. */
export function renew(holder, next) {
  const last = holder.firstElementChild;
  const [left, top, isFocused] = [last?.scrollLeft ?? 0, last?.scrollTop ?? 0, last !== null && last === document.activeElement];
  holder.replaceChildren(next);
  Object.assign(next, { scrollLeft: left, scrollTop: top });
  if (isFocused) {
    next.focus({ preventScroll: true });
  }
}

export const empty = (text) => el('p', { class: 'empty' }, text);

/** Asks before something is done to others. Resolves to whether it may be. */
export function agree(title, text, yes) {
  const dialog = byId('question');
  show(byId('question-title'), title);
  byId('question-text').replaceChildren(...[text].flat());
  byId('question-yes').textContent = yes;
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}
