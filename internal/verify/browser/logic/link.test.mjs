import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newLink, saying, take, wait } from '../../../../api/paymentstest/console/web/js/link.mjs';

const numbered = (...numbers) => numbers.map((number) => ({ number }));

test('entries that a resumed stream repeats are ignored', () => {
  const link = newLink();
  assert.equal(take(link, numbered(1, 2, 3)).fresh.length, 3);
  assert.deepEqual(take(link, numbered(2, 3, 4)).fresh, numbered(4));
  assert.deepEqual(take(link, numbered(4)).fresh, []);
  assert.equal(link.number, 4);
});

test('a gap is detected and nothing after it is accepted', () => {
  const link = newLink();
  take(link, numbered(1, 2));
  assert.deepEqual(take(link, numbered(4, 5)), { fresh: [], gap: true });
  assert.equal(link.number, 2);
  assert.equal(take(link, numbered(3, 4, 5)).fresh.length, 3);
});

test('a page that starts late has no gap', () => {
  assert.equal(take(newLink(), numbered(500, 501)).gap, false);
});

test('the wait grows, at random, to 15 seconds', () => {
  assert.equal(wait(1, () => 1), 1000);
  assert.equal(wait(3, () => 1), 4000);
  assert.equal(wait(30, () => 1), 15_000);
  assert.equal(wait(30, () => 0), 0);
});

test('every state has a word and a sentence', () => {
  for (const state of ['connecting', 'live', 'hidden', 'lost']) {
    const said = saying({ ...newLink(), state });
    assert.ok(said.word && said.text && said.tone, state);
  }
  assert.equal(saying({ ...newLink(), state: 'refused', why: 'Open the printed address.' }).text, 'Open the printed address.');
});
