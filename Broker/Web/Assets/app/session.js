// Who the visitor is, and what the server allows: kept for this tab, and never in an address.

const key = 'claw.token';

/** Fires `change` when another token is used. */
export const session = new (class extends EventTarget {
  get token() {
    try {
      return sessionStorage.getItem(key);
    } catch {
      return this.kept ?? null;
    }
  }

  set token(value) {
    this.kept = value;
    try {
      if (value) {
        sessionStorage.setItem(key, value);
      } else {
        sessionStorage.removeItem(key);
      }
    } catch {
      // Kept until the page is left.
    }
    this.dispatchEvent(new Event('change'));
  }

  /** The name that the token proves; null: anonymous. The server checks it, the page only shows it. */
  get name() {
    try {
      const claims = this.token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/');
      return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(claims), (character) => character.charCodeAt(0)))).sub ?? null;
    } catch {
      return null;
    }
  }
})();

/** Asks the server; an answer that is no success becomes an error with its message. */
export async function ask(path, { body, method = body === undefined ? 'GET' : 'POST' } = {}) {
  const headers = session.token && path.startsWith('/api') ? { Authorization: `Bearer ${session.token}` } : {};
  const response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), credentials: 'omit' });
  const text = await response.text();
  let answer = {};
  try {
    answer = JSON.parse(text);
  } catch {
    // Not JSON: a proxy's page, or an unknown path.
  }
  if (!response.ok) {
    throw Object.assign(new Error(answer.error ?? `${response.status} ${response.statusText}`), { status: response.status });
  }
  return answer;
}

let asked;

/** The settings that a visitor meets: version, development, anonymous, websocket, origin. */
export const server = () => (asked ??= ask('/web/server.json').catch((error) => {
  asked = undefined;
  throw error;
}));
