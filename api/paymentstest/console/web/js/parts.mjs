// Parts of panels that show requests and callbacks.

import { button, h } from './dom.mjs';
import { decoded, pretty } from './format.mjs';
import { copy } from './acts.mjs';

// section creates a part with a heading and buttons to its right.
export function section(title, buttons, ...body) {
  return h('section', { class: 'wire-part' }, h('div', { class: 'part-head' }, h('h3', null, title), h('div', { class: 'buttons' }, buttons)), body);
}

// folded creates a part that is closed at first.
export function folded(title, body, ontoggle) {
  const details = h('details', { class: 'wire-part', ontoggle: () => details.open && ontoggle?.(details) }, h('summary', null, title), body);
  return details;
}

// formTable shows a form as pairs, and its raw text in a folded part.
export function formTable(form, body, caption) {
  const list = form ? Object.entries(form).flatMap(([k, v]) => [v].flat().map((one) => [k, one])) : decoded(body);
  if (list.length === 0) return h('p', { class: 'quiet-text' }, 'The form is empty.');
  return [
    h('table', { class: 'form' }, h('caption', { class: 'hidden' }, caption),
      h('thead', { class: 'hidden' }, h('tr', null, h('th', { scope: 'col' }, 'Name'), h('th', { scope: 'col' }, 'Value'))),
      h('tbody', null, list.map(([k, v]) => h('tr', null, h('th', { scope: 'row' }, k), h('td', null, v === '' ? h('span', { class: 'quiet-text' }, '(empty)') : v))))),
    body && folded('Raw form', block(body)),
  ];
}

// headerTable shows headers, which map a name to one or more values.
export function headerTable(headers, caption) {
  const list = Object.entries(headers ?? {}).flatMap(([k, v]) => [v].flat().map((one) => [k, one]));
  if (list.length === 0) return null;
  return folded(`${caption} (${list.length})`, h('table', { class: 'form' }, h('caption', { class: 'hidden' }, caption),
    h('tbody', null, list.map(([k, v]) => h('tr', null, h('th', { scope: 'row' }, k), h('td', null, v))))));
}

// block shows preformatted text with a button that copies it. Lines of code do not
// wrap.
export function block(text, code = false) {
  return h('div', { class: 'block' }, h('pre', { tabindex: '0', role: 'group', 'aria-label': 'Text to copy', class: code ? 'code' : null }, text), button('Copy', () => copy(text), { class: 'small' }));
}

// bodyBlock shows the body of a response.
export const bodyBlock = (body) => (body ? block(pretty(body)) : h('p', { class: 'quiet-text' }, 'No body.'));
