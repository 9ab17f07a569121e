// Formats times, durations and identifiers for people.

const two = (n) => String(n).padStart(2, '0');

// clock returns the time of day with milliseconds: 09:04:31.207.
export function clock(time) {
  const d = new Date(time);
  if (Number.isNaN(d.getTime())) return '';
  return `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}.${String(d.getMilliseconds()).padStart(3, '0')}`;
}

// took formats milliseconds: < 0.1 ms, 0.4 ms, 12 ms, 1.25 s, 2 min 5 s.
export function took(ms) {
  if (!Number.isFinite(ms)) return '';
  if (ms < 0.1) return '< 0.1 ms';
  if (ms < 1) return `${Math.round(ms * 10) / 10} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${Math.round(ms / 10) / 100} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min${seconds % 60 ? ` ${seconds % 60} s` : ''}`;
}

// short returns the kind and the last characters of an identifier: PK…41e2.
export function short(id = '') {
  return id.length > 12 ? `${id.slice(0, 2)}…${id.slice(-4)}` : id;
}

// clip shortens a text to n characters.
export function clip(text = '', n = 60) {
  return text.length > n ? `${text.slice(0, n - 1)}…` : text;
}

// money formats an amount as the application wrote it. It is never converted to a
// number, which could round it.
export function money(amount, currency) {
  return amount ? `${amount} ${(currency || 'USD').toUpperCase()}` : '';
}

// groups splits the masked digits of a card into groups: xxxx xxxx xxxx 1111. Shorter
// numbers, such as those of a bank, have none.
export function groups(masked = '') {
  if (/\s|-/.test(masked) || masked.length < 12) return masked;
  if (masked.length === 15) return `${masked.slice(0, 4)} ${masked.slice(4, 10)} ${masked.slice(10)}`;
  return masked.replace(/(.{4})(?=.)/g, '$1 ');
}

// decoded returns a form as pairs in the order they were sent.
export function decoded(body = '') {
  return [...new URLSearchParams(body)];
}

// pretty formats JSON with line breaks and returns anything else unchanged.
export function pretty(body = '') {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
