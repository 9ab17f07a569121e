// Take it along: exports of what was seen, and scenarios.

import { button, h, select, show } from './dom.mjs';
import { currentSession, store } from './store.mjs';
import { addressOf, get } from './api.mjs';
import { copy, messageOf, run } from './acts.mjs';
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
    goTest());
  return () => {};
}

const download = (label, path, query) => h('a', { class: 'button', href: addressOf(path, query), download: '' }, label);

// goTest is the run of the call as a test in Go.
function goTest() {
  const box = h('div', null);
  const query = { call: store.see.call };
  const showIt = async () => {
    try {
      show(box, block(await get('exports/test', query), true));
    } catch (e) {
      show(box, h('p', { class: 'problem' }, messageOf(e)));
    }
  };
  return store.see.call && section('As a test in Go', null, h('p', { class: 'quiet-text' }, 'A whole test with paymentstest that plays this call again: who pressed what, what broke, what came out.'),
    h('div', { class: 'buttons' }, button('Show it', showIt, { class: 'small' }), button('Copy it', () => copy({ path: 'exports/test', query }, 'Copied as a Go test.'), { class: 'small' })), box);
}

// openScenarios lists the scenarios that ship, to pick one and watch it.
export function openScenarios(root) {
  show(root, h('p', { class: 'quiet-text' }, 'Reading the list…'));
  get('scenarios').then((all) => show(root,
    h('p', null, 'A scenario says who answers and how, what breaks, and what must come out. Pick one and watch it on the time line.'),
    h('ul', { class: 'list' }, all.map((one) => h('li', null, h('span', null, h('strong', null, one.title || one.name), one.text && h('span', { class: 'hint' }, one.text)), button('Play', () => run(`scenarios/${encodeURIComponent(one.name)}/play`, {}, 'It plays: watch the time line.'), { class: 'small', 'aria-label': `Play ${one.title || one.name}` })))),
  ), (e) => show(root, h('p', { class: 'problem' }, e.status === 404 ? 'This console has no scenarios. Play them with: sandbox run FILE' : messageOf(e))));
  return () => {};
}
