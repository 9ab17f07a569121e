// The rows of the timeline with their indexes: by entry, by request, by session.

const LIMIT = 20_000; // maximum number of rows; above it, the oldest tenth is dropped

// newRows returns an empty timeline.
export function newRows() {
  return {
    list: [], // rows, oldest first
    forgotten: 0, // number of dropped rows
    byEntry: new Map(), // entry number → row that shows it
    requests: new Map(), // request number → {row, attempt}
    keys: new Map(), // operation, session and idempotency key → row
    callbacks: new Map(), // callback number → {row, delivery}
    prompts: new Map(), // session → row of the open prompt
    entered: new Map(), // session → row of the last accepted entry
    strays: new Map(), // call → row of keys pressed without a prompt
    partials: new Map(), // session → row of its last callback, while that is partial
    gateway: new Map(), // session → row of the question to the gateway
  };
}

// forget drops the oldest rows above the limit, also from the indexes.
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
