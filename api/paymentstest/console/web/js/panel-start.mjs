// The panel Start: a payment without an application, and a single callback.

import { button, field, h, select, show } from './dom.mjs';
import { currentSession, see, store } from './store.mjs';
import { post } from './api.mjs';
import { messageOf, run, startSample } from './acts.mjs';
import { statusMark } from './rowtext.mjs';
import { short } from './format.mjs';
import { bodyBlock } from './parts.mjs';

export function openStart(root) {
  show(root, h('p', null, 'No application yet? Start a payment here. Then ask for the fields and complete it under “Payment”.'),
    button('Start a sample payment', startSample, { class: 'primary' }), own(), handMade());
  return () => {};
}

function own() {
  const amount = h('input', { value: '9.99', inputmode: 'decimal', autocomplete: 'off' }), currency = h('input', { value: 'USD', maxlength: 3, autocomplete: 'off' });
  const url = h('input', { type: 'url', placeholder: 'http://127.0.0.1:8080/status', autocomplete: 'off' }), note = h('input', { maxlength: 200, autocomplete: 'off' });
  const pick = { what: 'charge', method: 'credit-card', here: '' };
  const postal = h('input', { type: 'checkbox' });
  const money = h('div', { class: 'together' }, field('Amount', amount), field('Currency', currency));
  const go = async () => {
    const started = await run('sessions', {
      method: pick.method, postalCode: postal.checked,
      ...(pick.here ? { call: store.see.call } : {}), ...(pick.what === 'charge' ? { amount: amount.value, currency: currency.value } : { tokenType: pick.what }),
      ...(url.value ? { statusCallback: url.value } : {}), ...(note.value ? { description: note.value } : {}),
    });
    if (started) see({ call: started.call, session: '', panel: '', at: '', row: '' });
  };
  return h('fieldset', null, h('legend', null, 'Your own payment'),
    h('div', { class: 'together' },
      field('Result', select([['charge', 'Charge'], ['reusable', 'Reusable token'], ['one-time', 'One-time token']], 'charge', (v) => { pick.what = v; money.hidden = v !== 'charge'; })),
      field('Payment method', select([['credit-card', 'Card'], ['ach-debit', 'Bank account (ACH)']], 'credit-card', (v) => { pick.method = v; })),
      field('Call', select([['', 'New call'], ['here', 'This call']], '', (v) => { pick.here = v; }))),
    money, h('label', { class: 'check' }, postal, ' Ask for the postal code too'),
    field('StatusCallback', url, 'If empty, the console receives the callbacks.'), field('Description', note),
    button('Start payment', go, { class: 'primary' }));
}

const kinds = [['good', 'Valid'], ['unsigned', 'Without a signature'], ['wrongly-signed', 'With a wrong signature'], ['unknown-value', 'With an unknown value'], ['field-missing', 'With a missing field']];

function handMade() {
  const url = h('input', { type: 'url', placeholder: 'http://127.0.0.1:8080/status', autocomplete: 'off' }), out = h('div', { class: 'edit', 'aria-live': 'polite' });
  const pick = { kind: 'good' };
  const send = async () => {
    try {
      const { attempt: a } = await post('callbacks/send', { url: url.value, kind: pick.kind, ...(currentSession() ? { session: currentSession() } : {}) });
      const mark = statusMark(a.status, 'not delivered');
      show(out, h('p', { class: 'outcome', 'data-tone': mark.tone }, a.status ? `Your application responded with status ${a.status}.` : `Not delivered: ${a.error}.`), a.body && bodyBlock(a.body), h('p', { class: 'quiet-text' }, expected(pick.kind)));
    } catch (e) {
      show(out, h('p', { class: 'problem' }, messageOf(e)));
    }
  };
  return h('fieldset', null, h('legend', null, 'A single callback'),
    h('p', { class: 'quiet-text' }, 'Test your callback handler without a payment.', currentSession() ? ` The callback is for session ${short(currentSession())}.` : ''),
    field('URL of your handler', url), field('Callback', select(kinds, 'good', (v) => { pick.kind = v; })), button('Send callback', send, { class: 'primary' }), out);
}

const expected = (kind) => ({
  good: 'Expected: 200 or 204.', unsigned: 'Expected: 400 or 403. Any other status means that your handler does not check the signature.', 'wrongly-signed': 'Expected: 403. Any other status means that your handler does not check the signature.',
  'unknown-value': 'Expected: 200 or 204. Twilio adds values without notice.', 'field-missing': 'Expected: 200, 204 or 400, but never 500.',
}[kind] ?? '');
