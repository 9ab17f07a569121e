// The texts of a row: a title, a second line, and a mark. A mark has a word and a
// tone, so that color is never the only sign.

import { captureName, capital, closingName, errorName, operationName, ordinal, parameterOf, plural, resultName, typedName } from './words.mjs';
import { clip, groups, money, short, took } from './format.mjs';
import { value } from './rows.mjs';

const ms = (duration) => took(duration / 1e6); // Go durations are in nanoseconds

// describe returns {title, detail, mark: {tone, text} | null, parts} of a row. parts
// is the number of rows it unfolds into.
export function describe(row) {
  const say = saying[row.kind] ?? saying.note;
  const said = { detail: '', mark: null, parts: 0, ...say(row) };
  if (row.faults.length > 0) said.detail = join(`fault: ${faultsText(row.faults)}`, said.detail);
  return said;
}

const saying = {
  request: requestText,
  entry: entryText,
  callback: callbackText,
  gateway: gatewayText,
  call: (row) => (row.ended ? { title: 'The caller hung up', detail: short(row.call) } : { title: 'Call in progress', detail: short(row.call) }),
  keys: (row) => ({ title: `${plural(row.keys.length, 'key')} pressed`, detail: 'no prompt was open', mark: { tone: 'warn', text: 'ignored' }, parts: row.keys.length > 1 ? row.keys.length : 0 }),
  ended: endedText,
  fault: (row) => (row.fault?.rules === 0 ? { title: 'Faults disarmed', detail: `for ${row.fault.target}s` } : { title: `Fault armed${row.fault?.name ? `: ${row.fault.name}` : ''}`, detail: join(row.fault?.target && `for ${row.fault.target}s`, row.fault?.operation && operationName(row.fault.operation)) }),
  missed: (row) => ({ title: `${plural(row.missed || 0, 'entry', 'entries')} missed`, detail: 'the page was too slow; reload it to see what is stored', mark: { tone: 'warn', text: 'gap' } }),
  note: (row) => ({ title: capital(row.note ?? row.kind) }),
};

function requestText(row) {
  const last = row.attempts.at(-1), r = last.response;
  const capture = value(last.request.form, 'Capture');
  return {
    title: capture ? `Ask for ${captureName(capture)}` : operationName(row.operation) || last.request.method,
    detail: join(
      row.attempts.length > 1 && plural(row.attempts.length, 'attempt'),
      r?.replayed && 'replayed',
      r?.duration > 0 && ms(r.duration),
      r?.code > 0 && `code ${r.code}`,
      last.request.violation && clip(last.request.violation, 48),
      row.attempts.length > 1 && last.request.idempotencyKey && `key ${clip(value(last.request.form, 'IdempotencyKey') || last.request.idempotencyKey, 14)}`,
    ),
    mark: !r ? { tone: 'wait', text: 'waiting' } : statusMark(r.status, r.status === 0 ? 'no response' : ''),
    parts: row.attempts.length > 1 ? row.attempts.length : 0,
  };
}

const closedMarks = { complete: { tone: 'ok', text: 'entered' }, refused: { tone: 'warn', text: 'refused' }, timeout: { tone: 'warn', text: 'timed out' } };

function entryText(row) {
  const p = row.prompt;
  const title = p.confirm ? 'Confirm: 1 yes, 2 no' : capital(captureName(p.capture));
  const again = p.times > 1 ? `${ordinal(p.times)} time` : '';
  const digits = row.keys.filter((k) => k.key !== '#' && k.key !== '*').length;
  const bad = row.closed && row.closed !== 'complete';
  return {
    title: row.masked ? `${title}: ${groups(row.masked)}` : title,
    detail: join(again, digits > 0 && plural(digits, 'digit'), row.typed && typedName(row.typed), row.closed ? bad && (row.error ? errorName(row.error) : closingName(row.closed)) : digits ? 'typing' : 'waiting for the caller'),
    mark: !row.closed ? { tone: 'wait', text: 'open' } : closedMarks[row.closed] ?? { tone: 'warn', text: 'ended' },
    parts: row.keys.length > 1 ? row.keys.length : 0,
  };
}

// callbackTitle returns what a callback reports.
export function callbackTitle(form) {
  const result = value(form, 'Result'), error = value(form, 'ErrorType'), capture = value(form, 'Capture');
  if (result) return resultName(result);
  const name = capital(captureName(capture));
  if (error) return `${name}: ${errorName(error)}`;
  if (/true/i.test(value(form, 'PartialResult'))) return value(form, parameterOf(capture)) ? `${name}: typing` : `${name} requested`;
  if (capture) return `${name} captured`;
  return 'Session started';
}

function callbackText(row) {
  const last = row.deliveries.at(-1);
  const done = row.deliveries.map((d) => outcomeOf(d));
  const failed = done.filter((t) => t && !(t.status >= 200 && t.status < 300));
  const t = failed.at(-1) ?? done.at(-1);
  return {
    title: callbackTitle(last.callback.form),
    detail: join(
      row.deliveries.length > 1 && plural(row.deliveries.length, 'callback'),
      value(last.callback.form, 'PayErrorCode') && `code ${value(last.callback.form, 'PayErrorCode')}`,
      failed.length > 1 && `${failed.length} failed`,
      t?.duration > 0 && ms(t.duration),
      t?.error && clip(t.error, 48),
      t?.status === 403 && 'signature refused',
      t?.number > 1 && plural(t.number, 'attempt'),
    ),
    mark: t ? statusMark(t.status, 'not delivered') : { tone: 'wait', text: 'sending' },
    parts: row.deliveries.length > 1 ? row.deliveries.length : 0,
  };
}

// outcomeOf returns the last finished attempt of a callback, or undefined.
export const outcomeOf = (made) => made.tries.findLast((t) => t.kind !== 'callback.attempted' && (t.kind !== 'callback.given-up' || made.tries.length === 1));

function gatewayText(row) {
  const g = row.asked ?? {}, d = row.decided;
  const what = g.operation === 'tokenize' ? 'Tokenize' : `Charge ${money(g.amount, g.currency)}`;
  return {
    title: `Gateway: ${what}`.trim(),
    detail: join(g.connector && `connector ${g.connector}`, d?.code > 0 && `code ${d.code}`),
    mark: !d ? { tone: 'wait', text: g.held ? 'waiting for you' : 'deciding' } : declined(d) ? { tone: 'bad', text: 'declined' } : { tone: 'ok', text: 'approved' },
  };
}

// declined reports whether a verdict declines the payment.
export const declined = (g) => g.code > 0 || (g.result !== undefined && g.result !== '' && g.result !== 'success');

function endedText(row) {
  const result = row.state?.result;
  return {
    title: result === 'success' ? 'Session ended' : resultName(result) || 'Session ended', detail: join(result, short(row.session)),
    mark: result === 'success' ? { tone: 'ok', text: 'success' } : { tone: 'warn', text: 'ended' },
  };
}

// faultsText lists faults, each kind once with how often it fired.
export function faultsText(faults) {
  const times = new Map();
  for (const text of faults.map(faultText)) times.set(text, (times.get(text) ?? 0) + 1);
  return [...times].map(([text, n]) => (n > 1 ? `${text} (${n} times)` : text)).join(', ');
}

// faultText returns a fault's name and whether the request took effect nevertheless.
export function faultText(f) {
  return f.target === 'request' ? `${f.name}, ${f.tookEffect ? 'took effect' : 'had no effect'}` : f.name;
}

// signs are the characters of the tones.
export const signs = { ok: '✓', warn: '!', bad: '✕', wait: '…' };

// statusMark returns the mark of an HTTP status; 0 means no response.
export function statusMark(status, none = 'no response') {
  if (!status) return { tone: 'bad', text: none || 'no response' };
  return { tone: status < 300 ? 'ok' : status < 400 ? 'warn' : 'bad', text: String(status) };
}

const join = (...parts) => parts.filter(Boolean).join(' · ');
