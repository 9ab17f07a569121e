// Entries of the journal, as the API returns them: a payment from the request
// that starts it to the charge.

import { parameterOf } from '../../../../api/paymentstest/console/web/js/words.mjs';

export const CALL = 'CA00000000000000000000000000000001';
export const SESSION = 'PK00000000000000000000000000000001';

// journal numbers entries and sets the fields that all have.
export function journal() {
  const entries = [];
  const add = (kind, rest = {}) => {
    const number = entries.length + 1;
    entries.push({ number, time: new Date(Date.UTC(2026, 0, 1, 9, 0, 0, number)).toISOString(), kind, call: CALL, ...rest });
    return number;
  };
  let requests = 0, callbacks = 0;
  const request = (operation, form, rest = {}) => {
    requests++;
    const session = operation === 'create' ? {} : { session: SESSION };
    const number = add('request.received', { ...session, request: { number: requests, method: 'POST', path: '/2010-04-01/…', operation, account: 'AC1', idempotencyKey: `key-${operation}-${form.Capture ?? ''}`, attempt: 1, form: lists(form), ...rest } });
    return { number, request: requests };
  };
  const response = (r, status, rest = {}) => add('response.sent', { session: SESSION, cause: r.number, response: { request: r.request, status, duration: 1_500_000, ...rest } });
  const callback = (cause, form, status = 204) => {
    callbacks++;
    const made = add('callback.made', { session: SESSION, cause, callback: { number: callbacks, url: 'http://127.0.0.1:8080/status', event: 'updated', form: lists(form) } });
    const post = { callback: callbacks, number: 1, url: 'http://127.0.0.1:8080/status' };
    const attempted = add('callback.attempted', { session: SESSION, cause: made, attempt: post });
    add(status ? 'callback.responded' : 'callback.failed', { session: SESSION, cause: attempted, attempt: { ...post, status, duration: 2_000_000, error: status ? undefined : 'connection refused' } });
    return made;
  };
  const state = (kind, cause, rest = {}) => add(kind, { session: SESSION, cause, state: { sid: SESSION, call: CALL, phase: 'idle', amount: '9.99', currency: 'USD', captured: {}, missing: [], ...rest } });
  return { entries, add, request, response, callback, state };
}

const lists = (form) => Object.fromEntries(Object.entries(form).map(([k, v]) => [k, [v]]));

// captured appends a capture: requested, typed, and accepted unless a reason is
// given.
export function captured(j, capture, digits, masked, reason = 'complete') {
  const r = j.request('capture', { Capture: capture });
  const asked = j.state('session.changed', r.number, { phase: 'capturing', capture });
  const prompt = j.add('prompt.opened', { session: SESSION, cause: asked, prompt: { capture, times: 1, timeout: 5e9 } });
  j.response(r, 202);
  j.callback(asked, { Capture: capture, PartialResult: 'true' });
  let key = 0;
  for (let i = 1; i <= digits; i++) {
    key = j.add('key.pressed', { session: SESSION, cause: prompt, key: { key: '•', count: i, masked: '•'.repeat(i), deadline: '2026-01-01T09:00:09Z' } });
    if (i < digits) j.callback(key, { Capture: capture, PartialResult: 'true', [parameterOf(capture)]: 'x'.repeat(i) });
  }
  const closed = j.add('prompt.closed', { session: SESSION, cause: key, prompt: { capture, times: 1, reason, errorType: reason === 'refused' ? 'invalid-card-number' : undefined } });
  const after = j.state('session.changed', closed, { captured: reason === 'complete' ? { [capture]: masked } : {} });
  j.callback(after, reason === 'refused' ? { Capture: capture, ErrorType: 'invalid-card-number' } : { Capture: capture, Required: '' });
  return { request: r, prompt };
}
