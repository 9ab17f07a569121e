// The address of what is seen, in the fragment: #call=CA…&row=12&panel=wire. It
// can be sent to a colleague and survives a reload.

const names = ['call', 'session', 'row', 'panel', 'at', 'q', 'all'];

// read is the state an address asks for; what it does not name is ''.
export function read(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ''));
  return Object.fromEntries(names.map((name) => [name, (given.get(name) ?? '').slice(0, 200)]));
}

// write is the fragment for a state, without what is empty.
export function write(state) {
  const out = new URLSearchParams();
  for (const name of names) if (state[name]) out.set(name, state[name]);
  const text = out.toString();
  return text ? `#${text}` : '';
}

// tokenIn is the console's token in the address the program printed, or ''.
export const tokenIn = (hash) => new URLSearchParams(hash.replace(/^#/, '')).get('token') ?? '';
