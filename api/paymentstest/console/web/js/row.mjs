// One row of the time line in the document.

import { h, set, text } from './dom.mjs';
import { clock, groups } from './format.mjs';
import { callbackTitle, describe, outcomeOf, statusMark } from './rowtext.mjs';
import { fold } from './list.mjs';
import { store } from './store.mjs';
import { rebuild } from './take.mjs';

const lanes = ['app', 'call', 'out'];
const signs = { ok: '✓', warn: '!', bad: '✕', wait: '…' };

// makeRow makes the elements of an item; select is called with its key.
export function makeRow(item, select) {
  const { row, part } = item;
  const title = h('button', { type: 'button', class: 'title', tabindex: '-1' });
  const detail = h('span', { class: 'detail' });
  const mark = h('span', { class: 'mark' });
  const badge = h('span', { class: 'badge', title: 'Rests on an assumption about Twilio' });
  const unfold = h('button', { type: 'button', class: 'unfold', tabindex: '-1', onclick: (e) => {
    e.stopPropagation();
    fold(store.list, row);
    rebuild();
  } });
  const time = h('span', null), parts = h('span', { class: 'fraction' });
  const cells = lanes.map((lane) => h('td', { role: 'cell', class: `lane ${lane}` },
    lane === row.lane && h('div', { class: 'what' }, h('div', { class: 'line1' }, title, unfold, mark), h('div', { class: 'line2' }, badge, detail))));
  const element = h('tr', { role: 'row', 'data-key': item.key, class: part < 0 ? 'row' : 'row part', onclick: () => select(item.key) },
    h('td', { role: 'cell', class: 'time' }, h('span', null, time, parts), h('span', { class: 'number' })), cells);
  return { element, button: title, detail, mark, badge, unfold, time, parts, number: element.querySelector('.number'), version: -1 };
}

// paintRow brings the elements up to date with the item.
export function paintRow(made, item, index, { selected, first, open }) {
  set(made.element, 'aria-rowindex', index + 2);
  set(made.element, 'aria-selected', selected ? 'true' : null);
  made.element.classList.toggle('selected', selected);
  made.button.tabIndex = selected || first ? 0 : -1;
  const state = `${item.row.version} ${open}`;
  if (made.version === state) return;
  made.version = state;
  const said = item.part < 0 ? describe(item.row) : describePart(item.row, item.part);
  text(made.button, said.title);
  set(made.button, 'title', said.title);
  text(made.detail, said.detail);
  text(made.mark, said.mark ? `${signs[said.mark.tone]} ${said.mark.text}` : '');
  made.mark.dataset.tone = said.mark?.tone ?? '';
  const at = clock(said.time ?? item.row.time);
  text(made.time, at.slice(0, 8));
  text(made.parts, at.slice(8));
  text(made.number, `#${said.number ?? item.row.id}`);
  const assumption = item.part < 0 && item.row.assumption;
  made.badge.hidden = !assumption;
  text(made.badge, assumption ? 'assumed' : '');
  made.unfold.hidden = !(said.parts > 0);
  if (said.parts > 0) {
    text(made.unfold, open ? '▾' : '▸');
    set(made.unfold, 'aria-expanded', String(open));
    set(made.unfold, 'aria-label', `${open ? 'Fold' : 'Unfold'} ${said.parts} parts of ${said.title}`);
  }
}

// describePart is the text of one attempt, key or callback of a row.
function describePart(row, part) {
  if (row.attempts) {
    const a = row.attempts[part], r = a.response;
    return { title: `Attempt ${part + 1}`, detail: r?.fault ?? '', number: a.number, time: a.time,
      mark: r ? statusMark(r.status) : { tone: 'wait', text: 'waiting' } };
  }
  if (row.deliveries) {
    const d = row.deliveries[part], t = outcomeOf(d);
    return { title: callbackTitle(d.callback.form), detail: '', number: d.number, time: d.time,
      mark: t ? statusMark(t.status, 'not delivered') : { tone: 'wait', text: 'sending' } };
  }
  const k = row.keys[part];
  return { title: `Key ${k.key}`, detail: groups(k.masked ?? ''), number: k.number, time: k.time, mark: null };
}
