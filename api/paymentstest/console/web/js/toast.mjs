// Short messages at the bottom of the page. Failures stay until they are closed.
// A message that is already shown moves to the end: ten keys that nothing asked for
// are one message.

import { button, byId, h } from './dom.mjs';

const signs = { ok: '✓', bad: '✕' };

export function toast(message, tone = 'ok') {
  const box = byId('toasts');
  const item = h('div', { class: 'toast', 'data-tone': tone, role: tone === 'bad' ? 'alert' : 'status' },
    h('span', { class: 'sign', 'aria-hidden': 'true' }, signs[tone]), h('p', null, message),
    button('Close', () => item.remove(), { class: 'quiet' }));
  for (const shown of [...box.children]) {
    if (shown.dataset.tone === tone && shown.querySelector('p').textContent === message) shown.remove();
  }
  box.append(item);
  while (box.children.length > 3) box.firstChild.remove();
  if (tone === 'ok') setTimeout(() => item.remove(), 3500);
}

// dismiss closes the last message and returns false if there is none.
export function dismiss() {
  const last = byId('toasts').lastElementChild;
  last?.remove();
  return Boolean(last);
}
