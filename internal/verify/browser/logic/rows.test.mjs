import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CALL, SESSION, captured, journal } from './entries.mjs';
import { add, causeOf, newRows } from '../../../../api/paymentstest/console/web/js/rows.mjs';
import { describe, faultsText } from '../../../../api/paymentstest/console/web/js/rowtext.mjs';

const rowsOf = (entries) => {
  const rows = newRows();
  for (const e of entries) add(rows, e);
  return rows;
};
const lines = (rows) => rows.list.map((row) => {
  const said = describe(row);
  return `${row.lane}: ${said.title} [${said.mark?.text ?? ''}] ${said.parts}`;
});

test('a capture is four rows: request, entry, digits, result', () => {
  const j = journal();
  captured(j, 'payment-card-number', 16, 'xxxxxxxxxxxx1111');
  assert.deepEqual(lines(rowsOf(j.entries)), [
    'app: Ask for card number [202] 0',
    'call: Card number: xxxx xxxx xxxx 1111 [entered] 16',
    'out: Card number: typing [204] 16',
    'out: Card number captured [204] 0',
  ]);
});

test('an entry that is refused says why', () => {
  const j = journal();
  captured(j, 'payment-card-number', 3, '', 'refused');
  const rows = rowsOf(j.entries);
  assert.equal(describe(rows.list[1]).detail, '3 digits · not valid');
  assert.equal(describe(rows.list[1]).mark.text, 'refused');
  assert.equal(describe(rows.list.at(-1)).title, 'Card number: not valid');
});

test('attempts with one idempotency key are one row', () => {
  const j = journal();
  const first = j.request('complete', {});
  j.response(first, 0, { fault: 'reset after commit', committed: true });
  const second = j.request('complete', {}, { attempt: 2 });
  j.response(second, 202, { replayed: true, committed: true });
  const other = j.request('complete', {}, { idempotencyKey: 'another' });
  j.response(other, 404, { code: 20404 });
  const rows = rowsOf(j.entries);
  assert.equal(rows.list.length, 2);
  assert.equal(describe(rows.list[0]).parts, 2);
  assert.match(describe(rows.list[0]).detail, /2 attempts · replayed/);
  assert.deepEqual(describe(rows.list[1]).mark, { tone: 'bad', text: '404' });
});

test('creates with one key are one row although only the first response names the session', () => {
  const j = journal();
  j.response(j.request('create', {}), 0);
  j.response(j.request('create', {}, { attempt: 2 }), 201);
  assert.equal(rowsOf(j.entries).list.length, 1);
});

test('a cause without a row of its own links to the row that includes it', () => {
  const j = journal();
  captured(j, 'security-code', 3, 'xxx');
  const rows = rowsOf(j.entries);
  const [request, entry, digits, result] = rows.list;
  assert.equal(causeOf(rows, entry), request);
  assert.equal(causeOf(rows, digits), request);
  assert.equal(causeOf(rows, result), entry);
  assert.equal(causeOf(rows, request), undefined);
});

test('keys without a prompt are one row, marked as ignored', () => {
  const j = journal();
  for (let i = 0; i < 3; i++) j.add('key.pressed', { key: { key: '•', lost: true } });
  assert.deepEqual(lines(rowsOf(j.entries)), ['call: 3 keys pressed [ignored] 3']);
});

test('one failed callback among many marks their row', () => {
  const j = journal();
  const at = j.state('session.changed', 0);
  for (const status of [204, 500, 204]) j.callback(at, { Capture: 'postal-code', PartialResult: 'true' }, status);
  const said = describe(rowsOf(j.entries).list[0]);
  assert.deepEqual(said.mark, { tone: 'bad', text: '500' });
});

test('a callback without a response says so, also after the last attempt', () => {
  const j = journal();
  const made = j.callback(0, { Result: 'success' }, 0);
  j.add('callback.given-up', { session: SESSION, cause: made, attempt: { callback: 1, error: 'no retry is configured' } });
  const said = describe(rowsOf(j.entries).list[0]);
  assert.deepEqual(said.mark, { tone: 'bad', text: 'not delivered' });
  assert.match(said.detail, /connection refused/);
});

test('faults of one kind are listed once', () => {
  const twice = { target: 'callback', name: 'twice' };
  assert.equal(faultsText([twice, twice, { target: 'callback', name: 'late by 3s' }]), 'twice (2 times), late by 3s');
});

test('a fault belongs to the request it broke', () => {
  const j = journal();
  const r = j.request('complete', {});
  j.add('fault.fired', { cause: r.number, fault: { target: 'request', name: 'reset after commit', tookEffect: true } });
  const rows = rowsOf(j.entries);
  assert.equal(rows.list.length, 1);
  assert.match(describe(rows.list[0]).detail, /^fault: reset after commit, took effect/);
});

test('the gateway: deciding, then declined', () => {
  const j = journal();
  const gateway = { operation: 'charge', amount: '9.99', currency: 'USD', connector: 'Default' };
  const asked = j.add('gateway.asked', { session: SESSION, gateway });
  assert.equal(describe(rowsOf(j.entries).list[0]).mark.text, 'deciding');
  j.add('gateway.decided', { session: SESSION, cause: asked, gateway: { ...gateway, code: 64008, result: 'payment-connector-error' } });
  const said = describe(rowsOf(j.entries).list[0]);
  assert.equal(said.title, 'Gateway: Charge 9.99 USD');
  assert.equal(said.mark.text, 'declined');
});

test('kinds that the page does not know yet are rows too', () => {
  const j = journal();
  j.add('something.new', {});
  j.add('note', { note: 'a note' });
  j.add('missed', { missed: 12 });
  assert.deepEqual(rowsOf(j.entries).list.map((row) => describe(row).title), ['Something.new', 'A note', '12 entries missed']);
});

test('the oldest rows are forgotten, with everything that leads to them', () => {
  const rows = newRows();
  for (let n = 1; n <= 25_000; n++) add(rows, { number: n, kind: 'note', call: CALL, note: 'n', time: '' });
  assert.ok(rows.list.length <= 20_000);
  assert.equal(rows.list.length + rows.forgotten, 25_000);
  assert.equal(rows.byEntry.size, rows.list.length);
});
