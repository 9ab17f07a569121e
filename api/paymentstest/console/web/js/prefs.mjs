// Two choices the browser remembers: the colours and the shortcuts. Nothing else
// is ever stored.

const KEY = 'twiliopay-console';
const fallback = { theme: '', shortcuts: true };

// load reads the choices; a browser without storage has the usual ones.
export function load(storage = globalThis.localStorage) {
  try {
    const kept = JSON.parse(storage.getItem(KEY)) ?? {};
    return {
      theme: ['light', 'dark'].includes(kept.theme) ? kept.theme : fallback.theme,
      shortcuts: kept.shortcuts !== false,
    };
  } catch {
    return { ...fallback };
  }
}

export function save(prefs, storage = globalThis.localStorage) {
  try {
    storage.setItem(KEY, JSON.stringify({ theme: prefs.theme, shortcuts: prefs.shortcuts }));
  } catch {
    // Not remembered, then.
  }
}
