// The gateway's book: every verdict, with what was charged twice for one session.

import { declined } from './rowtext.mjs';

// ledger is the verdicts among entries, newest first.
export function ledger(entries) {
  const charged = new Map(), list = [];
  for (const e of entries) {
    if (e.kind !== 'gateway.decided') continue;
    const g = e.gateway, approved = !declined(g), charge = g.operation !== 'tokenize';
    const before = charged.get(e.session) ?? 0;
    if (approved && charge) charged.set(e.session, before + 1);
    list.unshift({ number: e.number, session: e.session, charge, approved, amount: g.amount, currency: g.currency, code: g.code, twice: approved && charge && before > 0 });
  }
  return list;
}
