// Which key does what. Nothing while typing, with a modifier, or switched off.

export const shortcuts = [
  ['?', 'help', 'show or hide this help'],
  ['/', 'filter', 'go to the filter'],
  ['j', 'down', 'next row'],
  ['k', 'up', 'previous row'],
  ['Enter', 'open', 'show the wire of the selected row'],
  ['o', 'fold', 'unfold or fold the selected row'],
  ['Esc', 'close', 'close what is open, then the selection'],
  ['r', 'again', 'send the request, or deliver the callback, again'],
  ['c', 'curl', 'copy the request as curl'],
  ['p', 'phone', 'go to the phone; then 0 to 9, * and # press its keys'],
  ['s', 'session', 'show the payment'],
  ['Space', 'pause', 'pause and go on'],
];

const named = { Escape: 'Esc', ' ': 'Space' };
const typing = new Set(['INPUT', 'TEXTAREA', 'SELECT']);
const pressing = new Set(['BUTTON', 'A', 'SUMMARY', 'OPTION']);

// actionFor is the action of a key press, or ''. The event needs key, the three
// modifiers, target and isComposing only.
export function actionFor(event, enabled = true) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return '';
  const key = named[event.key] ?? event.key;
  const target = event.target ?? {};
  if (key === 'Esc') return 'close'; // leaves a field, too
  if (!enabled || typing.has(target.tagName) || target.isContentEditable) return '';
  if ((key === 'Enter' || key === 'Space') && pressing.has(target.tagName)) return ''; // it presses the button
  return shortcuts.find(([name]) => name === key)?.[1] ?? '';
}
