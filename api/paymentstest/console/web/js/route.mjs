// The state of the page in the fragment of its address: #call=CA…&row=12&panel=wire.
// It can be sent to a colleague and survives a reload.

const names = ['call', 'session', 'row', 'panel', 'at', 'q', 'all'];

// read returns the state in a fragment. Names that it does not have are ''.
export function read(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ''));
  return Object.fromEntries(names.map((name) => [name, (given.get(name) ?? '').slice(0, 200)]));
}

// write returns the fragment for a state, without empty values.
export function write(state) {
  const out = new URLSearchParams();
  for (const name of names) if (state[name]) out.set(name, state[name]);
  const text = out.toString();
  return text ? `#${text}` : '';
}

// tokenIn returns the console's token in the address that the program printed, or ''.
export const tokenIn = (hash) => new URLSearchParams(hash.replace(/^#/, '')).get('token') ?? '';
