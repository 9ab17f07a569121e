// Turns entries of the journal into rows of the timeline. A row groups what belongs
// together: a request with all its attempts, an entry with all its digits, a callback
// with all its deliveries. A row that changes gets a new version.

import { forget } from './row-index.mjs';

export { newRows } from './row-index.mjs';

// add applies an entry and returns the row it changed, if any.
export function add(rows, entry) {
  const row = (Object.hasOwn(take, entry.kind) ? take[entry.kind] : other)(rows, entry);
  const shown = row ?? rows.byEntry.get(entry.cause);
  if (shown) rows.byEntry.set(entry.number, shown);
  if (row) {
    row.version++;
    row.last = entry.number;
  }
  forget(rows);
  return row;
}

// causeOf returns the row that caused a row.
export function causeOf(rows, row) {
  const cause = rows.byEntry.get(row.cause);
  return cause === row ? undefined : cause;
}

const take = {
  'call.seen': (rows, e) => open(rows, e, 'call', 'call', {}),
  'call.ended': (rows, e) => open(rows, e, 'call', 'call', { ended: true }),
  'request.received': request,
  'response.sent': response,
  'session.opened': () => undefined,
  'session.changed': changed,
  'session.ended': (rows, e) => open(rows, e, 'call', 'ended', { state: e.state }),
  'prompt.opened': promptOpened,
  'prompt.closed': promptClosed,
  'key.pressed': key,
  'callback.made': callbackMade,
  'callback.attempted': delivery,
  'callback.responded': delivery,
  'callback.failed': delivery,
  'callback.given-up': delivery,
  'gateway.asked': gatewayAsked,
  'gateway.decided': gatewayDecided,
  'fault.armed': (rows, e) => (e.fault.name ? open(rows, e, 'call', 'fault', { fault: e.fault }) : undefined), // no name: a rule that chooses the fault later
  'fault.fired': faultFired,
  'missed': (rows, e) => open(rows, e, 'call', 'missed', { missed: e.missed }),
};

function other(rows, e) {
  return open(rows, e, 'call', 'note', { note: e.note ?? e.kind });
}

// open adds a row in a lane: app (requests), call (keys) or out (callbacks).
function open(rows, e, lane, kind, data) {
  const row = {
    id: e.number, last: e.number, version: 0, lane, kind, time: e.time, call: e.call ?? '', session: e.session ?? '',
    cause: e.cause ?? 0, assumption: e.assumption ?? '', faults: [], ...data,
  };
  rows.list.push(row);
  return row;
}

function request(rows, e) {
  const r = e.request;
  const session = r.operation === 'create' ? '' : e.session;
  const name = r.idempotencyKey && [r.account, r.operation, e.call, session, r.idempotencyKey].join(' ');
  let row = name && rows.keys.get(name);
  if (!row) {
    row = open(rows, e, 'app', 'request', { operation: r.operation, attempts: [] });
    if (name) rows.keys.set(name, row);
  }
  const attempt = { number: e.number, time: e.time, request: r, response: null };
  row.attempts.push(attempt);
  rows.requests.set(r.number, { row, attempt });
  return row;
}

function response(rows, e) {
  const known = rows.requests.get(e.response.request);
  if (!known) return undefined;
  known.attempt.response = { ...e.response, entry: e.number };
  if (e.session && !known.row.session) known.row.session = e.session;
  mark(known.row, e);
  return known.row;
}

function promptOpened(rows, e) {
  const row = open(rows, e, 'call', 'entry', { prompt: e.prompt, keys: [], masked: '', closed: '', error: '' });
  rows.prompts.set(e.session, row);
  rows.strays.delete(e.call);
  return row;
}

function promptClosed(rows, e) {
  const row = rows.prompts.get(e.session);
  if (!row) return undefined;
  row.closed = e.prompt.reason || 'closed';
  row.error = e.prompt.errorType ?? '';
  row.typed = e.prompt.typed ?? '';
  rows.prompts.delete(e.session);
  if (row.closed === 'complete') rows.entered.set(e.session, row);
  return row;
}

// changed shows an accepted entry masked as in callbacks.
function changed(rows, e) {
  const row = rows.entered.get(e.session), masked = e.state?.captured?.[row?.prompt.capture];
  rows.entered.delete(e.session);
  if (!row || !masked) return undefined;
  row.masked = masked;
  return row;
}

function key(rows, e) {
  let row = rows.prompts.get(e.session) ?? rows.strays.get(e.call);
  if (!row) {
    row = open(rows, e, 'call', 'keys', { keys: [], masked: '' });
    rows.strays.set(e.call, row);
  }
  row.keys.push({ number: e.number, time: e.time, key: e.key.key, count: e.key.count, masked: e.key.masked });
  row.masked = e.key.masked ?? row.masked;
  return row;
}

const isPartial = (c) => /^\s*true\s*$/i.test(value(c.form, 'PartialResult'));

// value returns the first value of a form's field, which may be a value or a list.
export function value(form, name) {
  const v = form?.[name];
  return (Array.isArray(v) ? v[0] : v) ?? '';
}

function callbackMade(rows, e) {
  const made = { number: e.number, time: e.time, callback: e.callback, tries: [] };
  const capture = value(e.callback.form, 'Capture');
  let row = rows.partials.get(e.session);
  if (!isPartial(e.callback) || row?.capture !== capture) {
    row = open(rows, e, 'out', 'callback', { capture, deliveries: [] });
    rows.partials.delete(e.session);
    if (isPartial(e.callback)) rows.partials.set(e.session, row);
  }
  row.deliveries.push(made);
  rows.callbacks.set(e.callback.number, { row, made });
  mark(row, e);
  return row;
}

function delivery(rows, e) {
  const known = rows.callbacks.get(e.attempt.callback);
  if (!known) return undefined;
  known.made.tries.push({ number: e.number, kind: e.kind, time: e.time, ...e.attempt });
  mark(known.row, e);
  return known.row;
}

function gatewayAsked(rows, e) {
  const row = open(rows, e, 'call', 'gateway', { asked: e.gateway, decided: null });
  rows.gateway.set(e.session, row);
  return row;
}

function gatewayDecided(rows, e) {
  const row = rows.gateway.get(e.session) ?? open(rows, e, 'call', 'gateway', { asked: e.gateway });
  row.decided = e.gateway;
  mark(row, e);
  return row;
}

// faultFired adds a fault to the row that it affected.
function faultFired(rows, e) {
  const row = rows.byEntry.get(e.cause) ?? open(rows, e, 'call', 'fault', { fault: e.fault });
  row.faults.push(e.fault);
  return row;
}

// mark records the assumption of a later entry, since the row depends on it too.
function mark(row, e) {
  if (e.assumption && !row.assumption) row.assumption = e.assumption;
}
