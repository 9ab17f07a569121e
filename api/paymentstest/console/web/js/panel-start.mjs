// Without an application: start a payment, and send one callback by hand.

import { button, field, h, select, show } from './dom.mjs';
import { currentSession, see, store } from './store.mjs';
import { post } from './api.mjs';
import { messageOf, run, startSample } from './acts.mjs';
import { statusMark } from './rowtext.mjs';
import { short } from './format.mjs';
import { bodyBlock } from './parts.mjs';

export function openStart(root) {
  show(root, h('p', null, 'Play the application yourself: start a payment here, ask for the fields in “The payment”, and complete it.'),
    button('Start a sample payment', startSample, { class: 'primary' }), own(), handMade());
  return () => {};
}

function own() {
  const amount = h('input', { value: '9.99', inputmode: 'decimal', autocomplete: 'off' }), currency = h('input', { value: 'usd', maxlength: 3, autocomplete: 'off' });
  const url = h('input', { type: 'url', placeholder: 'the console takes them', autocomplete: 'off' }), note = h('input', { maxlength: 200, autocomplete: 'off' });
  const pick = { what: 'charge', method: 'credit-card', here: '' };
  const postal = h('input', { type: 'checkbox' });
  const money = h('div', { class: 'together' }, field('Amount', amount), field('Currency', currency));
  const go = async () => {
    const begun = await run('sessions', {
      method: pick.method, postalCode: postal.checked,
      ...(pick.here ? { call: store.see.call } : {}), ...(pick.what === 'charge' ? { amount: amount.value, currency: currency.value } : { tokenType: pick.what }),
      ...(url.value ? { statusCallback: url.value } : {}), ...(note.value ? { description: note.value } : {}),
    });
    if (begun) see({ call: begun.call, session: '', panel: '', at: '', row: '' });
  };
  return h('fieldset', null, h('legend', null, 'Or a payment of your own'),
    h('div', { class: 'together' },
      field('What', select([['charge', 'Charge'], ['reusable', 'Token, reusable'], ['one-time', 'Token, one-time']], 'charge', (v) => { pick.what = v; money.hidden = v !== 'charge'; })),
      field('Paid by', select([['credit-card', 'Card'], ['ach-debit', 'Bank account (ACH)']], 'credit-card', (v) => { pick.method = v; })),
      field('On', select([['', 'A new call'], ['here', 'The call that is shown']], '', (v) => { pick.here = v; }))),
    money, h('label', { class: 'check' }, postal, ' Ask for the postal code too'),
    field('Callbacks go to', url, 'Your StatusCallback on 127.0.0.1, or empty.'), field('Description', note),
    button('Start', go, { class: 'primary' }));
}

const kinds = [['good', 'Good'], ['unsigned', 'Without a signature'], ['wrongly-signed', 'Wrongly signed'], ['unknown-value', 'With a value nobody knows'], ['field-missing', 'With a field missing']];

function handMade() {
  const url = h('input', { type: 'url', placeholder: 'http://127.0.0.1:8080/status', autocomplete: 'off' }), out = h('div', { 'aria-live': 'polite' });
  const pick = { kind: 'good' };
  const send = async () => {
    try {
      const { attempt: a } = await post('callbacks/send', { url: url.value, kind: pick.kind, ...(currentSession() ? { session: currentSession() } : {}) });
      const mark = statusMark(a.status, 'not delivered');
      show(out, h('p', { class: 'outcome', 'data-tone': mark.tone }, a.status ? `Your application responded ${a.status}.` : `Not delivered: ${a.error}`), a.body && bodyBlock(a.body), h('p', { class: 'quiet-text' }, expected(pick.kind)));
    } catch (e) {
      show(out, h('p', { class: 'problem' }, messageOf(e)));
    }
  };
  return h('fieldset', null, h('legend', null, 'One callback by hand'),
    h('p', { class: 'quiet-text' }, 'Try your callback handler without a payment', currentSession() ? `: the callback is of session ${short(currentSession())}.` : '.'),
    field('To', url), field('Which', select(kinds, 'good', (v) => { pick.kind = v; })), button('Send it', send, { class: 'primary' }), out);
}

const expected = (kind) => ({
  good: 'Expected: 200 or 204.', unsigned: 'Expected: 400 or 403. Anything else means that the signature is not checked.', 'wrongly-signed': 'Expected: 403. Anything else means that the signature is not checked.',
  'unknown-value': 'Expected: 200 or 204. Twilio adds values without notice.', 'field-missing': 'Expected: 200, 204 or 400, but not 500.',
}[kind] ?? '');
