// Draws the details of the selected row: what was sent and what was returned.

import { button, h, show } from './dom.mjs';
import { see, store } from './store.mjs';
import { causeOf } from './rows.mjs';
import { declined, describe, faultsText } from './rowtext.mjs';
import { reveal, selectedItem } from './timeline.mjs';
import { keepFocus } from './focus.mjs';
import { copy } from './acts.mjs';
import { write } from './route.mjs';
import { requestParts } from './wire-request.mjs';
import { callbackParts } from './wire-callback.mjs';
import { captureName, capital, closingName, errorName, ordinal } from './words.mjs';
import { clock, groups, money, took } from './format.mjs';

// openWire fills a panel and returns a function that updates it.
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
    h('p', null, 'Click a row in the timeline, or use j and k, to see exactly what was sent and what was returned.')];
}

function parts({ row, part }) {
  const said = describe(row);
  return [
    h('div', { class: 'wire-head' },
      h('p', { class: 'big' }, said.title),
      h('p', { class: 'quiet-text' }, `#${row.id} · ${clock(row.time)} · `, button('Copy link', () => copy(linkTo(row), 'Copied. The link works in browsers that have opened this console.'), { class: 'link', 'data-k': 'link' }), origin(row)),
      row.faults.length > 0 && h('p', { class: 'note', 'data-tone': 'warn' }, `Injected fault: ${faultsText(row.faults)}.`),
      row.assumption && h('p', { class: 'note', 'data-tone': 'wait' }, 'Twilio does not document this behavior. It depends on the assumption ',
        button(row.assumption, () => see({ panel: 'assumptions' }), { class: 'link' }), '.')),
    (kinds[row.kind] ?? plain)(row, part),
  ];
}

// linkTo returns the address of a row.
const linkTo = (row) => location.origin + location.pathname + write({ call: row.call, row: String(row.id), panel: 'wire' });

// origin links to the row that caused this one.
function origin(row) {
  const cause = causeOf(store.rows, row);
  return cause && [' · caused by ', button(`#${cause.id} ${describe(cause).title}`, () => reveal(cause.id), { class: 'ref' })];
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
      ['Timeout', p.timeout ? `${took(p.timeout / 1e6)} between keys` : ''], ['Ended because', row.closed ? capital(row.error ? errorName(row.error) : closingName(row.closed)) : 'Still open'],
      [row.closed === 'complete' ? 'Shown in callbacks as' : 'Entered', groups(row.masked)],
    ]),
    h('p', { class: 'quiet-text' }, 'The server masks the digits: this page never receives them.'),
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
    ['Request', g.operation === 'tokenize' ? 'create a token' : 'charge'], ['Amount', money(g.amount, g.currency)], ['Connector', g.connector], ['Method', g.method],
    ['Verdict', d ? (declined(d) ? `declined${d.code ? ` with code ${d.code}` : ''}` : 'approved') : g.held ? 'waiting for you' : 'not decided yet'], ['ConnectorError', d?.connectorError], ['Delay', g.delay ? took(g.delay / 1e6) : ''],
  ]), button('Open the gateway', () => see({ panel: 'gateway' }))];
}

function plain(row) {
  return pairs([['What', describe(row).title], ['Detail', describe(row).detail], ['Call', row.call], ['Session', row.session]]);
}

// pairs shows a list of names and values, without empty ones.
export function pairs(list) {
  return h('dl', { class: 'terms' }, list.filter(([, v]) => v !== '' && v !== undefined && v !== null).map(([k, v]) => [h('dt', null, k), h('dd', null, v)]));
}
