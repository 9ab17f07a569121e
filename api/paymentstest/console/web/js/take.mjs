// Applies the events of the stream to the store.

import { changed, store } from './store.mjs';
import { add, newRows } from './rows.mjs';
import { build, setFilter, update } from './list.mjs';
import { fromSnapshot, onEntry } from './phone.mjs';
import { announce } from './announce.mjs';

const KEPT = 20_000; // maximum number of entries in the page

// reset drops all rows, for another server or after a gap.
export function reset(keepPlace = false) {
  store.rows = newRows();
  store.entries = [];
  store.list.open.clear();
  if (!keepPlace) Object.assign(store.link, { number: 0 });
  rebuild();
}

// rebuild rebuilds the list for the current filter and call.
export function rebuild() {
  setFilter(store.list, store.see.q, scope());
  build(store.list, store.rows);
  changed('timeline');
}

const scope = () => (store.see.all ? '' : store.see.call);

// stale reports whether the list was built for another filter or call.
export const stale = () => store.list.text !== store.see.q || store.list.scope !== scope();

export function onSnapshot(data) {
  store.journal = { calls: [], sessions: [], ...data.journal };
  store.first = data.journal.first ?? 1;
  store.past = data.journal.number;
  store.assumptions = data.assumptions ?? {};
  for (const name of ['faults', 'delivery', 'gateway', 'held', 'plays', 'viewers']) store.held[name] = data[name] ?? store.held[name];
  fromSnapshot(store.phones, store.journal);
  chooseCall();
}

// onEntries applies new entries, oldest first.
export function onEntries(entries) {
  let mustRebuild = false;
  for (const e of entries) {
    store.entries.push(e);
    onEntry(store.phones, e);
    onState(e);
    const row = add(store.rows, e);
    if (row && !mustRebuild) mustRebuild = update(store.list, row);
    announce(e);
  }
  if (store.entries.length > KEPT) store.entries.splice(0, KEPT / 10);
  if (store.rows.forgotten !== store.forgotten) {
    store.forgotten = store.rows.forgotten;
    mustRebuild = true;
  }
  markHeld();
  chooseCall();
  if (mustRebuild) rebuild();
  changed('top', 'phone', 'timeline', 'side');
}

// markHeld marks the rows of payments that wait for the person. The journal records
// that only with the verdict.
export function markHeld() {
  for (const { session } of store.held.held ?? []) {
    const row = store.rows.gateway.get(session);
    if (!row?.asked || row.decided || row.asked.held) continue;
    row.asked.held = true;
    row.version++;
    changed('timeline');
  }
}

function onState(e) {
  if (e.kind === 'call.seen' && !store.journal.calls.some((c) => c.sid === e.call)) store.journal.calls.push({ sid: e.call, seen: e.time });
  if (e.kind === 'call.ended') Object.assign(store.journal.calls.find((c) => c.sid === e.call) ?? {}, { ended: e.time });
  if (!e.state) return;
  const at = store.journal.sessions.findIndex((s) => s.sid === e.state.sid);
  if (at < 0) store.journal.sessions.push(e.state);
  else store.journal.sessions[at] = e.state;
}

// chooseCall shows the newest call, unless the person chose one.
function chooseCall() {
  if (store.chosen && store.see.call) return;
  const newest = store.journal.calls.at(-1)?.sid ?? '';
  if (newest === store.see.call) return;
  Object.assign(store.see, { call: newest, session: '', at: '' });
  changed('route');
}
