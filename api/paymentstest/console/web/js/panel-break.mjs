// The panel Faults: faults for requests and callbacks, what each means for the
// application, and which are armed.

import { button, field, h, select, show } from './dom.mjs';
import { store } from './store.mjs';
import { run } from './acts.mjs';
import { capital, operationName, plural } from './words.mjs';

const number = (value, props) => h('input', { type: 'number', value, min: 0, ...props });

export function openBreak(root) {
  const armed = h('div', null);
  show(root,
    h('p', null, 'Responses get lost, servers fail, callbacks arrive twice. Arm a fault to see how your application handles it.'),
    requestForm(), callbackForm(), armed);
  let shown = '';
  const draw = () => {
    const state = JSON.stringify([store.held.faults, store.held.delivery]);
    if (state !== shown) show(armed, armedList());
    shown = state;
  };
  draw();
  return draw;
}

function requestForm() {
  const faults = store.about.faults;
  const pick = { fault: faults[0].name, operation: '', takesEffect: false, times: 1, share: 0 };
  const more = h('div', { class: 'together' }), effect = h('p', { class: 'quiet-text' });
  const after = number(3, { max: 3600 }), delay = number(3000, { step: 500, max: 600000 });
  const refresh = () => {
    const f = faults.find((x) => x.name === pick.fault);
    show(more,
      f.needs?.includes('retryAfter') && field('Retry-After, seconds', after),
      f.needs?.includes('delayMs') && field('Delay, ms', delay),
      f.takesEffect === 'choose' && field('Does the request take effect?', select([['', 'No: it fails before'], ['yes', 'Yes: only the response is lost']], pick.takesEffect ? 'yes' : '', (v) => { pick.takesEffect = v === 'yes'; refresh(); })));
    const takes = f.takesEffect === 'before' || (f.takesEffect === 'choose' && pick.takesEffect);
    effect.textContent = takes ? 'The request takes effect, but your application does not know. If it retries, it must use the same idempotency key.' : 'The request has no effect. It is safe to retry.';
  };
  refresh();
  const arm = () => {
    const f = faults.find((x) => x.name === pick.fault);
    const body = { fault: pick.fault };
    if (pick.operation) body.operation = pick.operation;
    if (f.takesEffect === 'choose') body.takesEffect = pick.takesEffect;
    if (f.needs?.includes('retryAfter')) body.retryAfter = after.value;
    if (f.needs?.includes('delayMs')) body.delayMs = Number(delay.value);
    if (pick.share) body.share = pick.share;
    body.times = pick.share ? 0 : pick.times;
    run('faults', body, 'Armed. It fires on the next matching request.');
  };
  return h('fieldset', null, h('legend', null, 'Requests from your application'),
    h('div', { class: 'together' },
      field('Request', select([['', 'Any'], ...['create', 'capture', 'complete', 'cancel'].map((o) => [o, operationName(o)])], '', (v) => { pick.operation = v; })),
      field('How often', select([['1', 'The next one'], ['2', 'The next two'], ['0', 'Every one'], ['0.2', '20 % of them'], ['0.5', '50 % of them']], '1', (v) => {
        pick.share = v.includes('.') ? Number(v) : 0;
        pick.times = Number(v);
      }))),
    field('Fault', select(faults.map((f) => [f.name, capital(f.label)]), pick.fault, (v) => { pick.fault = v; refresh(); })),
    more, effect, button('Arm', arm, { class: 'primary' }));
}

function callbackForm() {
  const ways = store.about.deliveries;
  const pick = { way: ways.find((d) => d.name !== 'once')?.name ?? ways[0].name, times: 1, share: 0 };
  const delay = number(3000, { step: 500, max: 600000 }), more = h('div', { class: 'together' });
  const refresh = () => show(more, ways.find((d) => d.name === pick.way)?.needs?.includes('delayMs') && field('Delay, ms', delay));
  refresh();
  const arm = () => {
    const needs = ways.find((d) => d.name === pick.way)?.needs ?? [];
    run('delivery', { way: pick.way, ...(pick.share ? { times: 0, share: pick.share } : { times: pick.times }), ...(needs.includes('delayMs') ? { delayMs: Number(delay.value) } : {}) }, 'Armed. It applies to the next callbacks.');
  };
  return h('fieldset', null, h('legend', null, 'Callbacks to your application'),
    h('div', { class: 'together' },
      field('Delivery', select(ways.map((d) => [d.name, capital(d.label)]), pick.way, (v) => { pick.way = v; refresh(); })),
      field('How often', select([['1', 'The next one'], ['0', 'Every one'], ['0.2', '20 % of them']], '1', (v) => {
        pick.share = v.includes('.') ? Number(v) : 0;
        pick.times = Number(v);
      }))),
    more, button('Arm', arm, { class: 'primary' }));
}

const next = (n) => (n === 1 ? 'the next one' : `the next ${n}`);

function armedList() {
  const faults = store.held.faults ?? [], rule = store.held.delivery;
  const ruled = rule?.way && rule.way !== 'once';
  const labels = Object.fromEntries([...store.about.faults, ...store.about.deliveries].map((f) => [f.name, capital(f.label)]));
  const often = (f) => (f.share ? `${Math.round(f.share * 100)} % of them` : f.times === 0 ? 'every one' : next(f.left || f.times || 1));
  if (faults.length === 0 && !ruled) return h('p', { class: 'quiet-text' }, 'Nothing is armed: requests and callbacks work normally.');
  return [h('h3', null, `Armed: ${plural(faults.length + (ruled ? 1 : 0), 'fault')}`), h('ul', { class: 'list' },
    faults.map((f) => h('li', null, h('span', null, h('strong', null, labels[f.fault] ?? f.fault), ` · ${f.operation ? operationName(f.operation) : 'any request'} · ${often(f)}`, f.takesEffect ? ' · takes effect' : ''),
      button('Disarm', () => run('faults/disarm', { id: f.id }), { class: 'small', 'aria-label': `Disarm ${labels[f.fault] ?? f.fault}` }))),
    ruled && h('li', null, h('span', null, h('strong', null, labels[rule.way] ?? rule.way), ` · callbacks · ${often(rule)}`), button('Disarm', () => run('delivery', { way: 'once', times: 0 }), { class: 'small', 'aria-label': `Disarm ${labels[rule.way] ?? rule.way}` })))];
}
