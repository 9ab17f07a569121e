// The panel Scenarios: play a shipped scenario or your own.

import { button, field, h, show } from './dom.mjs';
import { store } from './store.mjs';
import { get } from './api.mjs';
import { messageOf, run } from './acts.mjs';
import { block, folded, section } from './parts.mjs';
import { choose } from './panel-calls.mjs';
import { capital } from './words.mjs';

export function openScenarios(root) {
  const plays = h('div', null), list = h('div', null, h('p', { class: 'quiet-text' }, 'Loading the scenarios…'));
  show(root, h('p', null, 'A scenario describes a caller, faults and the expected results. Play one and watch it in the timeline.'), plays, list, own());
  get('scenarios').then((all) => show(list, h('ul', { class: 'list' }, all.map(line))), (e) => show(list, h('p', { class: 'problem' }, messageOf(e))));
  let shown = '';
  const draw = () => {
    const state = JSON.stringify(store.held.plays);
    if (state !== shown) show(plays, played(store.held.plays ?? []));
    shown = state;
  };
  draw();
  return draw;
}

function line(one) {
  return h('li', null,
    h('div', { class: 'grow' }, h('strong', null, capital(one.title || one.name)), one.text && h('span', { class: 'hint' }, one.text), folded('Show file', block(one.file, true))),
    button('Play', () => play(`scenarios/${encodeURIComponent(one.name)}/play`, {}), { class: 'small', 'aria-label': `Play ${one.title || one.name}` }));
}

async function play(path, body) {
  const started = await run(path, body);
  if (started) choose(started.call, 'scenarios');
}

// played lists the latest runs, newest first.
function played(plays) {
  if (plays.length === 0) return null;
  return section('Latest runs', null, h('ul', { class: 'list' }, plays.toReversed().slice(0, 5).map((p) => h('li', null,
    h('div', { class: 'grow' },
      button(capital(p.title || p.name), () => choose(p.call, 'scenarios'), { class: 'link' }),
      p.report && folded('Show report', block(p.report))),
    h('span', { class: 'outcome nowrap', 'data-tone': p.running ? '' : p.passed ? 'ok' : 'bad' }, p.running ? '… running' : p.passed ? '✓ passed' : '✕ failed')))));
}

function own() {
  const text = h('textarea', { rows: 10, spellcheck: 'false', class: 'mono', placeholder: 'Paste a scenario file, for example from “Export”.' });
  return folded('Play your own scenario', h('div', { class: 'stack' }, field('Scenario', text), button('Play', () => play('scenarios/play', { text: text.value }), { class: 'primary' })));
}
