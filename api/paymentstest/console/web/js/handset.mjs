// Draws the caller's phone: the prompt, the digits masked as in callbacks, the keys,
// and buttons that enter a test card or a mistake.

import { button, byId, h, select, show, text } from './dom.mjs';
import { changed, onDraw, sessionOf, store } from './store.mjs';
import { keysOf, phoneOf, secondsLeft } from './phone.mjs';
import { captureHint, captureName, capital, closingName, errorName, mistakeName, ordinal, resultName } from './words.mjs';
import { groups, short } from './format.mjs';
import { pressKeys, run } from './acts.mjs';

const letters = { 1: '', 2: 'ABC', 3: 'DEF', 4: 'GHI', 5: 'JKL', 6: 'MNO', 7: 'PQRS', 8: 'TUV', 9: 'WXYZ', '*': 'end', 0: '', '#': 'enter' };

export function startHandset() {
  const phone = byId('phone');
  byId('keypad').append(...['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'].map(keyButton));
  byId('hang-up').addEventListener('click', () => run(`calls/${store.see.call}/hang-up`));
  phone.addEventListener('keydown', (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || !/^[0-9*#]$/.test(e.key) || /^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName)) return;
    e.preventDefault();
    press(e.key);
  });
  phone.addEventListener('paste', (e) => {
    const keys = keysOf(e.clipboardData?.getData('text'));
    if (!keys) return;
    e.preventDefault();
    press(keys);
  });
  onDraw('phone', draw);
  setInterval(() => (phoneOf(store.phones, store.see.call).prompt ? changed('phone') : undefined), 1000);
}

function keyButton(key) {
  return h('button', { type: 'button', class: 'key', 'data-press': key, onclick: () => press(key) },
    h('span', { class: 'digit' }, key), ' ', h('span', { class: 'letters' }, letters[key]));
}

function press(keys) {
  if (!store.see.call) return;
  const key = document.querySelector(`[data-press="${keys.at(-1)}"]`);
  key?.classList.add('down');
  setTimeout(() => key?.classList.remove('down'), 140);
  pressKeys(store.see.call, keys);
}

let drawnEntries = '';

function draw() {
  const phone = phoneOf(store.phones, store.see.call), on = screenOf(phone);
  text(byId('screen-label'), on.label);
  text(byId('screen-what'), on.what);
  text(byId('screen-digits'), on.digits);
  text(byId('screen-hint'), on.hint);
  const left = phone.prompt ? secondsLeft(phone, Date.now()) : null;
  text(byId('screen-time'), left === null ? '' : `${left < 120 ? `${left} s` : `${Math.ceil(left / 60)} min`} for the next key`);
  byId('screen').dataset.state = on.state;
  const live = Boolean(store.see.call) && !phone.ended;
  for (const key of byId('keypad').children) key.disabled = !live;
  byId('hang-up').disabled = !live;
  byId('sample-again').hidden = store.see.call && !phone.ended && on.state !== 'done';
  text(byId('sample-again'), store.see.call ? 'Start another sample payment' : 'Start a sample payment');
  drawEntries(phone);
}

const closedLabels = { complete: 'Entered', refused: 'Refused', timeout: 'Timed out' };

// screenOf returns the content of the phone's screen.
function screenOf(phone) {
  const session = sessionOf(phone.session);
  if (!store.see.call) return { state: 'none', label: 'Phone', what: 'No call yet', digits: '', hint: 'Start a sample payment, or start one from your application.' };
  if (phone.prompt) {
    const p = phone.prompt, again = p.times > 1 ? `, ${ordinal(p.times)} time` : '';
    if (p.confirm) return { state: 'asked', label: 'Twilio asks the caller to', what: 'Confirm the payment', digits: '', hint: 'Press 1 to confirm, 2 to refuse.' };
    return { state: 'asked', label: 'Twilio asks the caller for', what: capital(captureName(p.capture)) + again, digits: groups(phone.masked), hint: phone.masked ? '' : `${capital(captureHint(p.capture))}.` };
  }
  if (phone.ended) return { state: 'ended', label: 'Call ended', what: session?.result ? resultName(session.result) : 'The caller hung up', digits: '', hint: 'Start another sample payment, or a new call under “Calls”.' };
  if (session?.phase === 'ended') return { state: 'done', label: 'Payment ended', what: resultName(session.result) || 'Payment ended', digits: '', hint: 'The call continues. Your application can start another payment on it.' };
  if (session?.phase === 'completing') return { state: 'idle', label: 'All fields entered', what: 'Paying', digits: '', hint: 'The payment gateway decides.' };
  const last = phone.closed;
  if (last) {
    const entered = last.reason === 'complete';
    return { state: 'idle', label: closedLabels[last.reason] ?? 'Not entered', what: capital(captureName(last.capture)), digits: groups(last.masked),
      hint: entered ? 'Next, the application asks for another field or completes.' : `${capital(last.error ? errorName(last.error) : closingName(last.reason))}. The application can ask again.` };
  }
  return { state: 'idle', label: 'In a call with the agent', what: 'No prompt', digits: '', hint: phone.session ? 'Next, the application asks for a field.' : 'Next, the application starts a payment.' };
}

// other is a scripted caller that was not chosen on this page.
const other = 'other';

// drawEntries shows the test cards and mistakes for the current prompt.
function drawEntries(phone) {
  const capture = phone.prompt?.confirm ? '' : (phone.prompt?.capture ?? '').replace(/-matcher$/, '');
  const caller = phone.caller || (phone.scripted ? other : '');
  const state = [store.see.call, capture, caller, Boolean(store.about)].join(' ');
  if (!store.about || state === drawnEntries) return;
  drawnEntries = state;
  const bank = capture.startsWith('bank-');
  const entry = (label, body, title) => button(label, () => run(`calls/${store.see.call}/entry`, body), { class: 'chip', disabled: !capture, title });
  show(byId('cards'), store.about.cards.filter((c) => (capture ? (c.method === 'ach-debit') === bank : c.method !== 'ach-debit'))
    .map((c) => entry(c.label, { card: c.name }, c.last ? `Ends in ${c.last}` : null)));
  const mistakes = store.about.mistakes.filter((m) => !capture || m.captures.includes(capture));
  show(byId('mistakes'), mistakes.slice(0, capture ? 9 : 4).map((m) => entry(mistakeName(m.name), { mistake: m.name }, capital(m.label))));
  byId('mistakes-box').hidden = mistakes.length === 0;
  const callers = [['', 'You'], ...(caller === other ? [[other, 'Another script']] : []), ...store.about.callers.map((c) => [c.name, `Script: ${c.label}`])];
  show(byId('caller-choice'), select(callers, caller, (chosen) => {
    if (chosen === other) return;
    phone.caller = chosen;
    phone.scripted = Boolean(chosen);
    run(`calls/${store.see.call}/caller`, { caller: chosen });
  }, { 'aria-label': 'Who presses the keys', disabled: !store.see.call || phone.ended }));
  text(byId('phone-call'), store.see.call ? short(store.see.call) : '');
}

