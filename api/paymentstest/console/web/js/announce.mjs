// Announces new rows to screen readers, at most one line a second.

import { byId, h } from './dom.mjs';
import { store } from './store.mjs';
import { describe } from './rowtext.mjs';
import { plural } from './words.mjs';

const spoken = new Set(['request.received', 'prompt.opened', 'prompt.closed', 'session.ended', 'callback.responded', 'callback.given-up', 'gateway.decided', 'call.ended']);
let waiting = [], timer = 0;

// announce queues an entry for the next line. Past entries and single digits are
// not announced, and nothing is while the timeline is paused.
export function announce(entry) {
  if (store.paused || entry.number <= store.past || !spoken.has(entry.kind)) return;
  waiting.push(entry.number);
  timer ||= setTimeout(say, 1000);
}

function say() {
  timer = 0;
  const rows = new Set(waiting.map((n) => store.rows.byEntry.get(n)).filter(Boolean));
  waiting = [];
  if (rows.size === 0) return;
  const last = describe([...rows].at(-1));
  const line = [last.title, last.mark?.text, last.detail].filter(Boolean).join(', ');
  const log = byId('log');
  log.append(h('p', null, rows.size > 1 ? `${plural(rows.size, 'new row')}; latest: ${line}` : line));
  while (log.children.length > 20) log.firstChild.remove();
}
