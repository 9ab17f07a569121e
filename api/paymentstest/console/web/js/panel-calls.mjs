// The panel Calls: all calls with their states, and a filter.

import { button, h, show } from './dom.mjs';
import { see, store } from './store.mjs';
import { run } from './acts.mjs';
import { clock, money, short } from './format.mjs';
import { captureName, capital, plural, resultName } from './words.mjs';

const SHOWN = 200;

export function openCalls(root) {
  const filter = h('input', { type: 'search', placeholder: 'Filter by state or SID', 'aria-label': 'Filter calls', autocomplete: 'off', oninput: () => draw(true) });
  const list = h('div', null);
  show(root, h('div', { class: 'together' }, filter, button('New call', newCall)), list);
  let shown = '';
  const draw = (force) => {
    const state = `${store.see.call} ${store.entries.at(-1)?.number}`;
    if (state === shown && !force) return;
    shown = state;
    show(list, table(filter.value.toLowerCase()));
  };
  draw();
  return () => draw();
}

async function newCall() {
  const made = await run('calls');
  if (made) choose(made.call);
}

// choose shows a call. Newer calls do not replace it.
export function choose(call, panel = '') {
  store.chosen = true;
  see({ call, panel, session: '', at: '', row: '', all: '' });
}

function table(want) {
  const all = store.journal.calls.toReversed().map((c) => ({ ...c, said: stateOf(c) }));
  const calls = all.filter((c) => `${c.sid} ${c.said}`.toLowerCase().includes(want));
  if (all.length === 0) return h('p', { class: 'quiet-text' }, 'No calls yet. Start one here, or send a request for a call from your application.');
  if (calls.length === 0) return h('p', { class: 'quiet-text' }, 'No call matches the filter. Clear it to see all calls.');
  return [h('table', { class: 'data' }, h('caption', { class: 'hidden' }, 'Calls'),
    h('thead', null, h('tr', null, ['Call', 'Since', 'State'].map((t) => h('th', { scope: 'col' }, t)))),
    h('tbody', null, calls.slice(0, SHOWN).map((c) => h('tr', { 'aria-current': c.sid === store.see.call ? 'true' : null },
      h('td', null, button(short(c.sid), () => choose(c.sid), { class: 'link mono', title: c.sid })), h('td', { class: 'mono' }, clock(c.seen).slice(0, 8)), h('td', null, c.said))))),
  calls.length > SHOWN && h('p', { class: 'quiet-text' }, `${plural(calls.length - SHOWN, 'more call')}: use the filter to find them.`)];
}

// stateOf describes a call in a few words.
export function stateOf(call) {
  const session = store.journal.sessions.findLast((s) => s.call === call.sid);
  const amount = money(session?.amount, session?.currency);
  if (session?.result) return session.result === 'success' && amount ? `Charged ${amount}` : resultName(session.result);
  if (call.ended) return 'Hung up';
  if (session?.phase === 'confirming') return 'Waiting for confirmation';
  if (session?.phase === 'completing') return 'At the gateway';
  if (session?.capture) return `Entering ${captureName(session.capture)}`;
  return session ? 'Payment open' : 'No payment yet';
}
