// Starts the page: reads the token in the address, and starts panels, shortcuts and
// the stream.

import { byId } from './dom.mjs';
import { changed, holdWhilePressed, onDraw, see, store } from './store.mjs';
import { post } from './api.mjs';
import { read, tokenIn, write } from './route.mjs';
import { start } from './feed.mjs';
import { startTop } from './top.mjs';
import { startHandset } from './handset.mjs';
import { startTimeline } from './timeline.mjs';
import { startPanels } from './panels.mjs';
import { startKeys } from './keys.mjs';
import { startWelcome } from './welcome.mjs';

let token = tokenIn(location.hash);
Object.assign(store.see, token ? {} : read(location.hash));
store.chosen = Boolean(store.see.call);
if (token) history.replaceState(null, '', location.pathname + location.search); // removes the token from the address bar first

onDraw('route', () => {
  const hash = write({ ...store.see, call: store.chosen ? store.see.call : '' });
  if (hash !== location.hash) history.replaceState(null, '', location.pathname + location.search + hash);
});
addEventListener('hashchange', () => see(read(location.hash)));

holdWhilePressed();
startTop();
startHandset();
startTimeline();
startPanels();
startKeys();
startWelcome();
byId('filter').value = store.see.q;
changed('top', 'phone', 'timeline', 'side');

if (token) {
  try {
    await post('session', { token });
  } catch (e) {
    Object.assign(store.link, { state: 'refused', why: e.message });
    changed('top');
  }
  token = '';
}
if (store.link.state !== 'refused') start();
