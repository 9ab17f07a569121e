// The filter of the timeline. Rows must contain all words, and none with a minus.
// Names: is:failed, is:request, is:key, is:callback, call:…, session:….

import { describe } from './rowtext.mjs';
import { captureName } from './words.mjs';

const lanes = { request: 'app', key: 'call', keys: 'call', callback: 'out' };

// parse turns the filter's text into terms.
export function parse(text = '') {
  return text.toLowerCase().split(/\s+/).filter(Boolean).map((word) => {
    const not = word.length > 1 && word.startsWith('-');
    const [, name, rest] = /^(is|call|session):(.+)$/.exec(not ? word.slice(1) : word) ?? [];
    return { not, name: name ?? 'text', want: rest ?? (not ? word.slice(1) : word) };
  });
}

// matches reports whether a row matches all terms.
export function matches(row, terms) {
  return terms.every((term) => has(row, term) !== term.not);
}

function has(row, { name, want }) {
  switch (name) {
    case 'call': return row.call.toLowerCase().includes(want);
    case 'session': return row.session.toLowerCase().includes(want);
    case 'is':
      if (want in lanes) return row.lane === lanes[want];
      if (want === 'failed') return describe(row).mark?.tone === 'bad';
      return row.kind === want || describe(row).mark?.tone === want;
  }
  return haystack(row).includes(want);
}

function haystack(row) {
  const said = describe(row);
  const more = row.attempts?.map((a) => `${a.request.idempotencyKey} ${a.request.path}`) ?? row.deliveries?.map((d) => d.callback.url).slice(-1) ?? [];
  return [`#${row.id}`, said.title, said.detail, said.mark?.text, row.call, row.session, row.assumption, row.capture && captureName(row.capture), ...more]
    .join(' ').toLowerCase();
}
