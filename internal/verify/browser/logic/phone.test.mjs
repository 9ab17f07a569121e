import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CALL, SESSION, captured, journal } from './entries.mjs';
import { fromSnapshot, keysOf, newPhones, onEntry, phoneOf, secondsLeft } from '../../../../api/paymentstest/console/web/js/phone.mjs';

test('the phone follows a capture', () => {
  const phones = newPhones(), j = journal();
  captured(j, 'payment-card-number', 4, 'xxxxxxxxxxxx1111');
  const seen = j.entries.map((e) => {
    onEntry(phones, e);
    const p = phoneOf(phones, CALL);
    return [e.kind, p.prompt?.capture ?? '', p.masked];
  });
  assert.deepEqual(seen.filter(([kind]) => kind === 'key.pressed').at(-1), ['key.pressed', 'payment-card-number', '••••']);
  const phone = phoneOf(phones, CALL);
  assert.equal(phone.prompt, null);
  assert.deepEqual(phone.closed, { capture: 'payment-card-number', reason: 'complete', error: '', masked: 'xxxxxxxxxxxx1111' });
});

test('the clock runs from the first digit on', () => {
  const phones = newPhones(), phone = phoneOf(phones, CALL);
  const at = Date.parse('2026-01-01T09:00:00Z');
  onEntry(phones, { kind: 'prompt.opened', call: CALL, session: SESSION, prompt: { capture: 'security-code', timeout: 5e9 } });
  assert.equal(secondsLeft(phone, at), null);
  onEntry(phones, { kind: 'key.pressed', call: CALL, session: SESSION, key: { key: '•', masked: '•', deadline: '2026-01-01T09:00:05Z' } });
  assert.equal(secondsLeft(phone, at), 5);
  assert.equal(secondsLeft(phone, at + 4100), 1);
  assert.equal(secondsLeft(phone, at + 9000), 0);
});

test('a lost key changes nothing on the screen', () => {
  const phones = newPhones();
  onEntry(phones, { kind: 'key.pressed', call: CALL, key: { key: '•', lost: true, masked: '•' } });
  assert.equal(phoneOf(phones, CALL).masked, '');
});

test('hanging up and the end of a session close the prompt', () => {
  for (const kind of ['call.ended', 'session.ended', 'session.opened']) {
    const phones = newPhones();
    onEntry(phones, { kind: 'prompt.opened', call: CALL, session: SESSION, prompt: { capture: 'security-code' } });
    onEntry(phones, { kind, call: CALL, session: SESSION });
    assert.equal(phoneOf(phones, CALL).prompt, null, kind);
  }
});

test('a snapshot in the middle of an entry', () => {
  const phones = newPhones();
  fromSnapshot(phones, { calls: [{ sid: CALL, session: SESSION, scripted: true, prompt: { capture: 'postal-code', times: 2 }, key: { key: '•', masked: '••', deadline: '2026-01-01T09:00:05Z' } }] });
  const phone = phoneOf(phones, CALL);
  assert.equal(phone.prompt.times, 2);
  assert.equal(phone.masked, '••');
  assert.equal(phone.ended, false);
});

test('of pasted text, only keys are pressed', () => {
  assert.equal(keysOf('4111 1111-1111 1111\n'), '4111111111111111');
  assert.equal(keysOf('a*b#c'), '*#');
  assert.equal(keysOf('1'.repeat(1000)).length, 64);
  assert.equal(keysOf(undefined), '');
});
