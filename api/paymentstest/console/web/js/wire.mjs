// Draws the wire of the selected row: what was sent, what came back.

import { button, h, show } from './dom.mjs';
import { see, store } from './store.mjs';
import { causeOf } from './rows.mjs';
import { declined, describe, faultText } from './rowtext.mjs';
import { reveal, selectedItem } from './timeline.mjs';
import { keepFocus } from './focus.mjs';
import { copy } from './acts.mjs';
import { write } from './route.mjs';
import { requestParts } from './wire-request.mjs';
import { callbackParts } from './wire-callback.mjs';
import { captureName, capital, closingName, errorName, ordinal } from './words.mjs';
import { clock, groups, money, took } from './format.mjs';

// openWire fills a panel and returns how to bring it up to date.
export function openWire(root) {
  let shown = '';
  const draw = () => {
    const item = selectedItem();
    const state = item ? `${store.see.row} ${item.row.version}` : '';
    if (state === shown && state !== '') return;
    shown = state;
    keepFocus(root, () => show(root, item ? parts(item) : nothing()));
  };
  draw();
  return draw;
}

function nothing() {
  return [h('p', { class: 'big' }, 'No row selected'),
    h('p', null, 'Select a row of the time line, by a click or with j and k, to see exactly what was sent and what came back.')];
}

function parts({ row, part }) {
  const said = describe(row);
  return [
    h('div', { class: 'wire-head' },
      h('p', { class: 'big' }, said.title),
      h('p', { class: 'quiet-text' }, `#${row.id} · ${clock(row.time)} · `, button('Copy link', () => copy(linkTo(row), 'Copied. The link works for whoever has opened this console.'), { class: 'link', 'data-k': 'link' }), origin(row)),
      row.faults.length > 0 && h('p', { class: 'note', 'data-tone': 'warn' }, `Broken on purpose: ${row.faults.map(faultText).join('; ')}.`),
      row.assumption && h('p', { class: 'note', 'data-tone': 'wait' }, 'Nobody outside Twilio knows this for certain. It rests on the assumption ',
        button(row.assumption, () => see({ panel: 'assumptions' }), { class: 'link' }), '.')),
    (kinds[row.kind] ?? plain)(row, part),
  ];
}

// linkTo is the address of a row.
const linkTo = (row) => location.origin + location.pathname + write({ call: row.call, row: String(row.id), panel: 'wire' });

// origin leads to the row that brought this one about.
function origin(row) {
  const cause = causeOf(store.rows, row);
  return cause && [' · because of ', button(`#${cause.id} ${describe(cause).title}`, () => reveal(cause.id), { class: 'ref' })];
}

const kinds = {
  request: (row, part) => requestParts(row, row.attempts.at(part)),
  callback: (row, part) => callbackParts(row, row.deliveries.at(part)),
  entry: entryParts,
  keys: (row) => keyTable(row),
  gateway: gatewayParts,
};

function entryParts(row) {
  const p = row.prompt;
  return [
    pairs([
      ['Asked for', capital(captureName(p.capture))], ['Asked', p.times ? `the ${ordinal(p.times)} time` : ''],
      ['Wait between keys', p.timeout ? `at most ${took(p.timeout / 1e6)}` : ''], ['Ended because', row.closed ? capital(row.error ? errorName(row.error) : closingName(row.closed)) : 'Still open'],
      ['As callbacks show it', groups(row.masked)],
    ]),
    h('p', { class: 'quiet-text' }, 'Digits are masked where they are typed: neither this page nor the stream ever has them.'),
    keyTable(row),
  ];
}

function keyTable(row) {
  return row.keys.length > 0 && h('table', { class: 'data' }, h('caption', null, 'Keys'),
    h('thead', null, h('tr', null, ['Entry', 'Time', 'Key', 'Shown as'].map((t) => h('th', { scope: 'col' }, t)))),
    h('tbody', null, row.keys.map((k) => h('tr', null, h('td', null, `#${k.number}`), h('td', { class: 'mono' }, clock(k.time)), h('td', { class: 'mono' }, k.key), h('td', { class: 'mono' }, k.masked ?? '')))));
}

function gatewayParts(row) {
  const g = row.asked ?? {}, d = row.decided;
  return [pairs([
    ['Asked to', g.operation === 'tokenize' ? 'create a token' : 'charge'], ['Amount', money(g.amount, g.currency)], ['Connector', g.connector], ['Method', g.method],
    ['Verdict', d ? (declined(d) ? `declined${d.code ? ` with code ${d.code}` : ''}` : 'approved') : g.held ? 'waits for you' : 'not decided yet'], ['Reason given', d?.connectorError], ['Takes', g.delay ? took(g.delay / 1e6) : ''],
  ]), button('Open the gateway desk', () => see({ panel: 'gateway' }))];
}

function plain(row) {
  return pairs([['What', describe(row).title], ['Detail', describe(row).detail], ['Call', row.call], ['Session', row.session]]);
}

// pairs is a list of names and values, without the empty ones.
export function pairs(list) {
  return h('dl', { class: 'terms' }, list.filter(([, v]) => v !== '' && v !== undefined && v !== null).map(([k, v]) => [h('dt', null, k), h('dd', null, v)]));
}
