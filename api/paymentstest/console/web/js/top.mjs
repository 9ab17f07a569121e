// Draws the bar at the top, with the state of the connection and the color scheme,
// and the timeline's bar, with the list of calls.

import { byId, h, set, show, text } from './dom.mjs';
import { changed, onDraw, see, store } from './store.mjs';
import { load, save } from './prefs.mjs';
import { saying } from './link.mjs';
import { again } from './feed.mjs';
import { choose, stateOf } from './panel-calls.mjs';
import { pause } from './timeline.mjs';
import { startViews } from './views.mjs';
import { short } from './format.mjs';
import { sentence } from './words.mjs';

export const prefs = load();
const themes = ['', 'light', 'dark'];
const themeNames = { '': 'system', light: 'light', dark: 'dark' };
const themeSigns = { '': '◐', light: '☀', dark: '☾' };

// keep changes a preference and stores it.
export function keep(change) {
  Object.assign(prefs, change);
  save(prefs);
  applyTheme();
}

function applyTheme() {
  set(document.documentElement, 'data-theme', prefs.theme || null);
  text(byId('theme'), themeSigns[prefs.theme]);
  for (const name of ['aria-label', 'title']) set(byId('theme'), name, `Color scheme: ${themeNames[prefs.theme]}`);
}

export function startTop() {
  applyTheme();
  startViews();
  byId('theme').addEventListener('click', () => keep({ theme: themes[(themes.indexOf(prefs.theme) + 1) % themes.length] }));
  byId('reconnect').addEventListener('click', again);
  byId('call').addEventListener('change', (e) => choose(e.target.value, store.see.panel === 'wire' ? '' : store.see.panel));
  byId('call').addEventListener('blur', () => changed('top'));
  byId('scope').addEventListener('change', (e) => see({ all: e.target.checked ? '1' : '' }));
  byId('pause').addEventListener('click', () => pause());
  byId('filter').addEventListener('input', (e) => see({ q: e.target.value }));
  byId('skip').addEventListener('click', (e) => {
    e.preventDefault();
    byId('rows').focus();
  });
  onDraw('top', draw);
}

let drawnCalls = '';

function draw() {
  const said = saying(store.link);
  text(byId('link-word'), said.word);
  byId('link').dataset.tone = said.tone;
  set(byId('link'), 'title', said.text);
  const broken = said.tone === 'bad';
  byId('notice').hidden = !broken;
  text(byId('notice-text'), broken ? `${said.word}. ${sentence(said.text)}` : '');
  byId('reconnect').hidden = store.link.state !== 'lost';
  byId('scope').checked = Boolean(store.see.all);
  set(byId('pause'), 'aria-pressed', String(store.paused));
  text(byId('pause'), store.paused ? 'Resume' : 'Pause');
  drawCalls();
}

// drawCalls lists the newest calls. The panel Calls has all of them.
function drawCalls() {
  const calls = store.journal.calls.slice(-50).toReversed().map((c) => [c.sid, `${short(c.sid)}: ${stateOf(c)}`]);
  if (store.see.call && !calls.some(([sid]) => sid === store.see.call)) calls.push([store.see.call, short(store.see.call)]);
  const state = JSON.stringify([calls, store.see.call]);
  if (state === drawnCalls || document.activeElement === byId('call')) return; // the list may be open
  drawnCalls = state;
  byId('call').disabled = calls.length === 0;
  show(byId('call'), calls.length === 0 ? h('option', null, 'No call yet') : calls.map(([sid, label]) => h('option', { value: sid, selected: sid === store.see.call }, label)));
}

