// Draws the lines from cause to effect behind the visible rows: a dot for each row in
// its lane, and a line from the row that caused it. The lines of the selected row are
// highlighted.

import { byId, s, set } from './dom.mjs';
import { store } from './store.mjs';
import { causeOf } from './rows.mjs';
import { keyOf } from './list.mjs';

const lanes = ['app', 'call', 'out'];

// drawLines draws the items of a range, below the head, with the lanes at x.
export function drawLines(items, range, { rowHeight, head, x }) {
  const svg = byId('lines');
  const top = head + range.from * rowHeight, height = Math.max(1, (range.to - range.from) * rowHeight);
  svg.style.transform = `translateY(${top}px)`;
  set(svg, 'height', height);
  const chain = chainOf(items.slice(range.from, range.to));
  const back = [], front = [], dots = [];
  for (let i = range.from; i < range.to; i++) {
    const { row, part, key } = items[i];
    const to = { x: x[row.lane], y: (i - range.from + 0.5) * rowHeight };
    const cause = part < 0 ? causeOf(store.rows, row) : row;
    const from = cause && store.list.index.get(keyOf(cause));
    if (from !== undefined && from < i) {
      const on = chain.has(key);
      (on ? front : back).push(s('path', {
        class: on ? 'on' : '', 'data-lane': row.lane,
        d: path({ x: x[cause.lane], y: (from - range.from + 0.5) * rowHeight }, to, rowHeight),
      }));
    }
    dots.push(s('circle', { cx: to.x, cy: to.y, r: part < 0 ? 4.5 : 3, 'data-lane': row.lane, class: chain.has(key) || key === store.see.row ? 'on' : '' }));
  }
  svg.replaceChildren(...Object.values(x).map((at) => s('line', { x1: at, x2: at, y1: 0, y2: height, class: 'rail' })), ...back, ...front, ...dots);
}

// measureRails returns the x of each lane: the left of its column, or side by side in
// a narrow timeline, which has one column.
export function measureRails() {
  if (byId('timeline').classList.contains('narrow')) {
    const left = byId('rows-head').firstElementChild.offsetWidth;
    return { app: left + 8, call: left + 22, out: left + 36 };
  }
  const heads = byId('rows-head').children;
  return Object.fromEntries(lanes.map((lane, i) => [lane, heads[i + 1].offsetLeft + 12]));
}

// chainOf returns the keys of the selected row, its causes and its effects.
function chainOf(items) {
  const chain = new Set();
  const [id] = store.see.row.split('.');
  const selected = store.rows.byEntry.get(Number(id));
  if (!selected) return chain;
  for (let row = selected, n = 0; row && n < 100; row = causeOf(store.rows, row), n++) chain.add(keyOf(row));
  for (const item of items) if (item.part < 0 && causeOf(store.rows, item.row) === selected) chain.add(item.key);
  return chain;
}

// path leads down the cause's rail, then across to the effect. To a lane on the left
// it crosses above the effect's text.
function path(a, b, rowHeight) {
  if (a.x === b.x) return `M${a.x} ${a.y}V${b.y}`;
  const r = Math.min(8, Math.abs(b.x - a.x) / 2, (b.y - a.y) / 2);
  if (b.x > a.x) return `M${a.x} ${a.y}V${b.y - r}Q${a.x} ${b.y} ${a.x + r} ${b.y}H${b.x}`;
  const y = b.y - rowHeight / 2;
  return `M${a.x} ${a.y}V${y - r}Q${a.x} ${y} ${a.x - r} ${y}H${b.x + r}Q${b.x} ${y} ${b.x} ${y + r}V${b.y}`;
}
