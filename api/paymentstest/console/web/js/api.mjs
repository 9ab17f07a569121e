// The console's JSON API. Every failure is an Error with a sentence for the
// person, so that a panel can show it as it is.

const BASE = 'console-api/';

// get reads JSON: get('entries', {before: 12}).
export const get = (path, query) => call(path + search(query), { method: 'GET' });

// post acts: post('calls/CA…/keys', {keys: '4'}).
export const post = (path, body = {}) => call(path, {
  method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
});

// addressOf is the address of a stream or a download.
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
    throw failure(0, 'unreachable', 'The sandbox does not respond. Is it still running?');
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
