// The details of a request, and controls that send it again.

import { button, h, show } from './dom.mjs';
import { copy, run } from './acts.mjs';
import { signs, statusMark } from './rowtext.mjs';
import { took } from './format.mjs';
import { bodyBlock, folded, formTable, headerTable, section } from './parts.mjs';

// requestParts draws one attempt of a request.
export function requestParts(row, attempt) {
  const { request: r, response: a } = attempt;
  return [
    row.attempts.length > 1 && h('p', { class: 'quiet-text' }, `Attempt ${row.attempts.indexOf(attempt) + 1} of ${row.attempts.length} with one idempotency key.`),
    section('Request', [
      button('Copy as curl', () => copyCurl(r.number), { class: 'small', 'data-k': 'curl' }),
      button('Copy as Go', () => copy({ path: 'exports/go', query: { request: r.number } }, 'Copied as Go.'), { class: 'small', 'data-k': 'go' }),
    ],
    h('p', { class: 'mono wrap' }, `${r.method} ${r.path}`),
    violation(r),
    formTable(r.form, r.body, 'Fields of the request'),
    headerTable(r.header, 'Request headers')),
    a ? response(a) : section('Response', null, h('p', { class: 'quiet-text' }, 'Not sent yet.')),
    again(r),
  ];
}

export const copyCurl = (number) => copy({ path: 'exports/curl', query: { request: number } }, 'Copied as curl. Set the TWILIO_… variables before you run it.');

function violation(r) {
  return r.violation && h('div', { class: 'note', 'data-tone': 'bad' }, h('p', null, 'The request violates the contract of the API: ', h('strong', null, r.violation)),
    h('p', null, 'Its form is not stored, because an invalid request may contain anything.'));
}

function response(a) {
  const mark = statusMark(a.status);
  return section('Response', null,
    h('p', { class: 'outcome', 'data-tone': mark.tone }, `${signs[mark.tone]} ${a.status ? `Status ${a.status}` : 'No response was sent'}`, a.code ? `, Twilio error code ${a.code}` : '', a.duration ? ` · ${took(a.duration / 1e6)}` : ''),
    effect(a),
    a.status ? bodyBlock(a.body) : null, headerTable(a.header, 'Response headers'));
}

// effect says whether the request took effect, which a client cannot know if the
// response is lost.
function effect(a) {
  if (a.replayed) return h('p', { class: 'note', 'data-tone': 'wait' }, 'Replayed: the key was used before, so Twilio returned its first response and the request had no further effect.');
  if (!a.fault) return null;
  return h('p', { class: 'note', 'data-tone': 'warn' }, `Injected fault: ${a.fault}. `,
    h('strong', null, a.committed ? 'The request took effect nevertheless.' : 'The request had no effect.'));
}

// again sends the request again, unchanged or edited.
function again(r) {
  const editor = h('div', null);
  const send = (key, form) => run(`requests/${r.number}/again`, { key, form }, 'Sent again. See the newest row.');
  return section('Send it again', null,
    h('p', { class: 'quiet-text' }, 'With the same idempotency key, Twilio replays its first response. With a new key it is a new request.'),
    h('div', { class: 'buttons' }, button('Same key', () => send('same'), { class: 'small', 'data-k': 'same' }), button('New key', () => send('new'), { class: 'small', 'data-k': 'new' })),
    folded('Edit before sending', editor, () => editor.children.length === 0 && show(editor, edit(r, send))));
}

function edit(r, send) {
  const names = Object.entries(r.form ?? {}).filter(([name]) => name !== 'IdempotencyKey');
  const inputs = names.map(([name, v]) => [name, h('input', { value: [v].flat()[0] ?? '', 'aria-label': name, autocomplete: 'off', spellcheck: 'false' })]);
  const changes = () => Object.fromEntries(inputs.filter(([name, input]) => input.value !== ([r.form[name]].flat()[0] ?? '')).map(([name, input]) => [name, input.value === '' ? null : input.value]));
  return [
    h('div', { class: 'edit' }, inputs.map(([name, input]) => h('label', { class: 'field' }, h('span', { class: 'field-name' }, name), input))),
    h('p', { class: 'quiet-text' }, 'Empty fields are left out.'),
    h('div', { class: 'buttons' }, button('Send with a new key', () => send('new', changes()), { class: 'small primary' }), button('Send with the same key', () => send('same', changes()), { class: 'small' })),
  ];
}
