// What the person does: commands of the API, their failures as messages, and
// keys in the order they were pressed.

import { get, post } from './api.mjs';
import { toast } from './toast.mjs';
import { see, store } from './store.mjs';
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

// messageOf is a failure as a sentence, with what the simulated Twilio said.
export function messageOf(e) {
  const twilio = e.twilio?.code ? ` (Twilio's code ${e.twilio.code})` : '';
  return sentence(`${e.message.replace(/\.$/, '')}${twilio}`);
}

let waiting = '', sending = false;

// pressKeys sends keys one request after the other; what is pressed meanwhile
// goes together.
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

// startSample begins a call with a payment, without an application.
export async function startSample() {
  const begun = await run('sample');
  if (!begun) return;
  store.chosen = false;
  see({ call: begun.call, session: '', at: '', all: '', panel: '', row: '' });
  document.getElementById('phone').focus({ preventScroll: true });
}

// copy puts a text, or an export of the API, on the clipboard.
export async function copy(what, said) {
  try {
    const text = typeof what === 'string' ? what : await get(what.path, what.query);
    await navigator.clipboard.writeText(text);
    toast(said ?? 'Copied.', 'ok');
  } catch (e) {
    toast(e.status === undefined ? 'The browser does not let the page copy. Select the text and copy it.' : messageOf(e), 'bad');
  }
}
