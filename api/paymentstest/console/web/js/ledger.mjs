// The gateway's ledger: every verdict, marking sessions that were charged twice.

import { declined } from './rowtext.mjs';

// ledger returns the verdicts among entries, newest first.
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
