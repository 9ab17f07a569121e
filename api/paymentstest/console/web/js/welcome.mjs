// Draws the introduction in the empty timeline: a sample payment to start, and code
// that connects an application.

import { byId, show } from './dom.mjs';
import { onDraw, store } from './store.mjs';
import { connectTabs } from './panel-connect.mjs';
import { startSample } from './acts.mjs';

export function startWelcome() {
  for (const id of ['sample', 'sample-again']) byId(id).addEventListener('click', startSample);
  let shown = '';
  const draw = () => show(byId('welcome-connect'), connectTabs(draw));
  onDraw('side', () => {
    const state = store.about?.instance ?? '';
    if (state === shown) return;
    shown = state;
    byId('sample').disabled = byId('sample-again').disabled = !store.about;
    document.body.classList.toggle('ready', Boolean(store.about));
    draw();
  });
}
