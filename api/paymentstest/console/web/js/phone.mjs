// The state of the callers' phones, from the snapshot and then from every entry.

// newPhones returns a map of call to phone.
export const newPhones = () => new Map();

// phoneOf returns the phone of a call, which it creates on first use.
export function phoneOf(phones, call) {
  if (!phones.has(call)) {
    phones.set(call, { call, ended: false, scripted: false, caller: '', session: '', prompt: null, masked: '', deadline: '', closed: null });
  }
  return phones.get(call);
}

// fromSnapshot sets the phones of all calls from a snapshot.
export function fromSnapshot(phones, snapshot) {
  phones.clear();
  for (const c of snapshot.calls ?? []) {
    const phone = phoneOf(phones, c.sid);
    phone.ended = Boolean(c.ended);
    phone.scripted = Boolean(c.scripted);
    phone.session = c.session ?? '';
    if (!c.prompt) continue;
    ask(phone, c.prompt);
    if (c.key) press(phone, c.key);
  }
}

// onEntry applies an entry and returns the phone it changed, if any.
export function onEntry(phones, e) {
  if (!e.call) return undefined;
  const phone = phoneOf(phones, e.call);
  switch (e.kind) {
    case 'call.ended':
      phone.ended = true;
      phone.prompt = null;
      break;
    case 'session.opened':
      phone.session = e.session;
      phone.prompt = phone.closed = null;
      break;
    case 'session.ended':
      phone.prompt = null;
      break;
    case 'prompt.opened':
      ask(phone, e.prompt);
      break;
    case 'prompt.closed':
      phone.closed = { capture: phone.prompt?.capture ?? e.prompt.capture, reason: e.prompt.reason, error: e.prompt.errorType ?? '', masked: phone.masked };
      phone.prompt = null;
      break;
    case 'key.pressed':
      if (!e.key.lost) press(phone, e.key);
      break;
    case 'session.changed': // shows an accepted entry masked as in callbacks
      if (phone.closed) phone.closed.masked = e.state.captured?.[phone.closed.capture] ?? phone.closed.masked;
      break;
  }
  return phone;
}

function ask(phone, prompt) {
  phone.prompt = prompt;
  phone.masked = phone.deadline = '';
  phone.scripted = Boolean(prompt.scripted);
  phone.closed = null;
}

function press(phone, key) {
  phone.masked = key.masked ?? phone.masked;
  phone.deadline = key.deadline ?? '';
}

// secondsLeft returns the seconds left for the next key. It is null before the first
// digit, which starts the clock.
export function secondsLeft(phone, now) {
  if (!phone.prompt || !phone.deadline) return null;
  return Math.max(0, Math.ceil((Date.parse(phone.deadline) - now) / 1000));
}

// keysOf removes everything from a pasted text that is not a key of a phone.
export const keysOf = (text = '') => text.replace(/[^0-9*#]/g, '').slice(0, 64);
