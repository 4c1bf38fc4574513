// Figures of several nodes on one line of time.

// A node whose figures end so many steps before those of the others has gone: it does not hold them up.
const late = 3;

/**
 * Brings the series of all nodes onto the same moments.
 * @param nodes As of `/api/rates`: `{id, name, newest, series}`.
 * @returns `{end, length, nodes}`: `end` in milliseconds; each series has `length` values, null where the node has none.
 */
export function aligned(nodes, step) {
  const slotOf = ({ newest }) => Math.floor(newest / step);
  const latest = Math.max(...nodes.map(slotOf));
  const end = Math.min(...nodes.map(slotOf).filter((slot) => latest - slot < late));
  const lengthOf = ({ series }) => Math.max(0, ...Object.values(series).map((values) => values.length));
  const length = Math.max(0, ...nodes.map((node) => Math.min(360, lengthOf(node) - (slotOf(node) - end))));
  const valueAt = (node, values, slot) => values[values.length - 1 - (slotOf(node) - slot)] ?? null;
  return {
    end: end * step * 1000,
    length,
    nodes: nodes.map((node) => ({
      ...node,
      series: Object.fromEntries(Object.entries(node.series).map(([name, values]) =>
        [name, Array.from({ length }, (_, index) => valueAt(node, values, end - length + 1 + index))])),
    })),
  };
}

/** One series out of those of all nodes; null where no node has a value. */
export function together(nodes, name, combine) {
  const all = nodes.map(({ series }) => series[name] ?? []);
  return Array.from({ length: Math.max(0, ...all.map((values) => values.length)) }, (_, index) => {
    const values = all.map((series) => series[index] ?? null).filter((value) => value !== null);
    return values.length === 0 ? null : combine(values);
  });
}

export const total = (values) => values.reduce((sum, value) => sum + value, 0);

export const highest = (values) => Math.max(...values);
