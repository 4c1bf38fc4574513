// A chart of lines over time, as SVG, with its figures as text.
import { clockOf } from './admin-format.js';
import { svg } from './chart.js';
import { el } from './dom.js';
import { show } from './text.js';

const width = 320;
const height = 96;
const colours = 8;

const known = (values) => values.filter((value) => value !== null);

/** A round number that is not below the value: one digit, or 1.5, with zeros. */
function roundUp(value) {
  if (value <= 0) {
    return 1;
  }
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((factor) => factor * power).find((round) => round >= value * 0.999);
}

// A gap where there is no value; a value between two gaps is a dot.
function pathOf(values, top) {
  const step = width / Math.max(1, values.length - 1);
  let path = '';
  let isOpen = false;
  values.forEach((value, index) => {
    if (value !== null) {
      const point = `${(index * step).toFixed(1)},${(height - 2 - (value / top) * (height - 6)).toFixed(1)}`;
      path += isOpen ? `L${point}` : `M${point}h0.1`;
    }
    isOpen = value !== null;
  });
  return path;
}

/** What a reader gets in place of the lines. */
export function summaryOf(values, format) {
  const there = known(values);
  const now = values.at(-1);
  return there.length === 0 ? 'nothing yet'
    : `now ${now === null || now === undefined ? 'nothing' : format(now)}, lowest ${format(Math.min(...there))}, highest ${format(Math.max(...there))}`;
}

/**
 * One chart. `draw(lines, end, step)`: each line is `{name, values, colour, isDashed}`, oldest value first, null for none; `end` is the time of
 * the last one in milliseconds, `step` the seconds between two.
 */
export class LineChart {
  #lines = [];
  #end = 0;
  #step = 1;

  constructor(title, format) {
    this.format = format;
    this.top = el('span', { class: 'chart-top' });
    this.begin = el('span');
    this.over = el('span', { class: 'chart-over' });
    this.drawing = svg('svg', { class: 'chart', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' });
    this.cursor = svg('path', { class: 'chart-cursor', 'vector-effect': 'non-scaling-stroke' });
    this.legend = el('ul', { class: 'legend' });
    this.element = el('figure', { class: 'card figure' },
      el('figcaption', {}, el('h2', {}, title), this.legend),
      el('div', { class: 'chart-box', onpointermove: (event) => this.#point(event), onpointerleave: () => this.#leave() }, this.top, this.drawing, this.over),
      el('div', { class: 'chart-foot', 'aria-hidden': 'true' }, this.begin, el('span', {}, 'now')));
  }

  draw(lines, end, step) {
    Object.assign(this, { max: roundUp(lines.reduce((most, { values }) => known(values).reduce((a, b) => Math.max(a, b), most), 0)) });
    this.#lines = lines;
    this.#end = end;
    this.#step = step;
    show(this.top, this.format(this.max));
    const length = Math.max(0, ...lines.map(({ values }) => values.length));
    show(this.begin, length > 1 ? clockOf(end - (length - 1) * step * 1000) : '');
    this.drawing.replaceChildren(svg('path', { class: 'chart-grid', d: `M0,3H${width}M0,${height / 2}H${width}M0,${height - 1}H${width}`, 'vector-effect': 'non-scaling-stroke' }),
      ...lines.map(({ values, colour, isDashed }) => svg('path', { class: `chart-line colour-${colour % colours}${isDashed ? ' dashed' : ''}`, d: pathOf(values, this.max), 'vector-effect': 'non-scaling-stroke' })),
      this.cursor);
    this.legend.replaceChildren(...lines.map(({ name, values, colour, isDashed }) => el('li', {},
      el('i', { class: `swatch colour-${colour % colours}${isDashed ? ' dashed' : ''}`, 'aria-hidden': 'true' }), ...(name ? [el('bdi', {}, name), ': '] : []), summaryOf(values, this.format))));
  }

  #point(event) {
    const length = Math.max(0, ...this.#lines.map(({ values }) => values.length));
    const box = this.drawing.getBoundingClientRect();
    if (length < 2 || box.width === 0) {
      return;
    }
    const index = Math.min(length - 1, Math.max(0, Math.round(((event.clientX - box.left) / box.width) * (length - 1))));
    const x = (index * width) / (length - 1);
    this.cursor.setAttribute('d', `M${x.toFixed(1)},0V${height}`);
    const values = this.#lines.map(({ name, values: all }) => `${name ? `${name} ` : ''}${all[index] === null ? '–' : this.format(all[index])}`);
    show(this.over, `${clockOf(this.#end - (length - 1 - index) * this.#step * 1000)}  ${values.join(' · ')}`);
  }

  #leave() {
    this.cursor.removeAttribute('d');
    show(this.over, '');
  }
}
