import assert from 'node:assert/strict';
import { test } from 'node:test';
import { captureHint, captureName, errorName, ordinal, plural, resultName } from '../../../../api/paymentstest/console/web/js/words.mjs';
import { clip, clock, decoded, groups, money, pretty, short, took } from '../../../../api/paymentstest/console/web/js/format.mjs';
import { read, tokenIn, write } from '../../../../api/paymentstest/console/web/js/route.mjs';
import { actionFor, shortcuts } from '../../../../api/paymentstest/console/web/js/shortcuts.mjs';
import { load, save } from '../../../../api/paymentstest/console/web/js/prefs.mjs';
import { ledger } from '../../../../api/paymentstest/console/web/js/ledger.mjs';

test('words, and values without one stay unchanged', () => {
  assert.equal(captureName('payment-card-number-matcher'), 'card number, again');
  assert.equal(captureName('brand-new'), 'brand-new');
  assert.equal(captureName('constructor'), 'constructor');
  assert.equal(captureHint('expiration-date-matcher'), captureHint('expiration-date'));
  assert.equal(resultName('toString'), 'toString');
  assert.equal(errorName(undefined), '');
  assert.deepEqual([1, 2, 3, 4, 11, 12, 21].map(ordinal), ['1st', '2nd', '3rd', '4th', '11th', '12th', '21st']);
  assert.equal(plural(1, 'entry', 'entries'), '1 entry');
  assert.equal(plural(1200, 'row'), '1,200 rows');
});

test('formats', () => {
  assert.match(clock('2026-01-01T09:00:00.007Z'), /^\d\d:\d\d:\d\d\.007$/);
  assert.equal(clock('nonsense'), '');
  assert.deepEqual([0.26, 12.4, 1250, 125_000, 600_000, 119_800].map(took), ['0.3 ms', '12 ms', '1.25 s', '2 min 5 s', '10 min', '2 min']);
  assert.equal(groups('xxxxxxxxxxxx1111'), 'xxxx xxxx xxxx 1111');
  assert.equal(groups('xxxxxxxxxxx0005'), 'xxxx xxxxxx x0005');
  assert.equal(groups('xxxx-xxxxxx-x0005'), 'xxxx-xxxxxx-x0005');
  assert.equal(groups('1299'), '1299');
  assert.equal(groups('*******89'), '*******89'); // a bank account
  assert.equal(money('262144.01', 'usd'), '262144.01 USD');
  assert.equal(money('', 'usd'), '');
  assert.equal(short('PK0123456789abcdef0123456789abcdef'), 'PK…cdef');
  assert.equal(clip('abcdef', 4), 'abc…');
  assert.deepEqual(decoded('a=1&a=2&b=%20'), [['a', '1'], ['a', '2'], ['b', ' ']]);
  assert.equal(pretty('{"a":1}'), '{\n  "a": 1\n}');
  assert.equal(pretty('<html>'), '<html>');
});

test('an address is read back as it was written', () => {
  const state = { call: 'CA1', session: '', row: '12.3', panel: 'wire', at: '', q: 'a b -c', all: '1' };
  assert.deepEqual(read(write(state)), state);
  assert.equal(write({}), '');
  assert.equal(read(`#q=${'x'.repeat(5000)}`).q.length, 200);
  assert.equal(tokenIn('#token=abc123'), 'abc123');
  assert.equal(tokenIn('#row=1'), '');
});

const press = (key, tagName = 'BODY', rest = {}) => ({ key, target: { tagName }, ...rest });

test('shortcuts: never while typing or with a modifier, and not when off', () => {
  for (const [key, action] of shortcuts) {
    const event = press(key === 'Esc' ? 'Escape' : key === 'Space' ? ' ' : key);
    assert.equal(actionFor(event), action, key);
    for (const modifier of ['ctrlKey', 'metaKey', 'altKey', 'isComposing']) assert.equal(actionFor({ ...event, [modifier]: true }), '', `${modifier} ${key}`);
    if (action === 'close') continue;
    for (const tag of ['INPUT', 'TEXTAREA', 'SELECT']) assert.equal(actionFor({ ...event, target: { tagName: tag } }), '', `${key} in ${tag}`);
    assert.equal(actionFor({ ...event, target: { tagName: 'DIV', isContentEditable: true } }), '');
    assert.equal(actionFor(event, false), '', `${key} when off`);
  }
  assert.equal(actionFor(press('Enter', 'BUTTON')), '');
  assert.equal(actionFor(press(' ', 'BUTTON')), '');
  assert.equal(actionFor(press('x')), '');
  assert.equal(new Set(shortcuts.map(([key]) => key)).size, shortcuts.length);
});

test('only two choices are remembered', () => {
  const kept = {};
  const storage = { getItem: (k) => kept[k] ?? null, setItem: (k, v) => { kept[k] = v; } };
  assert.deepEqual(load(storage), { theme: '', shortcuts: true });
  save({ theme: 'dark', shortcuts: false, token: 'secret' }, storage);
  assert.deepEqual(load(storage), { theme: 'dark', shortcuts: false });
  assert.deepEqual(Object.values(kept), ['{"theme":"dark","shortcuts":false}']);
  kept['twiliopay-console'] = '{"theme":"<script>"}';
  assert.equal(load(storage).theme, '');
  kept['twiliopay-console'] = 'nonsense';
  assert.deepEqual(load(storage), { theme: '', shortcuts: true });
  assert.deepEqual(load(undefined), { theme: '', shortcuts: true });
});

test('a session that is charged twice stands out in the ledger', () => {
  const decided = (number, session, rest = {}) => ({ number, session, kind: 'gateway.decided', gateway: { operation: 'charge', amount: '1.00', ...rest } });
  const lines = ledger([decided(1, 'PK1'), decided(2, 'PK2'), decided(3, 'PK1', { code: 64008 }), decided(4, 'PK1'), decided(5, 'PK2', { operation: 'tokenize' }), { kind: 'note', number: 6 }]);
  assert.deepEqual(lines.map((l) => [l.number, l.approved, l.twice]), [[5, true, false], [4, true, true], [3, false, false], [2, true, false], [1, true, false]]);
});
