// Draws the payment as callback.State folds it: what is captured, what is missing and
// what can happen next, each with the entry that said so. It can also show any earlier
// moment.

import { button, h, select, show } from './dom.mjs';
import { currentSession, onDraw, see, sessionOf, store } from './store.mjs';
import { get } from './api.mjs';
import { captureName, capital, errorName, resultName, sentence } from './words.mjs';
import { groups, money, short } from './format.mjs';
import { reveal } from './timeline.mjs';
import { run, startSample } from './acts.mjs';
import { keepFocus } from './focus.mjs';
import { showView } from './views.mjs';

let state = null, asked = '', busy = false;

// openPayment fills a panel and returns how to bring it up to date.
export function openPayment(root) {
  const draw = () => keepFocus(root, () => show(root, content()));
  draw();
  refresh(draw);
  return () => {
    refresh(draw);
    draw();
  };
}

// refresh reads the state again if the session has new entries.
async function refresh(draw) {
  const sid = currentSession();
  const last = store.entries.findLast((e) => e.session === sid)?.number ?? 0;
  const want = sid && [sid, store.see.at || last].join(' ');
  if (!sid) state = null;
  if (!want || want === asked || busy) return;
  busy = true;
  try {
    state = await get(`sessions/${sid}`, { at: store.see.at });
    asked = want;
  } catch (e) {
    if (e.status !== 404) state = { sid, failure: e.message };
    asked = want;
  }
  busy = false;
  draw();
  refresh(draw); // more entries may have arrived
}

function content() {
  const sid = currentSession(), snap = sessionOf(sid);
  if (!sid) return nothing();
  if (!state || state.sid !== sid) return h('p', { class: 'quiet-text' }, 'Loading the payment…');
  if (state.failure) return h('p', { class: 'problem' }, state.failure);
  const sessions = store.journal.sessions.filter((s) => s.call === store.see.call);
  return [
    sessions.length > 1 && select(sessions.map((s, i) => [s.sid, `Payment ${i + 1}: ${short(s.sid)}`]), sid, (session) => see({ session, at: '' }), { 'aria-label': 'Payment of this call', 'data-k': 'which' }),
    headline(snap),
    moments(),
    actions(snap),
    fields(snap),
    problem(state.lastError),
    terms(snap, sid),
  ];
}

function nothing() {
  return [
    h('p', { class: 'big' }, 'No payment yet'),
    h('p', null, 'Start a sample payment, or start one from your application. This panel then shows which fields are captured and which are missing.'),
  ];
}

// problem shows the last error, until its field is captured.
function problem(error) {
  if (!error || state.captured?.some((c) => c.capture === error.capture && c.by > error.by)) return null;
  return h('p', { class: 'note', 'data-tone': 'warn' }, `Last error: ${captureName(error.capture)}: ${errorName(error.type)}. `, ref(error.by));
}

// headline describes the state of the payment in one sentence.
function headline(snap) {
  const amount = money(state.amount || snap?.amount, state.currency || snap?.currency);
  const what = amount || 'Token for later charges';
  let [tone, line] = ['wait', snap?.capture && !store.see.at ? `Waiting for the caller: ${captureName(snap.capture)}` : 'Waiting for the application to ask for a field'];
  if (state.completed) [tone, line] = state.succeeded ? ['ok', amount ? 'Charged' : 'Token created'] : ['bad', resultName(state.result)];
  else if (atGateway(snap)) line = 'Waiting for the gateway';
  else if (confirming(snap)) line = 'Waiting for the caller to confirm';
  else if (state.canComplete) [tone, line] = ['ok', 'All fields captured: ready to complete'];
  const by = state.completed ? state.resultBy : tone === 'ok' ? state.completeBy : 0;
  return h('div', { class: 'headline', 'data-tone': tone }, h('p', { class: 'amount' }, what), h('p', { class: 'status' }, `${signs[tone]} ${line}`, ' ', ref(by)), reason(), hint(snap));
}

const atGateway = (snap) => snap?.phase === 'completing' && !store.see.at;
const confirming = (snap) => snap?.phase === 'confirming' && !store.see.at;

// reason says why the gateway declined the payment.
function reason() {
  if (!state.completed || !state.code) return null;
  const label = store.about.verdicts.find((v) => String(v.code) === state.code)?.label;
  return h('p', { class: 'hint' }, sentence(`Code ${state.code}${label ? `: ${label}` : ''}`));
}

// hint says what to do next.
function hint(snap) {
  if (state.completed || store.see.at) return null;
  const held = store.held.held?.some((p) => p.session === state.sid);
  const text = atGateway(snap) ? held && 'Next: approve or decline it under “Gateway”.'
    : confirming(snap) ? 'Next: press 1 on the phone to confirm, or 2 to refuse.'
    : snap?.phase === 'capturing' ? 'Next: type on the phone, or press a test card.'
      : state.canComplete ? 'Next: complete the payment.' : state.missing?.length > 0 ? `Next: ask for the ${captureName(next())}.` : '';
  return text && h('p', { class: 'hint' }, text);
}

const signs = { ok: '✓', bad: '✕', wait: '…' };

// ref links to the entry that said so.
function ref(number) {
  return number ? button(`#${number}`, () => reveal(number), { class: 'ref', title: 'Show in the timeline', 'data-k': `ref${number}` }) : null;
}

// moments are the controls that step back to an earlier state.
function moments() {
  const all = state.moments ?? [];
  if (all.length < 2) return null;
  const now = store.see.at ? all.indexOf(Number(store.see.at)) : all.length - 1;
  const go = (i) => see({ at: i >= all.length - 1 ? '' : String(all[i]) });
  return h('div', { class: 'moments', role: 'group', 'aria-label': 'Earlier moments' },
    button('‹', () => go(now - 1), { disabled: now <= 0, 'aria-label': 'One moment back', 'data-k': 'back' }),
    h('input', { type: 'range', min: 0, max: all.length - 1, value: now, 'aria-label': 'Moment', 'aria-valuetext': `entry ${all[now]}`, 'data-k': 'range', onchange: (e) => go(Number(e.target.value)) }),
    button('›', () => go(now + 1), { disabled: now >= all.length - 1, 'aria-label': 'One moment forward', 'data-k': 'on' }),
    store.see.at ? [h('span', { class: 'moment' }, `as of #${store.see.at}`), button('Now', () => see({ at: '' }), { class: 'small', 'data-k': 'now' })] : h('span', { class: 'moment' }, 'as of now'));
}

function fields(snap) {
  const may = !state.completed && !store.see.at;
  const asking = may && snap?.capture;
  const line = (capture, sign, value, by) => h('tr', { 'data-state': sign === '✓' ? 'have' : capture === asking ? 'asked' : 'missing' },
    h('th', { scope: 'row' }, h('span', { class: 'sign', 'aria-hidden': 'true' }, sign), capital(captureName(capture))),
    h('td', { class: 'value' }, value), h('td', null, ref(by)),
    may && h('td', { class: 'act' }, button(sign === '✓' ? 'Again' : 'Ask', () => askFor(capture), { class: sign !== '✓' && capture === next() && !asking ? 'small primary' : 'small', 'data-k': `ask-${capture}`, 'aria-label': `${sign === '✓' ? 'Ask again' : 'Ask'} for the ${captureName(capture)}` })));
  const missing = state.missing ?? [], captured = state.captured ?? [];
  if (captured.length + missing.length === 0) return null;
  return h('table', { class: 'fields' }, h('caption', { class: 'hidden' }, 'Fields of the payment'),
    h('thead', { class: 'hidden' }, h('tr', null, ['Field', 'Value', 'Entry', may && 'Ask'].filter(Boolean).map((t) => h('th', { scope: 'col' }, t)))),
    h('tbody', null, captured.map((c) => line(c.capture, '✓', groups(c.value) || 'captured', c.by)),
      missing.map((m) => line(m.capture, '○', m.capture === asking ? 'entering' : 'missing', m.by))));
}

// askFor asks for a field. A narrow screen then shows the phone, where it is typed.
async function askFor(capture) {
  if (await run(`sessions/${state.sid}/capture`, { capture })) showView('phone');
}

const next = () => state.missing?.[0]?.capture;

// firstAsk is shown until a callback lists the missing fields.
function firstAsk(method) {
  if (state.captured?.length > 0 || state.missing?.length > 0) return null;
  const capture = method === 'ach-debit' ? 'bank-routing-number' : 'payment-card-number';
  return button(`Ask for the ${captureName(capture)}`, () => askFor(capture), { class: 'primary', 'data-k': 'first' });
}

function actions(snap) {
  if (store.see.at) return null;
  if (state.completed) return h('div', { class: 'actions' }, button('Start another sample payment', startSample, { 'data-k': 'another' }));
  const charge = state.amount || snap?.amount;
  return h('div', { class: 'actions' }, firstAsk(state.method || snap?.method),
    button(charge ? 'Complete and charge' : 'Complete and create token', () => run(`sessions/${state.sid}/complete`), { class: state.canComplete && !atGateway(snap) && !confirming(snap) ? 'primary' : '', 'data-k': 'complete', title: state.canComplete ? null : 'Fields are missing: Twilio will refuse this with code 64019' }),
    button('Cancel', () => run(`sessions/${state.sid}/cancel`), { 'data-k': 'cancel' }));
}

function terms(snap, sid) {
  const rows = [['Session', h('span', { class: 'sid' }, sid)], ['Call', snap && h('span', { class: 'sid' }, snap.call)], ['Connector', snap?.connector], ['Method', snap?.method], ['Card', snap?.cardType], ['Token', snap?.tokenType]];
  return h('dl', { class: 'terms' }, rows.filter(([, v]) => v).map(([k, v]) => [h('dt', null, k), h('dd', null, v)]));
}
