// Scenarios: pick one that ships, or write your own, and watch it.

import { button, field, h, show } from './dom.mjs';
import { store } from './store.mjs';
import { get } from './api.mjs';
import { messageOf, run } from './acts.mjs';
import { block, folded, section } from './parts.mjs';
import { choose } from './panel-calls.mjs';
import { capital } from './words.mjs';

export function openScenarios(root) {
  const plays = h('div', null), list = h('div', null, h('p', { class: 'quiet-text' }, 'Reading the list…'));
  show(root, h('p', null, 'A scenario says who answers and how, what breaks, and what must come out. Pick one and watch it on the time line.'), plays, list, own());
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
    h('div', { class: 'grow' }, h('strong', null, capital(one.title || one.name)), one.text && h('span', { class: 'hint' }, one.text), folded('The file', block(one.file, true))),
    button('Play', () => play(`scenarios/${encodeURIComponent(one.name)}/play`, {}), { class: 'small', 'aria-label': `Play ${one.title || one.name}` }));
}

async function play(path, body) {
  const begun = await run(path, body);
  if (begun) choose(begun.call, 'scenarios');
}

// played are the scenarios that were played, newest first.
function played(plays) {
  if (plays.length === 0) return null;
  return section('Played', null, h('ul', { class: 'list' }, plays.toReversed().slice(0, 5).map((p) => h('li', null,
    h('div', { class: 'grow' },
      button(capital(p.title || p.name), () => choose(p.call, 'scenarios'), { class: 'link' }),
      p.report && folded('What came out', block(p.report))),
    h('span', { class: 'outcome nowrap', 'data-tone': p.running ? '' : p.passed ? 'ok' : 'bad' }, p.running ? '… playing' : p.passed ? '✓ as expected' : '✕ not as expected')))));
}

function own() {
  const text = h('textarea', { rows: 10, spellcheck: 'false', class: 'mono', placeholder: 'Paste a scenario, or one saved under Export.' });
  return folded('Your own scenario', h('div', { class: 'stack' }, field('Scenario', text), button('Play it', () => play('scenarios/play', { text: text.value }), { class: 'primary' })));
}
