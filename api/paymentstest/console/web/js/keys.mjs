// Performs the shortcuts.

import { byId, h, show } from './dom.mjs';
import { see, store } from './store.mjs';
import { actionFor, shortcuts } from './shortcuts.mjs';
import { move, pause, select, selectedItem, unfold } from './timeline.mjs';
import { again, copyCurl } from './again.mjs';
import { dismiss } from './toast.mjs';
import { prefs, keep } from './top.mjs';
import { showView } from './views.mjs';

const acts = {
  help: () => toggleHelp(),
  filter: () => { showView('timeline'); byId('filter').focus(); byId('filter').select(); },
  down: () => { showView('timeline'); move(1); },
  up: () => { showView('timeline'); move(-1); },
  open: () => store.see.row && (select(store.see.row), showView('side')),
  fold: () => unfold(),
  close,
  again: () => again(selectedItem()),
  curl: () => copyCurl(selectedItem()),
  phone: () => { showView('phone'); byId('phone').focus(); },
  session: () => { see({ panel: '' }); showView('side'); },
  pause: () => pause(),
};

export function startKeys() {
  document.addEventListener('keydown', (e) => {
    if (byId('help').open && e.key !== '?') return;
    const action = actionFor(e, prefs.shortcuts);
    if (!action || (e.target.closest?.('#phone') && /^[0-9*#]$/.test(e.key))) return;
    if (action !== 'close') e.preventDefault();
    acts[action]();
  });
  show(byId('help-keys'), shortcuts.map(([key, , what]) => h('tr', null, h('th', { scope: 'row' }, h('kbd', null, key)), h('td', null, what))));
  byId('help-open').addEventListener('click', toggleHelp);
  byId('help-close').addEventListener('click', toggleHelp);
  byId('shortcuts-on').checked = prefs.shortcuts;
  byId('shortcuts-on').addEventListener('change', (e) => keep({ shortcuts: e.target.checked }));
}

function toggleHelp() {
  const help = byId('help');
  if (help.open) help.close();
  else help.showModal();
}

// close leaves a field, or closes one thing: a message, a panel, the selection.
function close() {
  const active = document.activeElement;
  if (/^(INPUT|SELECT|TEXTAREA)$/.test(active?.tagName)) return active.blur();
  if (dismiss()) return undefined;
  if (store.see.panel) return see({ panel: '' });
  return see({ row: '', at: '' });
}
