// The console's way to the server: the cookie of its session, which counts only together with a header that no page of another origin can send.
import { parse } from './text.js';

const proof = { 'X-Claw-Admin': '1' };

/** Whether the console is signed in. Fires `out` when the server says that it is not (any more), and `in` after a sign-in. */
export const access = new (class extends EventTarget {
  isOpen = false;

  open() {
    this.isOpen = true;
    this.dispatchEvent(new Event('in'));
  }

  close() {
    const wasOpen = this.isOpen;
    this.isOpen = false;
    this.dispatchEvent(new CustomEvent('out', { detail: { wasOpen } }));
  }

  /** Resolves with the next sign-in. */
  opened() {
    return new Promise((resolve) => { this.addEventListener('in', resolve, { once: true }); });
  }
})();

const failure = (message, details = {}) => Object.assign(new Error(message), details);

async function fetchFrom(path, options) {
  try {
    return await fetch(path, { ...options, headers: proof, cache: 'no-store' });
  } catch (error) {
    throw error.name === 'AbortError' ? error : failure('the server cannot be reached');
  }
}

// Some answers are a success and explain an error: those have `ok`.
async function read(response) {
  const text = await response.text();
  let answer = {};
  try {
    answer = parse(text);
  } catch {
    // Not JSON: a proxy's page, or an unknown path.
  }
  if (response.ok && (answer.ok || !answer.error)) {
    return answer;
  }
  const { error } = answer;
  const wait = Number(response.headers.get('Retry-After'));
  throw failure((error?.message ?? error ?? `${response.status} ${response.statusText}`) + (wait ? `; try again in ${wait} s` : ''), { status: response.status, code: error?.code });
}

/** The address of a question. Parameters that are undefined are left out; empty ones are asked. */
export function addressOf(path, query = {}) {
  const parameters = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== undefined));
  return parameters.size > 0 ? `${path}?${parameters}` : path;
}

/** A response with its body unread. Waits for a sign-in where one is needed. */
export async function open(path, query, signal) {
  for (;;) {
    const response = await fetchFrom(addressOf(path, query), { signal });
    if (response.status !== 401) {
      return response;
    }
    const opened = access.opened();
    access.close();
    await opened;
  }
}

/** Asks; after a sign-in again, so that nothing on the page is lost by it. */
export const ask = async (path, query) => read(await open(path, query));

/** Changes something. It is not repeated after a sign-in: somebody else may sit there by then. */
export async function send(path, body, method = 'POST') {
  const response = await fetchFrom(path, { method, body: typeof body === 'string' ? body : JSON.stringify(body) });
  if (response.status === 401) {
    access.close();
    throw failure('you were signed out and nothing was changed; try again', { status: 401 });
  }
  return read(response);
}

/** A question to the server API: its methods are POST, but these change nothing. */
export async function call(method, parameters = {}) {
  for (;;) {
    const response = await fetchFrom(`/api/${method}`, { method: 'POST', body: JSON.stringify(parameters) });
    if (response.status !== 401) {
      return (await read(response)).result;
    }
    const opened = access.opened();
    access.close();
    await opened;
  }
}

/** Says who asks, without a session too: `{signedIn, node, version, by}`. */
export const lookUp = async () => read(await fetchFrom('/admin/session', {}));

/** Signs in; throws when the password is wrong. */
export async function signIn(password) {
  await read(await fetchFrom('/admin/login', { method: 'POST', body: JSON.stringify({ password }) }));
  access.open();
}

export const signOut = async () => read(await fetchFrom('/admin/logout', { method: 'POST' }));
