// The rows of the time line and what leads to them: by entry, by request, by
// session.

const LIMIT = 20_000; // rows kept; the oldest tenth goes first

// newRows is an empty time line.
export function newRows() {
  return {
    list: [], // rows, oldest first
    forgotten: 0, // rows no longer kept
    byEntry: new Map(), // entry number → row that shows it or stands for it
    requests: new Map(), // request number → {row, attempt}
    keys: new Map(), // operation, session and idempotency key → row
    callbacks: new Map(), // callback number → {row, delivery}
    prompts: new Map(), // session → row of the prompt that is open
    entered: new Map(), // session → row of the entry that was taken last
    strays: new Map(), // call → row of keys that nobody asked for
    partials: new Map(), // session → row of its last callback, while only digits arrive
    gateway: new Map(), // session → row of the question to the gateway
  };
}

// forget drops the oldest rows once there are too many, and what leads to them.
export function forget(rows) {
  if (rows.list.length <= LIMIT) return;
  const gone = new Set(rows.list.splice(0, LIMIT / 10));
  rows.forgotten += gone.size;
  for (const index of [rows.byEntry, rows.keys, rows.prompts, rows.entered, rows.strays, rows.partials, rows.gateway]) {
    for (const [name, row] of index) if (gone.has(row)) index.delete(name);
  }
  for (const index of [rows.requests, rows.callbacks]) {
    for (const [name, known] of index) if (gone.has(known.row)) index.delete(name);
  }
}
