// The panel Connect: code to copy for each language.

import { button, h, show } from './dom.mjs';
import { store } from './store.mjs';
import { copy } from './acts.mjs';
import { block, section } from './parts.mjs';

const languages = { go: 'Go', node: 'Node', python: 'Python', curl: 'curl' };
let chosen = '';

export function openConnect(root) {
  const draw = () => show(root, intro(), connectTabs(draw));
  draw();
  return () => {};
}

function intro() {
  return [
    h('p', null, 'Point your application at this address instead of api.twilio.com. Your SDK works unchanged.'),
    section('Address', button('Copy', () => copy(store.about.baseURL), { class: 'small' }), h('p', { class: 'mono wrap' }, store.about.baseURL)),
    section('Account', button('Copy', () => copy(store.about.accountSID), { class: 'small' }), h('p', { class: 'mono wrap' }, store.about.accountSID),
      h('p', { class: 'quiet-text' }, 'The auth token is printed where you started the sandbox. This page does not know it.')),
  ];
}

// connectTabs shows the languages and the code of the selected one.
export function connectTabs(redraw) {
  const all = store.about?.snippets ?? [];
  const now = all.find((s) => s.language === chosen) ?? all[0];
  if (!now) return null;
  return h('div', { class: 'snippets' },
    h('div', { class: 'segments', role: 'group', 'aria-label': 'Language' }, all.map((s) => button(languages[s.language] ?? s.language, () => {
      chosen = s.language;
      redraw();
      document.querySelector(`[data-k="lang-${s.language}"]`)?.focus();
    }, { 'aria-pressed': String(s === now), 'data-k': `lang-${s.language}` }))),
    now.title && h('p', { class: 'quiet-text' }, now.title), block(now.text, true));
}
