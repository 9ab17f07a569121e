// Draws the time line: only the rows in sight are in the document.

import { byId, set, text } from './dom.mjs';
import { changed, onDraw, see, store } from './store.mjs';
import { atEnd, scrollFor, step, visible } from './window.mjs';
import { describe } from './rowtext.mjs';
import { fold, keyOf } from './list.mjs';
import { rebuild, stale } from './take.mjs';
import { makeRow, paintRow } from './row.mjs';
import { drawLines } from './lines.mjs';
import { plural } from './words.mjs';
import { showView } from './views.mjs';

const drawn = new Map(); // key of an item → its row in the document
let box, body, rowHeight = 44;
let following = true, held = null; // held: the list as it was when paused

export function startTimeline() {
  box = byId('rows');
  body = byId('rows-body');
  rowHeight = parseFloat(getComputedStyle(box).getPropertyValue('--row')) || rowHeight;
  box.addEventListener('scroll', () => {
    following = atEnd(box.scrollTop, height(), box.scrollHeight - headHeight());
    changed('timeline');
  }, { passive: true });
  new ResizeObserver(() => {
    byId('timeline').classList.toggle('narrow', box.clientWidth < 620);
    changed('timeline');
  }).observe(box);
  onDraw('timeline', draw);
  byId('newest').addEventListener('click', () => toEnd());
}

const headHeight = () => byId('rows-head').offsetHeight;
const height = () => box.clientHeight - headHeight();
const items = () => held ?? store.list.items;

// pause keeps the rows as they are; the stream goes on being read.
export function pause(on = !store.paused) {
  store.paused = on;
  held = on ? store.list.items.slice() : null;
  if (!on) toEnd();
  changed('timeline', 'top');
}

function draw() {
  if (stale()) begin();
  const all = items();
  byId('timeline').classList.toggle('empty', store.rows.list.length === 0);
  byId('no-match').hidden = all.length > 0 || store.rows.list.length === 0;
  body.style.height = `${all.length * rowHeight}px`;
  set(byId('rows-table'), 'aria-rowcount', all.length + 1);
  if (following && !held) box.scrollTop = box.scrollHeight;
  const range = visible(box.scrollTop, height(), rowHeight, all.length);
  const seen = new Set();
  const focused = document.activeElement?.closest?.('[data-key]')?.dataset.key;
  let before = null;
  for (let i = range.to - 1; i >= range.from; i--) before = place(all[i], i, before, seen);
  for (const [key, row] of drawn) {
    if (seen.has(key)) continue;
    row.element.remove();
    drawn.delete(key);
  }
  if (focused && !drawn.has(focused)) box.focus({ preventScroll: true });
  drawLines(all, range, rowHeight);
  const unseen = held ? store.list.items.length - held.length : 0;
  byId('newest').hidden = following && !held;
  text(byId('newest'), unseen > 0 ? `${plural(unseen, 'new row')} ↓` : 'To the newest ↓');
  byId('older').hidden = !(store.entries.length > 0 && store.entries[0].number > store.first) || box.scrollTop > rowHeight;
}

// begin shows the list of another filter or call from its end.
function begin() {
  held = null;
  store.paused = false;
  rebuild();
  following = true;
  changed('top');
}

// place draws an item before another and returns its element.
function place(item, index, before, seen) {
  let row = drawn.get(item.key);
  if (!row) {
    row = makeRow(item, (key) => { select(key); showView('side'); });
    drawn.set(item.key, row);
  }
  seen.add(item.key);
  if (row.element.nextSibling !== before || !row.element.isConnected) body.insertBefore(row.element, before);
  row.element.style.transform = `translateY(${index * rowHeight}px)`;
  paintRow(row, item, index, { selected: item.key === store.see.row, first: index === 0 && !drawn.has(store.see.row), open: store.list.open.has(item.row.id) });
  return row.element;
}

// select shows the wire of a row; again, it folds or unfolds it.
export function select(key, panel = 'wire') {
  see({ row: key, panel: panel || store.see.panel });
}

const selectedIndex = () => items().findIndex((item) => item.key === store.see.row);

// move selects the row n further.
export function move(n) {
  const at = step(selectedIndex(), n, items().length);
  if (at < 0) return;
  following = at === items().length - 1 && following;
  box.scrollTop = scrollFor(at, box.scrollTop, height(), rowHeight);
  select(items()[at].key, store.see.panel === 'wire' ? 'wire' : '');
  requestAnimationFrame(() => drawn.get(store.see.row)?.button.focus({ preventScroll: true }));
}

// reveal scrolls to the row of an entry and selects it.
export function reveal(number) {
  const row = store.rows.byEntry.get(Number(number));
  if (!row) return;
  const key = keyOf(row);
  const at = items().findIndex((item) => item.key === key);
  if (at >= 0) {
    following = false;
    box.scrollTop = scrollFor(at, box.scrollTop, height(), rowHeight);
  }
  select(key);
}

// unfold folds or unfolds the selected row, or that of a key.
export function unfold(key = store.see.row) {
  const item = items().find((i) => i.key === key);
  if (!item || describe(item.row).parts === 0) return;
  fold(store.list, item.row);
  if (item.part >= 0) see({ row: keyOf(item.row) });
  if (held) held = null;
  rebuild();
}

function toEnd() {
  following = true;
  if (held) {
    held = null;
    store.paused = false;
  }
  changed('timeline', 'top');
}

// selectedItem is what the wire shows: a row and one of its parts, or null.
export function selectedItem() {
  const [id, part] = store.see.row.split('.').map(Number);
  const row = store.rows.byEntry.get(id);
  return row ? { row, part: Number.isInteger(part) ? part : -1 } : null;
}
