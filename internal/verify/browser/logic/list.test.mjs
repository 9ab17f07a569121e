import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CALL, captured, journal } from './entries.mjs';
import { add, newRows } from '../../../../api/paymentstest/console/web/js/rows.mjs';
import { build, fold, newList, setFilter, update } from '../../../../api/paymentstest/console/web/js/list.mjs';
import { matches, parse } from '../../../../api/paymentstest/console/web/js/filter.mjs';
import { atEnd, scrollFor, step, visible } from '../../../../api/paymentstest/console/web/js/window.mjs';

function filled() {
  const j = journal();
  captured(j, 'payment-card-number', 4, 'xxxx');
  captured(j, 'security-code', 3, 'xxx', 'refused');
  const rows = newRows();
  for (const e of j.entries) add(rows, e);
  return { rows, j };
}
const found = (rows, text) => rows.list.filter((row) => matches(row, parse(text))).map((row) => row.id);

test('the filter: words, not-words and names', () => {
  const { rows } = filled();
  const all = rows.list.length;
  assert.equal(found(rows, '').length, all);
  assert.equal(found(rows, 'security').length, 4);
  assert.equal(found(rows, 'security -typing').length, 3);
  assert.equal(found(rows, 'is:request').length, 2);
  assert.equal(found(rows, 'is:key').length, 2);
  assert.equal(found(rows, 'is:callback').length, 4);
  assert.equal(found(rows, '-is:callback').length, all - 4);
  assert.equal(found(rows, `call:${CALL.toLowerCase()}`).length, all);
  assert.equal(found(rows, 'call:other').length, 0);
  assert.deepEqual(found(rows, '#1'), [1]);
  assert.equal(found(rows, 'key-capture-security').length, 1);
});

test('a filter never throws, whatever is typed', () => {
  const { rows } = filled();
  for (const text of ['-', ':', 'is:', '-is:', 'call:', '[', '\\', '(((', '-:-']) assert.doesNotThrow(() => found(rows, text));
});

test('appending gives the same as rebuilding', () => {
  const { j } = filled();
  for (const [text, scope] of [['', ''], ['typing', ''], ['', CALL], ['', 'CAother']]) {
    const rows = newRows(), list = newList();
    setFilter(list, text, scope);
    for (const e of j.entries) {
      const row = add(rows, e);
      if (row && update(list, row)) build(list, rows);
    }
    const rebuilt = newList();
    setFilter(rebuilt, text, scope);
    build(rebuilt, rows);
    assert.deepEqual(list.items.map((i) => i.key), rebuilt.items.map((i) => i.key));
    assert.deepEqual([...list.index], [...rebuilt.index]);
  }
});

test('a row unfolds into its parts and folds again', () => {
  const { rows } = filled();
  const list = newList();
  build(list, rows);
  const folded = list.items.length, entry = rows.list[1];
  fold(list, entry);
  build(list, rows);
  assert.equal(list.items.length, folded + 4);
  assert.deepEqual(list.items.slice(1, 4).map((i) => i.key), ['3', '3.0', '3.1']);
  fold(list, entry);
  build(list, rows);
  assert.equal(list.items.length, folded);
});

test('only the rows in sight are drawn', () => {
  assert.deepEqual(visible(0, 440, 44, 10_000, 8), { from: 0, to: 18, before: 0, after: 9982 * 44 });
  assert.deepEqual(visible(44_000, 440, 44, 10_000, 8), { from: 992, to: 1018, before: 992 * 44, after: 8982 * 44 });
  assert.deepEqual(visible(9e9, 440, 44, 100, 8), { from: 92, to: 100, before: 92 * 44, after: 0 });
  assert.deepEqual(visible(-5, 440, 44, 0), { from: 0, to: 0, before: 0, after: 0 });
});

test('moving the selection and the scroll', () => {
  assert.equal(step(-1, 1, 5), 0);
  assert.equal(step(-1, -1, 5), 4);
  assert.equal(step(4, 1, 5), 4);
  assert.equal(step(0, -1, 5), 0);
  assert.equal(step(0, 1, 0), -1);
  assert.equal(scrollFor(0, 100, 400, 44), 0);
  assert.equal(scrollFor(5, 100, 400, 44), 100);
  assert.equal(scrollFor(20, 100, 400, 44), 21 * 44 - 400);
  assert.ok(atEnd(1000, 400, 1400));
  assert.ok(!atEnd(900, 400, 1400));
});
