// The two preferences that the browser stores: color scheme and shortcuts. Nothing
// else is ever stored.

const KEY = 'twiliopay-console';
const fallback = { theme: '', shortcuts: true };

// load returns the preferences. A browser without storage has the defaults.
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
    // Storage may be disabled: the preferences then last as long as the page.
  }
}
