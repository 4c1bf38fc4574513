// The system timers, as a clock: each tick is a message of the server.
import { el, pageOf } from './dom.js';
import { client } from './live.js';
import { show } from './text.js';

const two = (number) => String(number).padStart(2, '0');

const others = [
  ['system.timer.minute', 'each minute'],
  ['system.timer.hour', 'each hour'],
  ['system.timer.day', 'at midnight'],
];

/** `<claw-timers>` */
class ClawTimers extends HTMLElement {
  connectedCallback() {
    this.clock = el('span', { class: 'clock', 'aria-label': 'The time of the server' }, '--:--:--');
    this.ticks = el('span', { class: 'ticks', 'aria-hidden': 'true' }, ...Array.from({ length: 60 }, () => el('i')));
    this.append(
      el('p', { class: 'timer-head' }, el('a', { href: pageOf('system.timer.second') }, 'system.timer.second'), el('span', {}, 'UTC')),
      this.clock, this.ticks,
      el('ul', { class: 'timer-list' }, ...others.map(([channel, when]) => el('li', {}, el('a', { href: pageOf(channel) }, channel), el('span', {}, when)))));
    client.subscribe('system.timer.second', {
      publication: ({ data }) => this.#tick(data),
      ended: (_, reason) => show(this.clock, reason),
    });
  }

  #tick({ hour, minute, second }) {
    show(this.clock, `${two(hour)}:${two(minute)}:${two(second)}`);
    [...this.ticks.children].forEach((tick, index) => tick.classList.toggle('on', index <= second));
    this.clock.classList.remove('tick');
    requestAnimationFrame(() => this.clock.classList.add('tick'));
  }
}

customElements.define('claw-timers', ClawTimers);
