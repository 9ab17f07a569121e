// What the page knows, in one place, and who draws it. A change is told with
// changed('phone', …); drawing happens once a frame.

import { newRows } from './rows.mjs';
import { newList } from './list.mjs';
import { newPhones } from './phone.mjs';
import { newLink } from './link.mjs';

export const store = {
  about: null, // GET about
  journal: { number: 0, calls: [], sessions: [] }, // the last snapshot of the journal
  assumptions: {}, // those in force, by field
  held: { faults: [], delivery: null, gateway: null, held: [], plays: [], viewers: 0 }, // what the console holds
  entries: [], // as they came, oldest first
  first: 1, // the oldest entry the server still keeps
  past: 0, // the last entry from before the page was opened
  forgotten: 0, // rows no longer kept, when the list was built
  rows: newRows(),
  list: newList(),
  phones: newPhones(),
  link: newLink(),
  see: { call: '', session: '', row: '', panel: '', at: '', q: '', all: '' }, // the address
  chosen: false, // the person chose a call: a new one does not take its place
  paused: false,
};

const painters = new Map();
const dirty = new Set();
let frame = 0;

// onDraw registers a painter for a topic.
export function onDraw(topic, paint) {
  painters.set(topic, [...(painters.get(topic) ?? []), paint]);
}

// changed asks for topics to be drawn in the next frame.
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

// A button that is drawn anew between press and release gets no click: what is
// made of new elements waits until nothing is pressed.
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

// see changes what is looked at; the address follows.
export function see(change) {
  Object.assign(store.see, change);
  changed('route', 'top', 'phone', 'timeline', 'side');
}

// sessionOf is the snapshot of a session, as the last entries left it.
export const sessionOf = (sid) => store.journal.sessions.find((s) => s.sid === sid);

// currentSession is the session that is shown: chosen, or the last of the call.
export function currentSession() {
  if (store.see.session) return store.see.session;
  return store.journal.sessions.findLast((s) => s.call === store.see.call)?.sid ?? '';
}
