// The state of the page, and the painters that draw it. changed('phone', …) reports a
// change; painters run once per frame.

import { newRows } from './rows.mjs';
import { newList } from './list.mjs';
import { newPhones } from './phone.mjs';
import { newLink } from './link.mjs';

export const store = {
  about: null, // GET about
  journal: { number: 0, calls: [], sessions: [] }, // the last snapshot of the journal
  assumptions: {}, // current values, by field
  held: { faults: [], delivery: null, gateway: null, held: [], plays: [], viewers: 0 }, // the console's own state
  entries: [], // oldest first
  first: 1, // the oldest entry in the server's history
  past: 0, // the last entry before the page was opened
  forgotten: 0, // number of dropped rows when the list was built
  rows: newRows(),
  list: newList(),
  phones: newPhones(),
  link: newLink(),
  see: { call: '', session: '', row: '', panel: '', at: '', q: '', all: '' }, // what the address names
  chosen: false, // the person chose the call, so newer ones do not replace it
  paused: false,
};

const painters = new Map();
const dirty = new Set();
let frame = 0;

// onDraw registers a painter for a topic.
export function onDraw(topic, paint) {
  painters.set(topic, [...(painters.get(topic) ?? []), paint]);
}

// changed schedules topics to be drawn in the next frame.
export function changed(...topics) {
  for (const topic of topics) dirty.add(topic);
  frame ||= requestAnimationFrame(draw);
}

function draw() {
  frame = 0;
  const topics = [...dirty].filter((topic) => !(pressed && holds.has(topic)));
  for (const topic of topics) {
    dirty.delete(topic);
    for (const paint of painters.get(topic) ?? []) paint();
  }
}

// A button that is replaced between press and release gets no click. Topics that
// replace their elements are not drawn while anything is pressed.
const holds = new Set(['side', 'phone']);
let pressed = false;

export function holdWhilePressed(target = document) {
  const hold = (e) => { pressed = e.type === 'pointerdown' || e.key === ' ' || e.key === 'Enter'; };
  const release = () => setTimeout(() => { // after the click
    pressed = false;
    if (dirty.size > 0) changed();
  });
  for (const name of ['pointerdown', 'keydown']) target.addEventListener(name, hold, true);
  for (const name of ['pointerup', 'pointercancel', 'keyup']) target.addEventListener(name, release, true);
  addEventListener('blur', release);
}

// see changes what the page shows, and its address.
export function see(change) {
  Object.assign(store.see, change);
  changed('route', 'top', 'phone', 'timeline', 'side');
}

// sessionOf returns the current snapshot of a session.
export const sessionOf = (sid) => store.journal.sessions.find((s) => s.sid === sid);

// currentSession returns the session that is shown: the chosen one, or the last of
// the call.
export function currentSession() {
  if (store.see.session) return store.see.session;
  return store.journal.sessions.findLast((s) => s.call === store.see.call)?.sid ?? '';
}
