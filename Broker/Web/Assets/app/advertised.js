// The channels that are advertised: a search, and what each one is about.
import { debounced, el, pageOf } from './dom.js';
import { ask } from './session.js';
import { coloured, isolated, show, visible } from './text.js';

const limit = 20;
const maxDescription = 280;

function itemOf({ channel, description, schema, agent }) {
  const text = description ?? '';
  const item = el('li', { class: 'ad' },
    el('a', { href: pageOf(channel) }, isolated(channel)),
    el('span', { class: 'ad-owner' }, 'by ', isolated(agent ?? '')),
    el('p', { dir: 'auto' }, ...visible(text.length > maxDescription ? `${text.slice(0, maxDescription)}…` : text)));
  if (schema !== null && schema !== undefined) {
    item.append(el('details', {}, el('summary', {}, 'Schema'), el('pre', { tabindex: '0', dir: 'ltr' }, ...coloured(JSON.stringify(schema, null, 2)))));
  }
  return item;
}

/** `<claw-advertised>` */
class ClawAdvertised extends HTMLElement {
  connectedCallback() {
    this.input = el('input', { type: 'search', id: 'ad-search', placeholder: 'Search by name or description', autocomplete: 'off', maxlength: '100' });
    this.list = el('ul', { class: 'ads' });
    this.note = el('p', { class: 'empty', role: 'status' }, 'Loading …');
    this.append(el('div', { class: 'pad' }, el('label', { class: 'unseen', for: 'ad-search' }, 'Search advertised channels'), this.input), this.list, this.note);
    this.input.addEventListener('input', debounced(250, () => this.#load()));
    this.#load();
  }

  async #load() {
    const text = this.input.value.trim();
    try {
      const { results, channels, total } = await ask(text ? `/api/advertise/search?q=${encodeURIComponent(text)}&limit=${limit}` : `/api/advertise/list?limit=${limit}`);
      const found = results ?? channels;
      if (text !== this.input.value.trim()) {
        return;
      }
      this.list.replaceChildren(...found.map(itemOf));
      show(this.note, found.length === 0
        ? (text ? 'No channel with that text.' : 'Nobody advertises a channel yet. Owners do it with: claw.events advertise set')
        : total > found.length ? `${found.length} of ${total}: search for the others.` : '');
    } catch (error) {
      show(this.note, `Could not load: ${error.message}`);
    }
  }
}

customElements.define('claw-advertised', ClawAdvertised);
