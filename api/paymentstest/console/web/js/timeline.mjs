// Draws the timeline. Only the visible rows are in the document.

import { byId, set, text } from './dom.mjs';
import { changed, onDraw, see, store } from './store.mjs';
import { atEnd, scrollFor, step, visible } from './window.mjs';
import { describe } from './rowtext.mjs';
import { fold, keyOf } from './list.mjs';
import { rebuild, stale } from './take.mjs';
import { makeRow, paintRow } from './row.mjs';
import { drawLines, measureRails } from './lines.mjs';
import { older } from './feed.mjs';
import { messageOf } from './acts.mjs';
import { toast } from './toast.mjs';
import { plural } from './words.mjs';
import { showView } from './views.mjs';

const drawn = new Map(); // key of an item → its row in the document
const spare = []; // unused rows
let box, body, rowHeight = 44;
let following = true, held = null; // held: the list when it was paused
let head = 0, height = 0, rails = {}; // measured when the size last changed

export function startTimeline() {
  box = byId('rows');
  body = byId('rows-body');
  rowHeight = parseFloat(getComputedStyle(box).getPropertyValue('--row')) || rowHeight;
  box.addEventListener('scroll', () => {
    if (box.clientHeight === 0) return; // another view is shown
    following = atEnd(box.scrollTop, box.clientHeight - head, items().length * rowHeight); // the size may be new
    changed('timeline');
  }, { passive: true });
  new ResizeObserver(() => {
    byId('timeline').classList.toggle('narrow', box.clientWidth < 620);
    head = byId('rows-head').offsetHeight;
    height = box.clientHeight - head;
    // Before the browser reports that the new size has moved the rows.
    if (following && !held) box.scrollTop = Math.max(0, items().length * rowHeight - height);
    rails = measureRails();
    changed('timeline');
  }).observe(box);
  onDraw('timeline', draw);
  byId('newest').addEventListener('click', () => toEnd());
  byId('older').addEventListener('click', () => older().catch((e) => toast(messageOf(e), 'bad')));
}

const items = () => held ?? store.list.items;

// pause freezes the rows. The page still reads the stream.
export function pause(on = !store.paused) {
  store.paused = on;
  held = on ? store.list.items.slice() : null;
  if (!on) toEnd();
  changed('timeline', 'top');
}

function draw() {
  if (stale()) restart();
  const all = items();
  byId('timeline').classList.toggle('empty', store.rows.list.length === 0);
  byId('no-match').hidden = all.length > 0 || store.rows.list.length === 0;
  body.style.height = `${all.length * rowHeight}px`;
  set(byId('rows-table'), 'aria-rowcount', all.length + 1);
  const scroll = following && !held ? Math.max(0, all.length * rowHeight - height) : box.scrollTop;
  const range = visible(scroll, height, rowHeight, all.length);
  const shown = all.slice(range.from, range.to), wanted = new Set(shown.map((item) => item.key));
  const focused = document.activeElement?.closest?.('[data-key]')?.dataset.key;
  if (focused && !wanted.has(focused)) box.focus({ preventScroll: true });
  for (const [key, row] of drawn) {
    if (wanted.has(key)) continue;
    drawn.delete(key);
    spare.push(row);
  }
  let before = null;
  for (let i = shown.length - 1; i >= 0; i--) before = place(shown[i], range.from + i, before);
  for (const row of spare) row.element.remove();
  drawLines(all, range, { rowHeight, head, x: rails });
  if (following && !held && box.scrollTop !== scroll) box.scrollTop = scroll;
  const unseen = held ? store.list.items.length - held.length : 0;
  byId('newest').hidden = following && !held;
  text(byId('newest'), unseen > 0 ? `${plural(unseen, 'new row')} ↓` : 'Newest row ↓');
  byId('older').hidden = !(store.entries.length > 0 && store.entries[0].number > store.first) || box.scrollTop > rowHeight;
}

// restart shows the list of another filter or call from its end.
function restart() {
  held = null;
  store.paused = false;
  rebuild();
  following = true;
  changed('top');
}

// place draws an item before another and returns its element.
function place(item, index, before) {
  let row = drawn.get(item.key);
  if (!row) {
    row = spare.pop() ?? makeRow((key) => { select(key); showView('side'); }, unfold);
    drawn.set(item.key, row);
  }
  if (row.element.nextSibling !== before || !row.element.isConnected) body.insertBefore(row.element, before);
  row.element.style.transform = `translateY(${index * rowHeight}px)`;
  paintRow(row, item, index, { selected: item.key === store.see.row, first: index === 0 && !store.list.index.has(store.see.row), open: store.list.open.has(item.row.id) });
  return row.element;
}

// select selects a row and shows its details.
export function select(key, panel = 'wire') {
  see({ row: key, panel: panel || store.see.panel });
}

const selectedIndex = () => items().findIndex((item) => item.key === store.see.row);

// move moves the selection by n rows.
export function move(n) {
  const at = step(selectedIndex(), n, items().length);
  if (at < 0) return;
  following = at === items().length - 1 && following;
  box.scrollTop = scrollFor(at, box.scrollTop, height, rowHeight);
  select(items()[at].key, store.see.panel === 'wire' ? 'wire' : '');
  const before = document.activeElement;
  requestAnimationFrame(() => {
    const now = document.activeElement; // the person may have gone on to the filter
    if (now === before || box.contains(now)) drawn.get(store.see.row)?.title.focus({ preventScroll: true });
  });
}

// reveal scrolls to the row of an entry and selects it.
export function reveal(number) {
  const row = store.rows.byEntry.get(Number(number));
  if (!row) return;
  const key = keyOf(row);
  const at = items().findIndex((item) => item.key === key);
  if (at >= 0) {
    following = false;
    box.scrollTop = scrollFor(at, box.scrollTop, height, rowHeight);
  }
  select(key);
}

// unfold folds or unfolds a row, by default the selected one.
export function unfold(key = store.see.row) {
  const item = items().find((i) => i.key === key);
  if (!item || describe(item.row).parts === 0) return;
  fold(store.list, item.row);
  if (item.part >= 0) see({ row: keyOf(item.row) });
  held = null;
  following = false; // keeps the row in place
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

// selectedItem returns the selected row and part, or null.
export function selectedItem() {
  const [id, part] = store.see.row.split('.').map(Number);
  const row = store.rows.byEntry.get(id);
  return row ? { row, part: Number.isInteger(part) ? part : -1 } : null;
}
