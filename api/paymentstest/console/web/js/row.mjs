// Draws one row of the timeline.

import { h, set, text } from './dom.mjs';
import { clock, groups } from './format.mjs';
import { callbackTitle, describe, outcomeOf, signs, statusMark } from './rowtext.mjs';

const lanes = ['app', 'call', 'out'];

// makeRow creates the elements of a row, which can be reused for other items. select
// and unfold are called with the key of the clicked item.
export function makeRow(select, unfold) {
  const made = { item: null, state: '' };
  made.title = h('button', { type: 'button', class: 'title' });
  made.detail = h('span', { class: 'detail' });
  made.mark = h('span', { class: 'mark' });
  made.badge = h('span', { class: 'badge', title: 'Depends on an assumption about Twilio' }, 'assumed');
  made.unfold = h('button', { type: 'button', class: 'unfold', tabindex: '-1', onclick: (e) => {
    e.stopPropagation();
    unfold(made.item.key);
  } });
  made.time = h('span', null);
  made.fraction = h('span', { class: 'fraction' });
  made.number = h('span', { class: 'number' });
  made.what = h('div', { class: 'what' }, h('div', { class: 'line1' }, made.title, made.unfold, made.mark), h('div', { class: 'line2' }, made.badge, made.detail));
  made.lanes = Object.fromEntries(lanes.map((lane) => [lane, h('td', { role: 'cell', class: `lane ${lane}` })]));
  made.element = h('tr', { role: 'row', onclick: () => select(made.item.key) },
    h('td', { role: 'cell', class: 'time' }, h('span', null, made.time, made.fraction), made.number), Object.values(made.lanes));
  return made;
}

// paintRow updates the elements for an item.
export function paintRow(made, item, index, { selected, first, open }) {
  const { row, part } = item;
  made.item = item;
  set(made.element, 'aria-rowindex', index + 2);
  set(made.element, 'aria-selected', selected ? 'true' : null);
  made.element.className = `row${part < 0 ? '' : ' part'}${selected ? ' selected' : ''}`;
  made.title.tabIndex = selected || first ? 0 : -1;
  const state = `${item.key} ${row.version} ${open}`;
  if (made.state === state) return;
  made.state = state;
  made.element.dataset.key = item.key;
  if (made.what.parentNode !== made.lanes[row.lane]) made.lanes[row.lane].append(made.what);
  const said = part < 0 ? describe(row) : describePart(row, part);
  text(made.title, said.title);
  set(made.title, 'title', said.title);
  text(made.detail, said.detail);
  text(made.mark, said.mark ? `${signs[said.mark.tone]} ${said.mark.text}` : '');
  made.mark.dataset.tone = said.mark?.tone ?? '';
  const at = clock(said.time ?? row.time);
  text(made.time, at.slice(0, 8));
  text(made.fraction, at.slice(8));
  text(made.number, `#${said.number ?? row.id}`);
  made.badge.hidden = !(part < 0 && row.assumption);
  made.unfold.hidden = !(said.parts > 0);
  if (!(said.parts > 0)) return;
  text(made.unfold, open ? '▾' : '▸');
  set(made.unfold, 'aria-expanded', String(open));
  set(made.unfold, 'aria-label', `${open ? 'Fold' : 'Unfold'} ${said.parts} parts of ${said.title}`);
}

// describePart returns the text of one attempt, key or callback of a row.
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
  return { title: k.count && k.key === '•' ? `Digit ${k.count}` : `Key ${k.key}`, detail: groups(k.masked ?? ''), number: k.number, time: k.time, mark: null };
}
