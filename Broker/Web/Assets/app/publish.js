// A box to publish with, as anonymous or by a token.
import { client } from './live.js';
import { el } from './dom.js';
import { session } from './session.js';
import { show } from './text.js';

/** JSON, or else the text itself. */
function payloadOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** `<claw-publish channel="…">`. With `reason`, it says why nothing can be published here instead. */
class ClawPublish extends HTMLElement {
  connectedCallback() {
    if (this.form) {
      return;
    }
    const id = `${this.id}-text`;
    this.input = el('textarea', { id, rows: '1', placeholder: 'Say something, or send JSON', autocomplete: 'off', spellcheck: 'false' });
    this.result = el('p', { class: 'result', role: 'status' });
    this.form = el('form', {}, el('label', { for: id, class: 'unseen' }, 'Message'),
      el('div', { class: 'field' }, this.input, el('button', { class: 'primary' }, 'Publish')), this.result);
    this.note = el('p', { class: 'result', hidden: true });
    this.append(this.form, this.note);
    this.form.addEventListener('submit', (event) => this.#publish(event));
    this.input.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.form.requestSubmit();
      }
    });
  }

  set reason(text) {
    this.form.hidden = text !== '';
    this.note.hidden = text === '';
    show(this.note, text);
  }

  async #publish(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    if (!text) {
      return;
    }
    try {
      await client.publish(this.getAttribute('channel'), payloadOf(text));
      this.input.value = '';
      show(this.result, `Published as ${session.name ?? 'anonymous'}.`);
      this.result.className = 'result good';
    } catch (error) {
      show(this.result, error.code === 0 ? `Not sent: ${error.message}.` : `Refused (${error.code}): ${error.message}`);
      this.result.className = 'result bad';
    }
  }
}

customElements.define('claw-publish', ClawPublish);
