// Which rows of a long list are drawn: all have one height, so that this is
// arithmetic and the document stays small.

// visible is the range of rows to draw, with some to spare on both sides.
export function visible(scrollTop, height, rowHeight, count, spare = 8) {
  const first = Math.floor(Math.max(0, scrollTop) / rowHeight);
  const from = Math.max(0, Math.min(first, count) - spare);
  const to = Math.min(count, Math.max(first, 0) + Math.ceil(height / rowHeight) + spare);
  return { from, to: Math.max(from, to), before: from * rowHeight, after: (count - Math.max(from, to)) * rowHeight };
}

// atEnd reports whether the last row is in sight, so that new rows are followed.
export function atEnd(scrollTop, height, total, slack = 24) {
  return scrollTop + height >= total - slack;
}

// scrollFor is where to scroll so that a row is in sight: as little as needed.
export function scrollFor(index, scrollTop, height, rowHeight) {
  const top = index * rowHeight;
  if (top < scrollTop) return top;
  if (top + rowHeight > scrollTop + height) return top + rowHeight - height;
  return scrollTop;
}

// step moves a selection by n rows and stays in the list; from nothing it begins
// at the end that n comes from.
export function step(index, n, count) {
  if (count === 0) return -1;
  if (index < 0) return n > 0 ? 0 : count - 1;
  return Math.max(0, Math.min(count - 1, index + n));
}
