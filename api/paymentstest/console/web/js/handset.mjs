// Draws the caller's phone: what is asked, the digits as callbacks mask them,
// the keys, and buttons that answer with a test card or with a mistake.

import { button, byId, h, select, show, text } from './dom.mjs';
import { changed, onDraw, sessionOf, store } from './store.mjs';
import { keysOf, phoneOf, secondsLeft } from './phone.mjs';
import { captureHint, captureName, capital, closingName, errorName, mistakeName, ordinal, resultName } from './words.mjs';
import { groups, short } from './format.mjs';
import { pressKeys, run } from './acts.mjs';

const letters = { 1: '', 2: 'ABC', 3: 'DEF', 4: 'GHI', 5: 'JKL', 6: 'MNO', 7: 'PQRS', 8: 'TUV', 9: 'WXYZ', '*': 'ends it', 0: '', '#': 'enter' };

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

let drawnAnswers = '';

function draw() {
  const phone = phoneOf(store.phones, store.see.call), on = screenOf(phone);
  text(byId('screen-label'), on.label);
  text(byId('screen-what'), on.what);
  text(byId('screen-digits'), on.digits);
  text(byId('screen-hint'), on.hint);
  const left = phone.prompt ? secondsLeft(phone, Date.now()) : null;
  text(byId('screen-time'), left === null ? '' : `${left} s for the next key`);
  byId('screen').dataset.state = on.state;
  const live = Boolean(store.see.call) && !phone.ended;
  for (const key of byId('keypad').children) key.disabled = !live;
  byId('hang-up').disabled = !live;
  byId('sample-again').hidden = store.see.call && !phone.ended && on.state !== 'done';
  text(byId('sample-again'), store.see.call ? 'Start another sample payment' : 'Start a sample payment');
  drawAnswers(phone);
}

// screenOf is what stands on the phone's screen.
function screenOf(phone) {
  const session = sessionOf(phone.session);
  if (!store.see.call) return { state: 'none', label: 'No call yet', what: 'Nobody is on the phone', digits: '', hint: 'Start a sample payment, or let your application start one.' };
  if (phone.prompt) {
    const p = phone.prompt, again = p.times > 1 ? `, ${ordinal(p.times)} time` : '';
    if (p.confirm) return { state: 'asked', label: 'Twilio asks the caller', what: 'Confirm the payment', digits: '', hint: 'Press 1 to pay, 2 to cancel.' };
    return { state: 'asked', label: 'The caller is asked for', what: capital(captureName(p.capture)) + again, digits: groups(phone.masked), hint: phone.masked ? '' : `${capital(captureHint(p.capture))}.` };
  }
  if (phone.ended) return { state: 'ended', label: 'Call ended', what: session?.result ? resultName(session.result) : 'The caller hung up', digits: '', hint: '' };
  if (session?.phase === 'ended') return { state: 'done', label: 'Payment ended', what: resultName(session.result) || 'Payment ended', digits: '', hint: 'The call goes on. A new payment can be started on it.' };
  const said = phone.closed;
  if (said) {
    const taken = said.reason === 'complete';
    return { state: 'idle', label: taken ? 'Entered' : 'Not taken', what: capital(captureName(said.capture)), digits: groups(said.masked),
      hint: taken ? 'The application asks for the next field, or completes.' : `${capital(said.error ? errorName(said.error) : closingName(said.reason))}. The application asks again.` };
  }
  return { state: 'idle', label: 'On the phone with the agent', what: 'Nothing is asked', digits: '', hint: phone.session ? 'The application asks for a field next.' : 'The application starts a payment next.' };
}

// drawAnswers shows the cards and mistakes that fit what is asked.
function drawAnswers(phone) {
  const capture = phone.prompt?.confirm ? '' : (phone.prompt?.capture ?? '').replace(/-matcher$/, '');
  const state = [store.see.call, capture, phone.caller, Boolean(store.about)].join(' ');
  if (!store.about || state === drawnAnswers) return;
  drawnAnswers = state;
  const bank = capture.startsWith('bank-');
  const answer = (label, body, title) => button(label, () => run(`calls/${store.see.call}/entry`, body), { class: 'chip', disabled: !capture, title });
  show(byId('cards'), store.about.cards.filter((c) => (capture ? (c.method === 'ach-debit') === bank : c.method !== 'ach-debit'))
    .map((c) => answer(c.label, { card: c.name }, c.last ? `Ends in ${c.last}` : null)));
  const mistakes = store.about.mistakes.filter((m) => !capture || m.captures.includes(capture));
  show(byId('mistakes'), mistakes.slice(0, capture ? 9 : 4).map((m) => answer(mistakeName(m.name), { mistake: m.name }, capital(m.label))));
  byId('mistakes-box').hidden = mistakes.length === 0;
  const callers = [['', 'You'], ...store.about.callers.map((c) => [c.name, `A script that ${c.label}`])];
  show(byId('caller-choice'), select(callers, phone.caller, (caller) => {
    phone.caller = caller;
    run(`calls/${store.see.call}/caller`, { caller });
  }, { 'aria-label': 'Who presses the keys', disabled: !store.see.call || phone.ended }));
  text(byId('phone-call'), store.see.call ? short(store.see.call) : '');
}

