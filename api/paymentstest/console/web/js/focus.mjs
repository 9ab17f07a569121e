// Keeps the focus when a panel is redrawn: controls are found again by their data-k.

export function keepFocus(root, draw) {
  const active = root.contains(document.activeElement) ? document.activeElement.dataset.k : '';
  const scroll = root.scrollTop;
  draw();
  root.scrollTop = scroll;
  if (active) root.querySelector(`[data-k="${CSS.escape(active)}"]`)?.focus({ preventScroll: true });
}
