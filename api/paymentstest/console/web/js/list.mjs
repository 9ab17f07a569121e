// The list that the time line draws: rows that pass the filter, each followed by
// its parts when it is unfolded. Appending is cheap; a change of filter or
// folding builds it anew.

import { matches, parse } from './filter.mjs';
import { describe } from './rowtext.mjs';

// newList is a list over rows; scope limits it to one call ('' for all).
export function newList() {
  return { items: [], index: new Map(), terms: [], text: '', scope: '', open: new Set() };
}

// keyOf names an item: the entry number of its row, with the part's number.
export const keyOf = (row, part = -1) => (part < 0 ? `${row.id}` : `${row.id}.${part}`);

// setFilter takes the words a person typed and the call that is shown.
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

// build makes the list anew from all rows.
export function build(list, rows) {
  list.items = [];
  list.index.clear();
  for (const row of rows.list) push(list, row);
}

// update takes a row that is new or has changed. It returns whether the list has
// to be built anew, because something in its middle comes, goes or grows.
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
