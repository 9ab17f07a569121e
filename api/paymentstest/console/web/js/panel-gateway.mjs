// The panel Gateway: what the payment gateway decides, and what it has charged.

import { button, field, h, select, show } from './dom.mjs';
import { see, store } from './store.mjs';
import { run } from './acts.mjs';
import { money, short } from './format.mjs';
import { reveal } from './timeline.mjs';
import { ledger } from './ledger.mjs';

export function openGateway(root) {
  const held = h('div', null), list = h('div', null);
  show(root, h('p', null, 'When the application completes a payment, Twilio asks a payment gateway to charge the card or create a token. Choose what the gateway decides.'), held, rule(), h('h3', null, 'Ledger'), list);
  let shown = '';
  const draw = () => {
    const state = JSON.stringify([store.held.held, store.held.gateway, store.entries.length]);
    if (state === shown) return;
    shown = state;
    show(held, waiting());
    show(list, entries());
  };
  draw();
  return draw;
}

const meaning = {
  server: 'Test cards are approved. Other cards are declined with code 64022.',
  hold: 'Each payment waits here until you approve or decline it.',
};

function rule() {
  const now = store.held.gateway ?? {};
  const codes = store.about.verdicts.filter((v) => v.code);
  const pick = { verdict: now.verdict ?? 'server', code: now.code || codes[0]?.code, times: now.times ?? 0 };
  const seconds = h('input', { type: 'number', min: 0, max: 600, value: (now.afterMs ?? 0) / 1000 }), text = h('input', { maxlength: 100, placeholder: 'insufficient_funds', autocomplete: 'off' });
  const more = h('div', { class: 'stack' });
  const slow = () => pick.verdict === 'approve' || pick.verdict === 'decline';
  const refresh = () => show(more, meaning[pick.verdict] && h('p', { class: 'quiet-text' }, meaning[pick.verdict]), slow() && field('Delay, seconds', seconds), pick.verdict === 'decline' && [
    field('Code', select(codes.map((v) => [String(v.code), `${v.code}: ${v.label}`]), String(pick.code), (v) => { pick.code = Number(v); })),
    field('Error text of the gateway', text, 'Sent as ConnectorError in the callback.')]);
  refresh();
  const save = () => run('gateway', {
    verdict: pick.verdict, times: pick.times,
    ...(pick.verdict === 'decline' ? { code: pick.code, ...(text.value ? { connectorError: text.value } : {}) } : {}),
    ...(Number(seconds.value) > 0 && slow() ? { afterMs: Number(seconds.value) * 1000 } : {}),
  }, 'The gateway follows this rule now.');
  return h('fieldset', null, h('legend', null, 'Rule'),
    h('div', { class: 'together' },
      field('Verdict', select([['server', 'As in TEST mode'], ['approve', 'Approve'], ['decline', 'Decline'], ['hold', 'Ask me each time']], pick.verdict, (v) => { pick.verdict = v; refresh(); })),
      field('For', select([['0', 'Every payment'], ['1', 'The next payment']], String(pick.times), (v) => { pick.times = Number(v); }))),
    more, button('Set the rule', save, { class: 'primary' }));
}

// waiting lists the payments that wait for the person's verdict.
function waiting() {
  const list = store.held.held ?? [];
  if (list.length === 0) return null;
  const code = store.about.verdicts.find((v) => v.code === 64008)?.code ?? store.about.verdicts.find((v) => v.code)?.code;
  return [h('h3', null, 'Waiting for your decision'), h('ul', { class: 'list' }, list.map((p) => h('li', null,
    h('span', null, h('strong', null, money(p.amount, p.currency) || 'Token'), ` · ${short(p.session)}`),
    h('span', { class: 'buttons' }, button('Approve', () => run('gateway/decide', { session: p.session, verdict: 'approve' }), { class: 'small primary' }),
      button(`Decline ${code}`, () => run('gateway/decide', { session: p.session, verdict: 'decline', code }), { class: 'small' })))))];
}

function entries() {
  const list = ledger(store.entries);
  if (list.length === 0) return h('p', { class: 'quiet-text' }, 'No charges or tokens yet. A payment appears here when the application completes it.');
  return h('table', { class: 'data' }, h('caption', { class: 'hidden' }, 'Charges and tokens'),
    h('thead', null, h('tr', null, ['Entry', 'What', 'Session', 'Verdict'].map((t) => h('th', { scope: 'col' }, t)))),
    h('tbody', null, list.map((c) => h('tr', { 'data-tone': c.twice ? 'bad' : null },
      h('td', null, button(`#${c.number}`, () => reveal(c.number), { class: 'ref' })), h('td', null, c.charge ? money(c.amount, c.currency) : 'Token'),
      h('td', null, button(short(c.session), () => see({ session: c.session, panel: '', at: '' }), { class: 'link' })),
      h('td', null, c.twice ? h('strong', { class: 'bad' }, '✕ charged twice') : c.approved ? '✓ approved' : `declined ${c.code}`)))));
}
