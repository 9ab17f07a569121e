// A narrow screen shows one of three views at a time: phone, timeline or side panel.
// Wide screens show all.

import { byId, set } from './dom.mjs';

export function startViews() {
  for (const item of byId('views').children) item.addEventListener('click', () => showView(item.dataset.view));
  showView('phone');
}

export function showView(name) {
  document.body.dataset.view = name;
  for (const item of byId('views').children) set(item, 'aria-pressed', String(item.dataset.view === name));
}
