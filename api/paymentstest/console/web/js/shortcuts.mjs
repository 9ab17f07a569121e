// The shortcuts. They do nothing while the person types, with a modifier key, or
// when switched off.

export const shortcuts = [
  ['?', 'help', 'show or hide this help'],
  ['/', 'filter', 'go to the filter'],
  ['j', 'down', 'next row'],
  ['k', 'up', 'previous row'],
  ['Enter', 'open', 'show the details of the selected row'],
  ['o', 'fold', 'unfold or fold the selected row'],
  ['Esc', 'close', 'close the panel or message, or clear the selection'],
  ['r', 'again', 'send the selected request or callback again'],
  ['c', 'curl', 'copy the selected request as curl'],
  ['p', 'phone', 'go to the phone, where 0 to 9, * and # press its keys'],
  ['s', 'session', 'show the payment'],
  ['Space', 'pause', 'pause or resume the timeline'],
];

const named = { Escape: 'Esc', ' ': 'Space' };
const typing = new Set(['INPUT', 'TEXTAREA', 'SELECT']);
const pressing = new Set(['BUTTON', 'A', 'SUMMARY', 'OPTION']);

// actionFor returns the action of a key press, or ''. It reads key, the modifiers,
// target and isComposing of the event.
export function actionFor(event, enabled = true) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return '';
  const key = named[event.key] ?? event.key;
  const target = event.target ?? {};
  if (key === 'Esc') return 'close'; // also leaves a field
  if (!enabled || typing.has(target.tagName) || target.isContentEditable) return '';
  if ((key === 'Enter' || key === 'Space') && pressing.has(target.tagName)) return ''; // the browser presses the button
  return shortcuts.find(([name]) => name === key)?.[1] ?? '';
}
