// The panel Assumptions: how the simulation behaves where Twilio's behavior is not
// documented, each with a switch.

import { button, h, show } from './dom.mjs';
import { store } from './store.mjs';
import { run } from './acts.mjs';
import { keepFocus } from './focus.mjs';

export function openAssumptions(root) {
  let shown = '';
  const draw = () => {
    const state = JSON.stringify(store.assumptions);
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
    h('p', null, 'Twilio does not document everything. These are the assumptions of the simulation. Change one to see whether your application depends on it. Rows that depend on an assumption have the badge ', h('span', { class: 'badge' }, 'assumed'), '.'),
    h('ul', { class: 'assumptions' }, list.map((a) => h('li', null, a.type === 'bool' ? toggle(a) : entry(a)))),
  ];
}

const valueOf = (a) => store.assumptions[a.field];

async function set(a, value) {
  const all = await run('assumptions', { [a.field]: value }, `Changed: ${a.label}.`);
  if (all) store.assumptions = all;
}

function toggle(a) {
  const otherwise = Boolean(valueOf(a));
  const choice = (label, value) => button(label, () => set(a, value), { 'aria-pressed': String(otherwise === value), 'data-k': `${a.field}-${value}` });
  return h('div', { class: 'switch' }, what(a), h('div', { class: 'segments', role: 'group', 'aria-label': a.label }, choice('Assumed', false), choice('Otherwise', true)));
}

const what = (a) => h('span', null, h('strong', null, a.label), h('span', { class: 'hint' }, a.assumed && `Assumed: ${a.assumed}. `, h('code', null, a.field), a.type === 'durationMs' && ', in milliseconds'));

function entry(a) {
  const now = valueOf(a), list = Array.isArray(now) ? now.join(', ') : now ?? '';
  const read = (text) => (a.type === 'strings' ? text.split(',').map((t) => t.trim()).filter(Boolean) : a.type === 'int' || a.type === 'durationMs' ? Number(text) || 0 : text);
  return h('label', { class: 'switch' }, what(a),
    h('input', { value: list === 0 ? '' : String(list), placeholder: a.assumed, 'data-k': a.field, autocomplete: 'off', inputmode: a.type === 'string' || a.type === 'strings' ? null : 'numeric', onchange: (e) => set(a, read(e.target.value)) }));
}
