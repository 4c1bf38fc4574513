// A list of messages that may be long and fast: what is drawn is the part that can be seen, once per frame.
import { el } from './dom.js';
import { Record } from './record.js';
import { show, sizeOf, timeOf } from './text.js';

const rowHeight = 30;
const maxRecords = 5000;
const maxBytes = 32_000_000;
const maxShownCharacters = 300;

// Nobody reads faster than that, and the frames in between belong to the rest of the page.
const minRedrawMilliseconds = 30;

function setWhenOther(element, name, value) {
  if (element.getAttribute(name) !== value) {
    if (value === null) {
      element.removeAttribute(name);
    } else {
      element.setAttribute(name, value);
    }
  }
}

/**
 * `<claw-stream label="…" tall>`: newest first. Fires `select` with the record that the keys or a click choose, and `open` for a click or Enter.
 * It stands still while it is paused, and while the reader has scrolled away from the newest.
 */
export class ClawStream extends HTMLElement {
  #all = [];
  #shown = [];
  #bytes = 0;
  #filter = '';
  #isPaused = false;
  #end = null;
  #rows = [];
  #frame = 0;
  #drawnAt = 0;
  #chosen = null;

  connectedCallback() {
    if (this.list) {
      return;
    }
    this.body = el('div', { class: 'stream-rows', role: 'presentation' });
    this.pad = el('div', { class: 'stream-pad', role: 'presentation' }, this.body);
    this.list = el('div', { class: 'stream-list', role: 'listbox', tabindex: '0', 'aria-label': this.getAttribute('label') }, this.pad);
    this.empty = el('p', { class: 'empty' }, 'Waiting for the first message …');
    this.fresh = el('button', { class: 'fresh', type: 'button', hidden: true, onclick: () => this.#follow() });
    this.append(this.list, this.empty, this.fresh);
    this.list.addEventListener('scroll', () => this.#scrolled());
    this.list.addEventListener('keydown', (event) => this.#move(event));
    this.list.addEventListener('click', (event) => this.#openRecord(event.target.closest('.row')?.record));
    new ResizeObserver(() => this.#draw()).observe(this.list);
  }

  get isPaused() {
    return this.#isPaused;
  }

  set isPaused(value) {
    this.#isPaused = value;
    if (value) {
      this.#hold();
    } else if (this.list.scrollTop < rowHeight) {
      this.#end = null;
    }
    this.#draw();
  }

  get filter() {
    return this.#filter;
  }

  set filter(text) {
    this.#filter = text.toLowerCase();
    this.#shown = this.#all.filter((record) => this.#passes(record));
    this.#draw();
  }

  /** What to say while there is nothing. */
  set emptyText(text) {
    show(this.empty, text);
  }

  /** The number of messages kept. */
  get length() {
    return this.#all.length;
  }

  add(record) {
    this.#all.push(record);
    this.#bytes += record.size;
    if (this.#passes(record)) {
      this.#shown.push(record);
    }
    this.#trim();
    this.#draw();
  }

  /** Adds what is older than everything here, oldest first. */
  addBefore(records) {
    this.#all.unshift(...records);
    records.forEach((record, index) => {
      // Their numbers come before all others.
      record.seq = (this.#all[records.length]?.seq ?? 1) - records.length + index - 0.5;
      this.#bytes += record.size;
    });
    this.filter = this.#filter;
  }

  /** Marks where messages may be missing, or what else has happened. */
  mark(text, kind = 'gap') {
    this.add(new Record({ mark: text, kind }));
  }

  clear() {
    this.#all = [];
    this.#shown = [];
    this.#bytes = 0;
    this.#end = null;
    this.list.scrollTop = 0;
    this.#draw();
  }

  #passes(record) {
    return !this.#filter || record.mark !== '' || record.line.toLowerCase().includes(this.#filter) || record.sender.toLowerCase().includes(this.#filter);
  }

  // In pieces, because moving a long list for each message would cost more than the message.
  #trim() {
    if (this.#all.length <= maxRecords * 1.1 && this.#bytes <= maxBytes) {
      return;
    }
    let gone = Math.max(0, this.#all.length - maxRecords);
    let bytes = this.#bytes - this.#all.slice(0, gone).reduce((sum, record) => sum + record.size, 0);
    while (bytes > maxBytes * 0.9 && gone < this.#all.length - 1) {
      bytes -= this.#all[gone++].size;
    }
    const first = this.#all[gone].seq;
    this.#all.splice(0, gone);
    this.#shown.splice(0, this.#shown.findLastIndex((record) => record.seq < first) + 1);
    this.#bytes = bytes;
  }

  // The number of messages that are drawn: all, or those that were there when the list was held.
  #count() {
    return this.#end === null ? this.#shown.length : this.#shown.findLastIndex((record) => record.seq <= this.#end) + 1;
  }

  #hold() {
    this.#end ??= this.#shown.at(-1)?.seq ?? 0;
  }

  #follow() {
    this.list.scrollTop = 0;
    this.#end = null;
    if (this.#isPaused) {
      this.dispatchEvent(new Event('resume'));
    }
    this.#draw();
  }

  #scrolled() {
    if (this.list.scrollTop >= rowHeight) {
      this.#hold();
    } else if (!this.#isPaused) {
      this.#end = null;
    }
    this.#drawNow();
  }

  #draw() {
    this.#frame ||= requestAnimationFrame((now) => {
      this.#frame = 0;
      if (now - this.#drawnAt < minRedrawMilliseconds) {
        this.#draw();
      } else {
        this.#drawnAt = now;
        this.#drawNow();
      }
    });
  }

  #drawNow() {
    const count = this.#count();
    const waiting = this.#shown.length - count;
    this.empty.hidden = count > 0;
    this.fresh.hidden = waiting === 0;
    if (waiting > 0) {
      show(this.fresh, `${waiting.toLocaleString('en')} new ${waiting === 1 ? 'message' : 'messages'} ↑`);
    }
    this.pad.style.height = `${count * rowHeight}px`;
    const first = Math.max(0, Math.floor(this.list.scrollTop / rowHeight) - 2);
    const last = Math.min(count, first + Math.ceil(this.list.clientHeight / rowHeight) + 4);
    this.body.style.transform = `translateY(${first * rowHeight}px)`;
    this.#drawRows(first, last, count);
  }

  #drawRows(first, last, count) {
    while (this.#rows.length < last - first) {
      this.#rows.push(this.#makeRow());
    }
    this.#rows.forEach((row, index) => {
      const record = first + index < last ? this.#shown[count - 1 - first - index] : null;
      row.hidden = record === null;
      if (record && row.record !== record) {
        row.record = record;
        this.#fill(row, record);
      }
      if (record) {
        setWhenOther(row, 'aria-selected', String(record === this.#chosen));
        // Places change with every message; they are told when the list stands still.
        setWhenOther(row, 'aria-posinset', this.#end === null ? null : String(first + index + 1));
        setWhenOther(row, 'aria-setsize', this.#end === null ? null : String(count));
      }
    });
    const active = this.#rows.find((row) => !row.hidden && row.record === this.#chosen);
    if (active) {
      this.list.setAttribute('aria-activedescendant', active.id);
    } else {
      this.list.removeAttribute('aria-activedescendant');
    }
  }

  #makeRow() {
    const row = el('div', { class: 'row', role: 'option', id: `${this.id}-row-${this.#rows.length}` });
    row.append(el('time'), el('bdi', { class: 'who' }), el('span', { class: 'what', dir: 'auto' }), el('span', { class: 'size' }));
    this.body.append(row);
    return row;
  }

  #fill(row, record) {
    const [time, who, what, size] = row.children;
    const { line } = record;
    show(time, timeOf(record.time));
    show(who, record.sender.slice(0, 64));
    show(what, line.length > maxShownCharacters ? `${line.slice(0, maxShownCharacters)}…` : line);
    show(size, record.size > 1000 ? sizeOf(record.size) : '');
    const kind = record.kind ? `row ${record.kind}` : 'row';
    if (row.className !== kind) {
      row.className = kind;
    }
  }

  #choose(record) {
    if (!record || record.mark) {
      return;
    }
    this.#chosen = record;
    this.#draw();
    this.dispatchEvent(new CustomEvent('select', { detail: record }));
  }

  #openRecord(record) {
    this.#choose(record);
    if (record && !record.mark) {
      this.dispatchEvent(new CustomEvent('open', { detail: record }));
    }
  }

  #move(event) {
    if (event.key === 'Enter') {
      this.#openRecord(this.#chosen);
      return;
    }
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity }[event.key];
    if (steps === undefined) {
      return;
    }
    event.preventDefault();
    const count = this.#count();
    const now = this.#chosen ? count - 1 - this.#shown.indexOf(this.#chosen) : -1;
    const next = Math.min(count - 1, Math.max(0, now + steps));
    this.#hold();
    this.#choose(this.#shown[count - 1 - next]);
    const top = next * rowHeight;
    if (top < this.list.scrollTop) {
      this.list.scrollTop = top;
    } else if (top + rowHeight > this.list.scrollTop + this.list.clientHeight) {
      this.list.scrollTop = top + rowHeight - this.list.clientHeight;
    }
  }
}

customElements.define('claw-stream', ClawStream);
