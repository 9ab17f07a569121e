// The console's JSON API. Every failure is an Error whose message a panel can show
// to the person.

const BASE = 'console-api/';

// get reads JSON: get('entries', {before: 12}).
export const get = (path, query) => call(path + search(query), { method: 'GET' });

// post sends a command: post('calls/CA…/keys', {keys: '4'}).
export const post = (path, body = {}) => call(path, {
  method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
});

// addressOf returns the address of a stream or a download.
export const addressOf = (path, query) => BASE + path + search(query);

function search(query = {}) {
  const given = Object.entries(query).filter(([, v]) => v !== undefined && v !== '' && v !== null);
  return given.length > 0 ? `?${new URLSearchParams(given)}` : '';
}

async function call(path, init) {
  let response;
  try {
    response = await fetch(BASE + path, { ...init, credentials: 'same-origin', redirect: 'error' });
  } catch {
    throw failure(0, 'unreachable', 'The sandbox does not respond. Check that it is still running');
  }
  const type = response.headers.get('Content-Type') ?? '';
  const data = type.includes('json') ? await response.json().catch(() => null) : await response.text();
  if (response.ok) return data;
  const e = data?.error ?? {};
  const after = Number(response.headers.get('Retry-After')) || 0;
  throw Object.assign(failure(response.status, e.code, e.message || `The console responded with status ${response.status}.`),
    { field: e.field ?? '', twilio: e.twilio ?? data?.twilio, after });
}

function failure(status, code, message) {
  return Object.assign(new Error(message), { status, code: code ?? '' });
}
