// Small charts as SVG, in the colour of the text around them.

const space = 'http://www.w3.org/2000/svg';

/** Makes an element of SVG. */
export const svg = (name, attributes) => {
  const element = document.createElementNS(space, name);
  Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
  return element;
};

/** A line over the values, and the area below it. */
export class Sparkline {
  constructor(width, height) {
    Object.assign(this, { width, height });
    this.area = svg('path', { class: 'spark-area' });
    this.line = svg('path', { class: 'spark-line', 'vector-effect': 'non-scaling-stroke' });
    this.element = svg('svg', { class: 'spark', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' });
    this.element.append(this.area, this.line);
  }

  draw(values) {
    const top = Math.max(1, ...values);
    const step = this.width / Math.max(1, values.length - 1);
    const points = values.map((value, index) => `${(index * step).toFixed(1)},${(this.height - 1 - (value / top) * (this.height - 3)).toFixed(1)}`);
    this.line.setAttribute('d', `M${points.join('L')}`);
    this.area.setAttribute('d', `M0,${this.height}L${points.join('L')}L${this.width},${this.height}Z`);
  }
}

const seconds = 60;

/** `<claw-rate>`: the messages of each second of the last minute. */
class ClawRate extends HTMLElement {
  #counts = new Array(seconds).fill(0);
  #now = 0;

  connectedCallback() {
    this.chart = new Sparkline(120, 28);
    this.text = document.createElement('span');
    this.append(this.chart.element, this.text);
    this.timer = setInterval(() => this.#turn(), 1000);
    this.#show();
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  count() {
    this.#now++;
  }

  #turn() {
    this.#counts.shift();
    this.#counts.push(this.#now);
    this.#now = 0;
    this.#show();
  }

  // The mean of five seconds: single messages would make it jump between 0 and 1.
  #show() {
    const rate = this.#counts.slice(-5).reduce((sum, count) => sum + count, 0) / 5;
    this.text.textContent = `${rate >= 10 ? Math.round(rate).toLocaleString('en') : rate.toFixed(1)}/s`;
    this.chart.draw(this.#counts);
  }
}

customElements.define('claw-rate', ClawRate);
