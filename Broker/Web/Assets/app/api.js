// A reader for the server's own OpenAPI document: small, because the document is regular, and without a line of script in the page.
import { byId, copyButton, debounced, el } from './dom.js';
import { session } from './session.js';
import { coloured, show, sizeOf, visible } from './text.js';
import './live.js';

const maxAnswer = 20_000;

const idOf = (method, path) => `${method}${path}`.replace(/[^a-zA-Z0-9]+/g, '-').replace(/-$/, '');

const callers = { token: 'a token', key: 'the key of the server API' };

function fieldRows(fields) {
  return el('table', {}, el('tbody', {}, ...fields.map(({ name, type, required, description }) => el('tr', {},
    el('th', { scope: 'row' }, el('code', {}, name), required ? '' : el('small', {}, ' optional')),
    el('td', {}, el('small', {}, type)), el('td', {}, description ?? '')))));
}

const fieldsOf = (schema) => Object.entries(schema?.properties ?? {}).map(([name, { type, description }]) => ({
  name, type: type ?? 'any JSON', description, required: (schema.required ?? []).includes(name),
}));

function part(title, fields) {
  return fields.length === 0 ? [] : [el('h3', {}, title), el('div', { class: 'table' }, fieldRows(fields))];
}

const exampleOf = (fields) => Object.fromEntries(fields.filter(({ required }) => required).map(({ name, type }) => [
  name, { string: name === 'channel' ? 'public.townsquare' : '…', integer: 1, boolean: true, array: [], object: {} }[type] ?? { hello: 'world' },
]));

/** What can be sent from here: the path with its parts, the query, the body. */
function tryForm(operation) {
  const { method, path, body, parameters, security } = operation;
  const address = el('input', { 'aria-label': 'Path', spellcheck: 'false', value: path.replace(/\{(\w+)\}/g, '$1') + queryOf(parameters) });
  const text = el('textarea', { 'aria-label': 'Body', rows: '4', spellcheck: 'false', hidden: body.length === 0 });
  text.value = body.length > 0 ? JSON.stringify(exampleOf(body), null, 2) : '';
  const key = el('input', { 'aria-label': 'Key of the server API', type: 'password', autocomplete: 'off', placeholder: 'Key of the server API', hidden: !security.includes('key') || security.includes('token') });
  const status = el('p', { class: 'result', role: 'status' });
  const answer = el('pre', { class: 'payload', tabindex: '0', 'aria-label': 'Answer', hidden: true });
  const form = el('form', { class: 'try' }, el('div', { class: 'field' }, address, el('button', { class: 'primary' }, 'Send')), key, text, status, answer);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    await send(method, address.value, text.hidden ? undefined : text.value, key.value, status, answer);
  });
  return form;
}

function queryOf(parameters) {
  const needed = parameters.filter((parameter) => parameter.in === 'query' && parameter.required).map(({ name }) => `${name}=…`);
  return needed.length > 0 ? `?${needed.join('&')}` : '';
}

async function send(method, path, body, key, status, answer) {
  const started = performance.now();
  const target = new URL(path, location.href);
  if (target.origin !== location.origin) {
    show(status, 'Only this server can be asked from here.');
    return;
  }
  try {
    const headers = key ? { 'X-API-Key': key } : session.token ? { Authorization: `Bearer ${session.token}` } : {};
    const response = await fetch(target, { method, body, headers, credentials: 'omit' });
    const text = await response.text();
    show(status, `${response.status} ${response.statusText}, ${Math.round(performance.now() - started)} ms, ${sizeOf(text.length)}`);
    status.className = `result ${response.ok ? 'good' : 'bad'}`;
    answer.hidden = false;
    answer.replaceChildren(...pretty(text));
  } catch (error) {
    show(status, `The server could not be reached: ${error.message}`);
    status.className = 'result bad';
  }
}

function pretty(text) {
  try {
    return coloured(JSON.stringify(JSON.parse(text), null, 2).slice(0, maxAnswer));
  } catch {
    return visible(text.slice(0, maxAnswer));
  }
}

function curlOf({ method, path, body, security }) {
  const proof = security.includes('token') ? ' -H "Authorization: Bearer $TOKEN"' : security.includes('key') ? ' -H "X-API-Key: $KEY"' : '';
  const data = body.length > 0 ? ` -d '${JSON.stringify(exampleOf(body))}'` : method === 'POST' ? " -d ''" : '';
  return `curl -s${method === 'DELETE' ? ' -X DELETE' : ''} ${location.origin}${path}${proof}${data}`;
}

// A stream never ends, and an upgrade cannot be sent from here.
const isStream = ({ path }) => path.startsWith('/connection/') || path === '/emulation';

function operationOf(operation) {
  const { method, path, summary, body, parameters, responses, security } = operation;
  const answers = Object.entries(responses);
  const success = fieldsOf(responses['200']?.content?.['application/json']?.schema);
  const line = curlOf(operation);
  return el('details', { class: 'operation', id: idOf(method, path) },
    el('summary', {}, el('span', { class: `method ${method.toLowerCase()}` }, method), el('code', {}, path), el('span', { class: 'summary' }, summary)),
    el('div', { class: 'operation-body' },
      el('p', {}, security.length > 0 ? `Needs ${security.map((scheme) => callers[scheme]).join(' or ')}.` : 'Anybody may send it.'),
      ...part('In the address', parameters),
      ...part('Body', body),
      ...part('Answer', success),
      el('p', { class: 'statuses' }, ...answers.map(([status, { description }]) => el('span', { class: 'tag' }, `${status} ${description}`))),
      ...(isStream(operation)
        ? [el('p', {}, el('a', { href: '/docs/reference/transports' }, 'How to use it'))]
        : [el('div', { class: 'line' }, el('div', { class: 'line-head' }, el('span', {}, 'curl'), copyButton(() => line)), el('pre', { tabindex: '0' }, el('code', {}, line))), el('h3', {}, 'Try it'), tryForm(operation)])));
}

function read({ paths }) {
  return Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({
    method: method.toUpperCase(),
    path,
    group: operation.tags?.[0] ?? 'Other',
    summary: operation.summary ?? '',
    body: fieldsOf(operation.requestBody?.content?.['application/json']?.schema),
    parameters: (operation.parameters ?? []).map((parameter) => ({ ...parameter, type: parameter.schema?.type ?? '' })),
    responses: operation.responses ?? {},
    security: (operation.security ?? []).flatMap((scheme) => Object.keys(scheme)),
  })));
}

// Those that most readers look for come first.
const firstGroups = ['Channels', 'Signing in', 'Advertisements', 'Apps', 'Agents'];

const placeOf = ({ group }) => (firstGroups.includes(group) ? firstGroups.indexOf(group) : firstGroups.length);

function draw(operations) {
  const groups = Map.groupBy(operations.toSorted((a, b) => placeOf(a) - placeOf(b)), ({ group }) => group);
  byId('operations').replaceChildren(...[...groups].map(([group, members]) => el('section', { id: idOf('group', group) },
    el('h2', {}, group), ...members.map(operationOf))));
  byId('operations').setAttribute('aria-busy', 'false');
  byId('groups').replaceChildren(el('ul', {}, ...[...groups].map(([group, members]) => el('li', {}, el('a', { href: `#${idOf('group', group)}` }, `${group} `, el('small', {}, String(members.length)))))));
}

function openNamed() {
  const named = byId(location.hash.slice(1));
  if (named?.tagName === 'DETAILS') {
    named.open = true;
  }
  named?.scrollIntoView();
}

byId('find').addEventListener('input', debounced(80, () => {
  const text = byId('find').value.toLowerCase();
  for (const section of byId('operations').children) {
    const operations = [...section.querySelectorAll('.operation')];
    operations.forEach((operation) => { operation.hidden = !operation.firstChild.textContent.toLowerCase().includes(text); });
    section.hidden = operations.every((operation) => operation.hidden);
  }
}));

addEventListener('hashchange', openNamed);
try {
  const response = await fetch('/docs/openapi.json');
  draw(read(await response.json()));
  openNamed();
} catch (error) {
  byId('operations').replaceChildren(el('p', { class: 'note bad' }, `The document could not be loaded: ${error.message}`));
}
