// The details of a callback: the request, the application's response, how the
// signature is computed, and why the application refused it.

import { button, h, show } from './dom.mjs';
import { get, post } from './api.mjs';
import { messageOf, run } from './acts.mjs';
import { outcomeOf, signs, statusMark } from './rowtext.mjs';
import { clock, took } from './format.mjs';
import { sentence } from './words.mjs';
import { block, bodyBlock, folded, formTable, headerTable, section } from './parts.mjs';

// callbackParts draws one callback of a row.
export function callbackParts(row, made) {
  const c = made.callback, tries = made.tries.filter((t) => t.kind === 'callback.responded' || t.kind === 'callback.failed'), last = outcomeOf(made);
  const accepted = last?.status >= 200 && last.status < 300;
  const stuck = accepted ? '' : made.tries.find((t) => t.kind === 'callback.given-up')?.error;
  return [
    row.deliveries.length > 1 && h('p', { class: 'quiet-text' }, `Callback ${row.deliveries.indexOf(made) + 1} of ${row.deliveries.length} in this row.`),
    section('Callback', button('Send again', () => again(c.number), { class: 'small', 'data-k': 'again' }),
      h('p', { class: 'mono wrap' }, `POST ${c.url}`), formTable(c.form, '', 'Fields of the callback')),
    section('Response of the application', null,
      last ? outcome(last) : h('p', { class: 'quiet-text' }, 'No response yet.'),
      stuck && stuck !== last?.error && h('p', { class: 'note', 'data-tone': 'warn' }, `Given up: ${stuck.replace(/^paymentstest: /, '')}.`),
      last && advice(last, Boolean(stuck)),
      tries.length > 1 && attempts(tries),
      last && [last.body && bodyBlock(last.body), headerTable(last.header, 'Response headers')]),
    last?.status === 403 && explain(c),
    signature(c),
  ];
}

export const again = (number) => run(`callbacks/${number}/redeliver`, {}, 'Sent again with the same I-Twilio-Idempotency-Token.');

function outcome(t) {
  const mark = statusMark(t.status, 'not delivered');
  return h('p', { class: 'outcome', 'data-tone': mark.tone }, `${signs[mark.tone]} `, t.status ? `Status ${t.status}` : `No response: ${t.error || 'not delivered'}`, t.duration ? ` · ${took(t.duration / 1e6)}` : '');
}

// advice says what to do about a callback that failed. stuck reports that it is not
// delivered again.
function advice(t, stuck) {
  const text = !t.status ? 'No server listens at this URL, or the sandbox may not call it. Start your application, or use a StatusCallback on 127.0.0.1.'
    : t.status === 404 ? 'Your application has no handler at this path. Compare the StatusCallback you sent with the route you registered.'
      : t.status === 403 ? 'Your application refused the signature. See below which part differs from what was signed.'
        : t.status >= 500 ? `Your application failed. Read its log. ${stuck ? 'Then press “Send again”. To have callbacks retried, add #rc=5&rp=all to your StatusCallback URL.' : 'Twilio may deliver this callback again.'}`
          : t.status >= 300 && t.status < 400 ? 'Redirects are not followed. Use the final address as StatusCallback.' : '';
  return text && h('p', { class: 'note', 'data-tone': 'warn' }, text);
}

function attempts(tries) {
  return h('table', { class: 'data' }, h('caption', null, 'Attempts'),
    h('thead', null, h('tr', null, ['Attempt', 'Time', 'Status', 'Took'].map((t) => h('th', { scope: 'col' }, t)))),
    h('tbody', null, tries.map((t) => h('tr', null, h('td', null, t.number), h('td', { class: 'mono' }, clock(t.time)), h('td', null, t.status || t.error || 'none'), h('td', null, took(t.duration / 1e6))))));
}

// signature shows how the signature is computed from the URL and the form.
function signature(c) {
  const box = h('div', null, h('p', { class: 'quiet-text' }, 'Computing…'));
  return folded('How it is signed', box, async () => {
    try {
      const s = await get(`callbacks/${c.number}/signature`);
      show(box, h('ol', { class: 'steps' }, s.steps.map((step) => h('li', null, h('p', null, step.title), block(step.text)))),
        s.withheld?.length > 0 && h('p', { class: 'quiet-text' }, `Values hidden here because they are secret: ${s.withheld.join(', ')}.`),
        h('p', { class: 'outcome', 'data-tone': s.matches ? 'ok' : 'bad' }, s.matches ? '✓ This is the X-Twilio-Signature that was sent.' : '✕ This is not the X-Twilio-Signature that was sent.'));
    } catch (e) {
      show(box, h('p', { class: 'problem' }, messageOf(e)));
    }
  });
}

// explain compares the signed URL with the one that the application sees.
function explain(c) {
  const url = h('input', { value: c.url, 'data-k': 'url', spellcheck: 'false', autocomplete: 'off' });
  const out = h('div', { 'aria-live': 'polite' });
  const ask = async () => {
    try {
      const e = await post('explain', { callback: c.number, receivedURL: url.value });
      show(out, e.accepted ? h('p', null, h('strong', null, '✓ '), e.advice) : [
        h('p', null, 'Differs: ', e.differs?.length > 0 ? e.differs.map((d) => h('span', { class: 'tag' }, d)) : 'unknown', e.proven ? '' : ' (likely)'),
        h('p', null, sentence(e.reason)), e.advice && h('p', null, e.advice)]);
    } catch (e) {
      show(out, h('p', { class: 'problem' }, messageOf(e)));
    }
  };
  ask();
  return section('Why was it refused?', null,
    h('p', { class: 'quiet-text' }, 'The signature covers the exact URL and the form, and uses the auth token as key. Enter the URL that your application sees, for example from its log.'),
    h('label', { class: 'field' }, h('span', { class: 'field-name' }, 'URL as your application sees it'), url),
    h('div', { class: 'buttons' }, button('Compare', ask, { class: 'small primary', 'data-k': 'compare' })), out);
}
