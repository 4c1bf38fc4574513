// The last hour of every node, as charts.
import { ask } from './admin-api.js';
import { LineChart } from './admin-chart.js';
import { bytesOf, latencyOf, manyOf, rateOf, roughly } from './admin-format.js';
import { Repeat } from './admin-repeat.js';
import { aligned, highest, together, total } from './admin-series.js';
import { keepTrying, labelled, rememberNodes, resultLine, select } from './admin-ui.js';
import { el } from './dom.js';
import { show as showText } from './text.js';

const interval = 10_000;

const bytesRate = (bytes) => `${bytesOf(bytes)}/s`;

// Title, how a figure is written, and the series: name, and what it is called where there are two.
const charts = [
  ['Messages', rateOf, [['messages', '']]],
  ['Deliveries', rateOf, [['deliveries', '']]],
  ['Bytes', bytesRate, [['bytes', '']]],
  ['Commands', rateOf, [['commands', '']]],
  ['Connections', roughly, [['connections', '']]],
  ['Opened and closed', rateOf, [['opened', 'opened'], ['closed', 'closed']]],
  ['Delivery latency', latencyOf, [['p50', 'p50'], ['p99', 'p99']], highest],
  ['CPU cores', roughly, [['cpu', '']]],
  ['Memory', bytesOf, [['memory', '']]],
];

const nameOf = ({ id, name }, nodes) => (nodes.filter((node) => node.name === name).length > 1 ? `${name} ${id.slice(0, 8)}` : name);

const titled = (...parts) => parts.filter(Boolean).join(', ');

function linesOf(series, nodes, isEach, combine = total) {
  return isEach
    ? nodes.flatMap((node, colour) => series.map(([name, title], index) => ({ name: titled(nameOf(node, nodes), title), values: node.series[name] ?? [], colour, isDashed: index > 0 })))
    : series.map(([name, title], index) => ({ name: title, values: together(nodes, name, combine), colour: index, isDashed: index > 0 }));
}

export function ratesSection(root) {
  const fault = resultLine();
  const mode = select({ name: 'mode', onchange: () => draw() }, [['sum', 'All nodes together'], ['each', 'Each node']]);
  const note = el('p', { class: 'result' });
  const drawn = charts.map(([title, format, series, combine]) => ({ chart: new LineChart(title, format), series, combine }));
  let last = null;

  function draw() {
    if (last === null) {
      return;
    }
    const { nodes } = last;
    const step = last.step ?? nodes[0].step;
    const { end, nodes: same } = aligned(nodes, step);
    drawn.forEach(({ chart, series, combine }) => chart.draw(linesOf(series, same, mode.value === 'each', combine), end, step));
    showText(note, `${manyOf(nodes.length, 'node')}, ${step} s a point.${nodes.length > 1 && mode.value === 'sum' ? ' Latency is that of the slowest node.' : ''}`);
  }

  const repeat = new Repeat(interval, () => keepTrying(fault, async () => {
    const answer = await ask('/api/rates');
    rememberNodes(answer.nodes);
    if (answer.nodes.length > 0) {
      last = answer;
      draw();
    }
  }));

  root.append(el('div', { class: 'controls' }, labelled('Show', mode), note, fault), el('div', { class: 'charts' }, ...drawn.map(({ chart }) => chart.element)));
  return { show: () => repeat.start(), hide: () => repeat.stop() };
}
