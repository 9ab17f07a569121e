// Pieces that requests and callbacks have in common on the wire.

import { button, h } from './dom.mjs';
import { decoded, pretty } from './format.mjs';
import { copy } from './acts.mjs';

// section is a part of the wire with a heading and buttons at its right.
export function section(title, buttons, ...body) {
  return h('section', { class: 'wire-part' }, h('div', { class: 'part-head' }, h('h3', null, title), h('div', { class: 'buttons' }, buttons)), body);
}

// folded is a section that is closed until it is wanted.
export function folded(title, body, ontoggle) {
  const details = h('details', { class: 'wire-part', ontoggle: () => details.open && ontoggle?.(details) }, h('summary', null, title), body);
  return details;
}

// formTable is a form as pairs, with its raw text to unfold.
export function formTable(form, body, caption) {
  const list = form ? Object.entries(form).flatMap(([k, v]) => [v].flat().map((one) => [k, one])) : decoded(body);
  if (list.length === 0) return h('p', { class: 'quiet-text' }, 'No form was sent.');
  return [
    h('table', { class: 'form' }, h('caption', { class: 'hidden' }, caption),
      h('thead', { class: 'hidden' }, h('tr', null, h('th', { scope: 'col' }, 'Name'), h('th', { scope: 'col' }, 'Value'))),
      h('tbody', null, list.map(([k, v]) => h('tr', null, h('th', { scope: 'row' }, k), h('td', null, v === '' ? h('span', { class: 'quiet-text' }, '(empty)') : v))))),
    body && folded('Raw form', block(body)),
  ];
}

// headerTable is a list of headers: name to value or values.
export function headerTable(headers, caption) {
  const list = Object.entries(headers ?? {}).flatMap(([k, v]) => [v].flat().map((one) => [k, one]));
  if (list.length === 0) return null;
  return folded(`${caption} (${list.length})`, h('table', { class: 'form' }, h('caption', { class: 'hidden' }, caption),
    h('tbody', null, list.map(([k, v]) => h('tr', null, h('th', { scope: 'row' }, k), h('td', null, v))))));
}

// block is text as it was sent, to scroll and to copy; lines of code are not
// broken.
export function block(text, code = false) {
  return h('div', { class: 'block' }, h('pre', { tabindex: '0', role: 'group', 'aria-label': 'Text to copy', class: code ? 'code' : null }, text), button('Copy', () => copy(text), { class: 'small' }));
}

// bodyBlock is a response's body, JSON with line breaks.
export const bodyBlock = (body) => (body ? block(pretty(body)) : h('p', { class: 'quiet-text' }, 'No body.'));
