// The person's actions: commands of the API, messages about failures, and keys in
// the order they were pressed.

import { get, post } from './api.mjs';
import { toast } from './toast.mjs';
import { see, store } from './store.mjs';
import { showView } from './views.mjs';
import { sentence } from './words.mjs';

// run posts a command and shows its failure. It returns the response, or null.
export async function run(path, body, done) {
  try {
    const data = await post(path, body);
    if (done) toast(done, 'ok');
    return data || {};
  } catch (e) {
    toast(messageOf(e), 'bad');
    return null;
  }
}

// messageOf returns a failure as a sentence, with the simulated Twilio's error code.
export function messageOf(e) {
  const twilio = e.twilio?.code ? ` (Twilio error code ${e.twilio.code})` : '';
  return sentence(`${e.message.replace(/\.$/, '')}${twilio}`);
}

let waiting = '', sending = false;

// pressKeys sends keys, one request at a time. Keys pressed during a request are
// sent together in the next one.
export async function pressKeys(call, keys) {
  waiting += keys;
  if (sending) return;
  sending = true;
  while (waiting) {
    const now = waiting.slice(0, 64);
    waiting = waiting.slice(64);
    if (!(await run(`calls/${call}/keys`, { keys: now }))) waiting = '';
  }
  sending = false;
}

// startSample starts a call with a payment, without an application.
export async function startSample() {
  const started = await run('sample');
  if (!started) return;
  store.chosen = false;
  see({ call: started.call, session: '', at: '', all: '', panel: '', row: '' });
  showView('phone');
  document.getElementById('phone').focus({ preventScroll: true });
}

// copy copies a text, or an export of the API, to the clipboard.
export async function copy(what, done) {
  try {
    const text = typeof what === 'string' ? what : await get(what.path, what.query);
    await navigator.clipboard.writeText(text);
    toast(done ?? 'Copied.', 'ok');
  } catch (e) {
    toast(e.status === undefined ? 'The browser did not allow copying. Select the text and copy it yourself.' : messageOf(e), 'bad');
  }
}
