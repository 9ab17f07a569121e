// The panel Export: downloads, a Go test and a scenario.

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
  const choices = [store.see.call && ['call', 'This call'], currentSession() && ['session', 'This payment'], ['all', 'All calls']].filter(Boolean);
  show(root,
    h('p', null, 'Use what you see in a bug report or a test. Exports never contain digits or auth tokens: they name test cards, and use variables for tokens.'),
    section('Download', null, select(choices, pick.what, (v) => { pick.what = v; refresh(); }, { 'aria-label': 'What to export' }), links,
      h('p', { class: 'quiet-text' }, 'Open a HAR file in the network tools of a browser. The HTML file opens without a server.')),
    program('Go test', 'A test with package paymentstest that replays this call and expects the same results.', 'exports/test', 'Copied as a Go test.'),
    program('Scenario', 'A file for “sandbox run” and “sandbox exec”, or to play here under “Scenarios”.', 'exports/scenario', 'Copied as a scenario.'));
  return () => {};
}

const download = (label, path, query) => h('a', { class: 'button', href: addressOf(path, query), download: '' }, label);

// program shows the run of the call in a form that can be replayed.
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
    h('div', { class: 'buttons' }, button('Show', showIt, { class: 'small', 'aria-label': `Show: ${title}` }), button('Copy', () => copy({ path, query }, done), { class: 'small', 'aria-label': `Copy: ${title}` })), box);
}
