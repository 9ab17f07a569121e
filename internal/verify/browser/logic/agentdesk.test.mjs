import assert from 'node:assert/strict';
import { test } from 'node:test';
import { address, apply, fields, fragmentOf, newSession } from '../../../../api/examples/agentdesk/web/session.mjs';
import { connection, failure, nameOf, view } from '../../../../api/examples/agentdesk/web/view.mjs';

const [NUMBER, DATE, CODE] = fields.map((f) => f.capture);
const CALL = `CA${'0'.repeat(31)}1`, ACCOUNT = `AC${'0'.repeat(32)}`, SID = `PK${'a'.repeat(32)}`;

// after applies events, numbered from 1, to a new session.
const after = (...events) => events.reduce((s, e, i) => apply(s, { number: i + 1, kind: 'updated', ...e }), newSession());
const rowsOf = (session, options) => Object.fromEntries(view(session, options).rows.map((r) => [r.capture, r]));

const started = { kind: 'started' };
const typing = { capture: NUMBER, entering: true, entered: 'xx', missing: [NUMBER, DATE, CODE] };
const numberCaptured = { capture: NUMBER, entered: 'xxxxxxxxxxxx1111', card_type: 'visa', missing: [DATE, CODE] };
const dateCaptured = { capture: DATE, entered: '1299', missing: [CODE] };
const codeCaptured = { capture: CODE, entered: 'xxx', ready: true };
const paid = [started, numberCaptured, dateCaptured, codeCaptured, { kind: 'completed', result: 'success' }];

test('agentdesk: a payment from the first event to the last', () => {
  const seen = paid.map((_, i) => {
    const v = view(after(...paid.slice(0, i + 1)));
    return [v.rows.map((r) => r.state).join(' '), v.canComplete, v.ended];
  });
  assert.deepEqual(seen, [
    ['open open open', false, false],
    ['captured open open', false, false],
    ['captured captured open', false, false],
    ['captured captured captured', true, false],
    ['captured captured captured', false, true],
  ]);
  const end = view(after(...paid));
  assert.ok(end.paid);
  assert.equal(end.ending, 'Paid.');
});

test('agentdesk: a row from the prompt to the captured entry', () => {
  const open = rowsOf(newSession())[NUMBER];
  assert.deepEqual([open.text, open.value, open.button, open.label], ['Not asked yet', '–', 'Ask', 'Ask for the card number']);
  const asked = rowsOf(after({ ...typing, entered: '' }))[NUMBER];
  assert.deepEqual([asked.text, asked.value, asked.button], ['Waiting for the caller', '–', 'Asking…']);
  assert.equal(rowsOf(after(typing))[NUMBER].text, 'The caller is typing');
  const captured = rowsOf(after(typing, numberCaptured))[NUMBER];
  assert.deepEqual([captured.text, captured.value, captured.button], ['Captured', 'xxxxxxxxxxxx1111  visa', 'Ask again']);
});

test('agentdesk: a refused entry says why, and can be asked for again', () => {
  for (const [error, text] of [['invalid-card-number', 'Not a valid card number.'], ['input-timeout', 'The caller stopped typing.'], ['brand-new', 'Refused: brand-new.'], ['constructor', 'Refused: constructor.']]) {
    const row = rowsOf(after(typing, { capture: NUMBER, error, again: true, missing: [NUMBER] }))[NUMBER];
    assert.deepEqual([row.state, row.text, row.value, row.button, row.canAsk], ['refused', text, '–', 'Ask again', true]);
  }
});

test('agentdesk: a new card number discards the security code that Twilio forgets', () => {
  const s = after(numberCaptured, dateCaptured, codeCaptured, { capture: NUMBER, entered: 'xxxxxxxxxxx0005', card_type: 'amex', missing: [CODE] });
  assert.deepEqual(view(s).rows.map((r) => r.state), ['captured', 'captured', 'open']);
  assert.equal(view(s).canComplete, false);
});

test('agentdesk: events that a reconnecting stream repeats change nothing', () => {
  const s = after(...paid.slice(0, 3));
  assert.equal(apply(s, { number: 2, kind: 'updated', capture: NUMBER, error: 'input-timeout' }), s);
  assert.equal(apply(s, { number: 3, kind: 'completed', result: 'caller-hung-up' }), s);
  assert.notEqual(apply(s, { number: 4, ...codeCaptured, kind: 'updated' }), s);
});

test('agentdesk: an event never changes the session it is applied to', () => {
  const s = after(typing), before = structuredClone(s);
  apply(s, { number: 2, kind: 'updated', ...numberCaptured });
  assert.deepEqual(s, before);
});

test('agentdesk: unknown kinds, fields and results are ignored', () => {
  assert.deepEqual(view(after({ kind: 'brand-new' })), view(newSession()));
  assert.deepEqual(view(after({ capture: 'postal-code', entered: 'xxxxx', missing: [NUMBER] })).rows, view(newSession()).rows);
  assert.deepEqual(view(after({ capture: '__proto__', error: 'x' })).rows, view(newSession()).rows);
  assert.equal(view(after({ kind: 'completed', result: 'brand-new' })).ending, 'The session ended: brand-new.');
  assert.equal(view(after({ kind: 'completed' })).ending, 'The session ended: no result.');
});

test('agentdesk: every ending but success says that nothing was charged', () => {
  for (const result of ['payment-connector-error', 'caller-interrupted-with-star', 'caller-hung-up', 'transaction-cancelled']) {
    const v = view(after({ kind: 'completed', result, code: result === 'payment-connector-error' ? 64008 : 0 }));
    assert.equal(v.paid, false, result);
    assert.match(v.ending, /Nothing was charged\./, result);
    assert.equal(/ Code 64008\.$/.test(v.ending), result === 'payment-connector-error');
  }
});

test('agentdesk: while a step runs, only cancel works', () => {
  const ready = after(...paid.slice(0, 4));
  const allowed = (busy) => [view(ready, { busy }).canComplete, view(ready, { busy }).canCancel, rowsOf(ready, { busy })[DATE].canAsk];
  assert.deepEqual(allowed(''), [true, true, true]);
  assert.deepEqual(allowed(`capture/${DATE}`), [false, true, false]);
  assert.deepEqual(allowed('complete'), [false, false, false]);
  assert.deepEqual(allowed('cancel'), [false, false, false]);
});

test('agentdesk: the title and the confirmation', () => {
  assert.equal(view(newSession()).title, 'Payment');
  const v = view(after(...paid), { amount: '49.90', confirmation: 'ch_1' });
  assert.deepEqual([v.title, v.confirmation], ['Payment of 49.90 USD', 'Confirmation ch_1']);
});

test('agentdesk: a failed response becomes a sentence', () => {
  assert.deepEqual(failure(409, '{"error":"flow: another step is running"}'), { message: 'Flow: another step is running.', again: false });
  assert.deepEqual(failure(422, '{"error":"input-timeout","again":true}'), { message: 'Input-timeout.', again: true });
  for (const body of ['', '<html>Bad Gateway</html>', 'null', '[]', '{"error":{}}', '{"error":""}']) {
    assert.deepEqual(failure(502, body), { message: 'The desk responded with status 502.', again: false }, body);
  }
});

test('agentdesk: the address names a session, a call, or nothing', () => {
  const path = fragmentOf({ call: CALL, account: ACCOUNT, session: SID });
  assert.deepEqual(address(`#${path}`), { path, call: CALL });
  assert.deepEqual(address(`#call=${CALL}`), { path: '', call: CALL });
  for (const other of ['', '#', '#call=CA1', `#${path}x`, `#/calls/${CALL}/payments/../x/`, '#//evil.invalid/', `#javascript:${path}`]) {
    assert.deepEqual(address(other), { path: '', call: '' }, other);
  }
});

test('agentdesk: the state of the stream', () => {
  assert.deepEqual(['', 'open', 'retrying', 'closed'].map((s) => [connection(s).text.split(/[.:]/)[0], connection(s).lost]),
    [['', false], ['Live', false], ['Connection lost', true], ['No events', true]]);
  assert.deepEqual(fields.map(nameOf), ['card number', 'expiry (MMYY)', 'security code']);
});
