// One message in full: who, when, where in the channel, and the payload.
import { copyButton, el } from './dom.js';
import { coloured, isolated, sizeOf, timeOf, visible } from './text.js';

const maxCharacters = 20_000;
const maxColoured = 100_000;

function textOf(data, isPretty) {
  return typeof data === 'string' && isPretty ? data : JSON.stringify(data, null, isPretty ? 2 : undefined) ?? '';
}

/** `<claw-message>` */
class ClawMessage extends HTMLElement {
  #record = null;
  #isPretty = true;

  set pretty(value) {
    this.#isPretty = value;
    if (this.#record) {
      this.show(this.#record);
    }
  }

  show(record) {
    this.#record = record;
    const text = textOf(record.data, this.#isPretty);
    const { offset, tags, info } = record.publication ?? {};
    const facts = [
      ['Sender', record.sender ? isolated(record.sender) : 'not said'],
      ['Time', `${new Date(record.time).toLocaleDateString()} ${timeOf(record.time)}`],
      ['On the wire', sizeOf(record.size)],
      ...(offset ? [['Offset', String(offset)]] : []),
      ...(info?.client ? [['Connection', isolated(info.client)]] : []),
      ...(tags ? [['Tags', isolated(JSON.stringify(tags))]] : []),
    ];
    this.replaceChildren(
      el('dl', { class: 'facts' }, ...facts.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)])),
      ...this.#payload(text, record));
  }

  #payload(text, record) {
    const isText = typeof record.data === 'string' && this.#isPretty;
    const draw = (part) => (isText || part.length > maxColoured ? visible(part) : coloured(part));
    const code = el('code', { dir: 'auto' }, ...draw(text.slice(0, maxCharacters)));
    const rest = el('button', { type: 'button', class: 'small', hidden: text.length <= maxCharacters, onclick: () => {
      code.replaceChildren(...draw(text));
      rest.hidden = true;
    } }, `Show all ${sizeOf(text.length)}`);
    return [
      el('div', { class: 'line-head' }, el('span', {}, isText ? 'Text' : 'JSON'), rest, copyButton(() => text)),
      el('pre', { class: 'payload', tabindex: '0', 'aria-label': 'Payload' }, code)];
  }
}

customElements.define('claw-message', ClawMessage);
