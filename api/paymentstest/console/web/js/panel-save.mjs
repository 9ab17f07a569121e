// Take it along: exports of what was seen.

import { button, h, select, show } from './dom.mjs';
import { currentSession, store } from './store.mjs';
import { addressOf, get } from './api.mjs';
import { copy, messageOf } from './acts.mjs';
import { block, section } from './parts.mjs';

export function openSave(root) {
  const pick = { what: store.see.call ? 'call' : 'all' };
  const links = h('div', { class: 'buttons' });
  const refresh = () => {
    const query = pick.what === 'call' ? { call: store.see.call } : pick.what === 'session' ? { session: currentSession() } : {};
    show(links, download('HAR 1.2', 'exports/har', query), download('One HTML file', 'exports/html', query));
  };
  refresh();
  const choices = [store.see.call && ['call', 'The call that is shown'], currentSession() && ['session', 'The payment that is shown'], ['all', 'Everything']].filter(Boolean);
  show(root,
    h('p', null, 'Carry what you saw into a bug report or a test. Digits are never written: a test card goes by its name. Auth tokens are variables.'),
    section('Download', null, select(choices, pick.what, (v) => { pick.what = v; refresh(); }, { 'aria-label': 'What to export' }), links,
      h('p', { class: 'quiet-text' }, 'HAR opens in the network tools of a browser. The HTML file opens without a server.')),
    program('As a test in Go', 'A whole test with paymentstest that plays this call again: who pressed what, what broke, what came out.', 'exports/test', 'Copied as a Go test.'),
    program('As a scenario', 'A file for “sandbox run” and “sandbox exec”, or to play again here.', 'exports/scenario', 'Copied as a scenario.'));
  return () => {};
}

const download = (label, path, query) => h('a', { class: 'button', href: addressOf(path, query), download: '' }, label);

// program is the run of the call as something to play again.
function program(title, text, path, done) {
  const box = h('div', null);
  const query = { call: store.see.call };
  const showIt = async () => {
    try {
      show(box, block(await get(path, query), true));
    } catch (e) {
      show(box, h('p', { class: 'problem' }, messageOf(e)));
    }
  };
  return store.see.call && section(title, null, h('p', { class: 'quiet-text' }, text),
    h('div', { class: 'buttons' }, button('Show it', showIt, { class: 'small' }), button('Copy it', () => copy({ path, query }, done), { class: 'small' })), box);
}
