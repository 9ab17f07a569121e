// Reads the event stream into the store: one EventSource, closed while the tab is
// hidden, and resumed without gaps or duplicates.

import { addressOf, get } from './api.mjs';
import { changed, store } from './store.mjs';
import { SILENCE, take, wait } from './link.mjs';
import { markHeld, onEntries, onSnapshot, reset } from './take.mjs';

let source = null, timer = 0;
let queue = Promise.resolve(); // handles events one after the other

// start opens the stream and keeps it open.
export function start() {
  document.addEventListener('visibilitychange', () => (document.hidden ? close('hidden') : open()));
  setInterval(() => {
    if (store.link.state === 'live' && Date.now() - store.link.heard > SILENCE) retry();
  }, 5000);
  if (document.hidden) close('hidden');
  else open();
}

// again reconnects at once.
export function again() {
  clearTimeout(timer);
  open();
}

function close(state, why = '') {
  clearTimeout(timer);
  source?.close();
  source = null;
  Object.assign(store.link, { state, why });
  changed('top');
}

function open() {
  close(store.link.state === 'lost' ? 'lost' : 'connecting');
  const stream = source = new EventSource(addressOf('stream', { after: store.link.id }));
  const on = (name, act) => stream.addEventListener(name, (e) => {
    if (stream !== source) return;
    heard();
    queue = queue.then(async () => {
      if (stream !== source) return; // the next stream repeats the event
      await act(JSON.parse(e.data));
      if (e.lastEventId) store.link.id = e.lastEventId;
    }).catch(retry);
  });
  stream.onopen = () => heard();
  stream.onerror = () => stream === source && retry();
  on('snapshot', snapshot);
  on('entries', entries);
  on('missed', () => { store.link.missed = true; });
  on('console', (held) => {
    Object.assign(store.held, held);
    markHeld();
    changed('side', 'top');
  });
  on('heartbeat', () => {});
}

function heard() {
  store.link.heard = Date.now();
  if (store.link.state !== 'live') {
    Object.assign(store.link, { state: 'live', tries: 0, why: '' });
    changed('top');
  }
}

// retry waits and reopens the stream. It first requests about, since EventSource
// does not report why it failed.
function retry() {
  close('lost');
  const pause = wait(++store.link.tries);
  timer = setTimeout(async () => {
    try {
      await get('about');
    } catch (e) {
      if (e.status === 401 || e.status === 403) return close('refused', e.message);
      if (e.status === 503 || e.status === 429) store.link.why = e.message;
      return retry();
    }
    open();
  }, pause);
}

// snapshot handles the first event of a stream, and of one with a gap. It reads the
// entries before the snapshot.
async function snapshot(data) {
  const about = await get('about');
  if (about.instance !== store.about?.instance || store.link.missed) reset();
  store.about = about;
  store.link.missed = false;
  onSnapshot(data);
  const page = await get('entries', { before: data.journal.number + 1, limit: 2000 });
  store.first = page.first;
  entries(page.entries ?? []);
  store.link.number = Math.max(store.link.number, data.journal.number);
  changed('top', 'phone', 'timeline', 'side');
}

function entries(list) {
  const { fresh, gap } = take(store.link, list);
  if (gap) throw new Error('entries are missing'); // retry resumes after the last one handled
  onEntries(fresh);
}

// older reads the entries before the oldest row.
export async function older() {
  const page = await get('entries', { before: store.entries[0].number, limit: 2000 });
  const all = [...page.entries, ...store.entries];
  store.first = page.first;
  store.past = all.at(-1).number; // do not announce them again
  reset(true);
  onEntries(all);
}
