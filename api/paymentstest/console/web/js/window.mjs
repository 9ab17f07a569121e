// Computes which rows of a long list are drawn. All rows have the same height.

// visible returns the range of rows to draw, with spare ones on both sides.
export function visible(scrollTop, height, rowHeight, count, spare = 8) {
  const first = Math.floor(Math.max(0, scrollTop) / rowHeight);
  const from = Math.max(0, Math.min(first, count) - spare);
  const to = Math.min(count, Math.max(first, 0) + Math.ceil(height / rowHeight) + spare);
  return { from, to: Math.max(from, to), before: from * rowHeight, after: (count - Math.max(from, to)) * rowHeight };
}

// atEnd reports whether the last row is visible, so that the list follows new rows.
export function atEnd(scrollTop, height, total, slack = 24) {
  return scrollTop + height >= total - slack;
}

// scrollFor returns the scroll position that makes a row visible with the least
// scrolling.
export function scrollFor(index, scrollTop, height, rowHeight) {
  const top = index * rowHeight;
  if (top < scrollTop) return top;
  if (top + rowHeight > scrollTop + height) return top + rowHeight - height;
  return scrollTop;
}

// step returns the index n rows further, within the list. Without a selection it
// returns the first or last index.
export function step(index, n, count) {
  if (count === 0) return -1;
  if (index < 0) return n > 0 ? 0 : count - 1;
  return Math.max(0, Math.min(count - 1, index + n));
}
