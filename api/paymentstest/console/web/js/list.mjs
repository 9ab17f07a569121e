// The list that the timeline draws: rows that match the filter, each followed by its
// parts if it is unfolded. Appending is cheap; a change of the filter or of folding
// rebuilds the list.

import { matches, parse } from './filter.mjs';
import { describe } from './rowtext.mjs';

// newList returns an empty list. scope limits it to one call ('' for all).
export function newList() {
  return { items: [], index: new Map(), terms: [], text: '', scope: '', open: new Set() };
}

// keyOf returns an item's key: the entry number of its row, and the part's number.
export const keyOf = (row, part = -1) => (part < 0 ? `${row.id}` : `${row.id}.${part}`);

// setFilter sets the filter's text and the call that is shown.
export function setFilter(list, text, scope) {
  list.terms = parse(text);
  list.text = text;
  list.scope = scope;
}

// fold unfolds a row, or folds it.
export function fold(list, row, unfolded = !list.open.has(row.id)) {
  if (unfolded) list.open.add(row.id);
  else list.open.delete(row.id);
}

// build rebuilds the list from all rows.
export function build(list, rows) {
  list.items = [];
  list.index.clear();
  for (const row of rows.list) push(list, row);
}

// update handles a row that is new or has changed. It returns true if the list must
// be rebuilt, because an item in its middle changes.
export function update(list, row) {
  const at = list.index.get(keyOf(row));
  if (at !== undefined) {
    return list.open.has(row.id) || !passes(list, row);
  }
  if (!passes(list, row)) return false;
  const last = list.items.at(-1)?.row;
  if (last && last.id > row.id) return true;
  push(list, row);
  return false;
}

function push(list, row) {
  if (!passes(list, row)) return;
  put(list, row, -1);
  if (!list.open.has(row.id)) return;
  const parts = describe(row).parts;
  for (let part = 0; part < parts; part++) put(list, row, part);
}

function put(list, row, part) {
  list.index.set(keyOf(row, part), list.items.length);
  list.items.push({ row, part, key: keyOf(row, part) });
}

function passes(list, row) {
  return (!list.scope || !row.call || row.call === list.scope) && matches(row, list.terms);
}
