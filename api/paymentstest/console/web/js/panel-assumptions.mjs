// Assumptions: how the simulation behaves where nobody outside Twilio knows how
// Twilio does, each with its switch.

import { h, show } from './dom.mjs';
import { store } from './store.mjs';
import { run } from './acts.mjs';
import { keepFocus } from './focus.mjs';

export function openAssumptions(root) {
  let shown = '';
  const draw = () => {
    const state = JSON.stringify(store.journal.assumptions ?? {});
    if (state === shown) return;
    shown = state;
    keepFocus(root, () => show(root, content()));
  };
  draw();
  return draw;
}

function content() {
  const list = store.about.assumptions;
  return [
    h('p', null, 'Twilio does not document everything. This is what the simulation assumes. Change one to see whether your application depends on it. Rows that rest on one carry the badge ', h('span', { class: 'badge' }, 'assumed'), '.'),
    h('ul', { class: 'assumptions' }, list.map((a) => h('li', null, a.type === 'bool' ? toggle(a) : entry(a)))),
  ];
}

const valueOf = (a) => (store.journal.assumptions ?? {})[a.field] ?? (store.journal.assumptions ?? {})[a.field.charAt(0).toLowerCase() + a.field.slice(1)];

async function set(a, value) {
  const all = await run('assumptions', { [a.field]: value }, `${a.label}: changed.`);
  if (all) store.journal.assumptions = all;
}

function toggle(a) {
  return h('label', { class: 'switch' }, h('input', { type: 'checkbox', checked: Boolean(valueOf(a)), 'data-k': a.field, onchange: (e) => set(a, e.target.checked) }),
    h('span', null, h('strong', null, a.label), h('span', { class: 'hint' }, a.assumed && `Assumed: ${a.assumed}. `, h('code', null, a.field))));
}

function entry(a) {
  const now = valueOf(a), list = Array.isArray(now) ? now.join(', ') : now ?? '';
  const read = (text) => (a.type === 'strings' ? text.split(',').map((t) => t.trim()).filter(Boolean) : a.type === 'int' || a.type === 'duration' ? Number(text) || 0 : text);
  return h('label', { class: 'switch' }, h('span', null, h('strong', null, a.label), h('span', { class: 'hint' }, a.assumed && `Assumed: ${a.assumed}. `, h('code', null, a.field))),
    h('input', { value: String(list), 'data-k': a.field, autocomplete: 'off', inputmode: a.type === 'int' ? 'numeric' : null, onchange: (e) => set(a, read(e.target.value)) }));
}
