// What the agent sees of one payment session: a fold of its events, without the
// document, so that it can be tested without a browser.

export const fields = [
  { capture: "payment-card-number", label: "Card number" },
  { capture: "expiration-date", label: "Expiry (MMYY)" },
  { capture: "security-code", label: "Security code" },
];

const problems = {
  "input-timeout": "The caller stopped typing.",
  "invalid-card-number": "Not a valid card number.",
  "invalid-card-type": "This kind of card is not accepted.",
  "invalid-date": "Not a date in the future.",
  "invalid-security-code": "Not a valid security code.",
  "invalid-card-number-security-code-capture-sequence": "Ask for the card number first.",
  "input-matching-failed": "The two entries differ.",
};

const endings = {
  "success": "Paid.",
  "payment-connector-error": "The gateway declined the payment. Nothing was charged.",
  "caller-interrupted-with-star": "The caller pressed * and ended the payment. Nothing was charged.",
  "caller-hung-up": "The caller hung up. Nothing was charged.",
  "transaction-cancelled": "Cancelled. Nothing was charged.",
};

export function begin() {
  return {
    seen: 0, ready: false, asking: "", ended: false, paid: false, ending: "", card: "",
    rows: Object.fromEntries(fields.map((f) => [f.capture, { state: "open", value: "", problem: "" }])),
  };
}

// apply returns the session after an event, as package flow sends them. Events that
// were applied before change nothing.
export function apply(session, event) {
  if (event.number && event.number <= session.seen) return session;
  const next = { ...session, seen: event.number || session.seen, rows: { ...session.rows } };
  if (event.kind === "completed") {
    next.ended = true;
    next.asking = "";
    next.ready = false;
    next.paid = event.result === "success";
    next.ending = (endings[event.result] || "The session ended: " + (event.result || "no result") + ".") +
      (event.code ? " Code " + event.code + "." : "");
    return next;
  }
  if (event.kind !== "updated") return next;
  next.ready = Boolean(event.ready);
  next.card = event.card_type || session.card;
  const missing = event.missing || [];
  for (const f of fields) {
    const row = next.rows[f.capture];
    if (row.state === "taken" && missing.includes(f.capture)) next.rows[f.capture] = { state: "open", value: "", problem: "" };
  }
  const row = next.rows[event.capture];
  if (!row) return next;
  if (event.error) {
    next.rows[event.capture] = { state: "refused", value: "", problem: problems[event.error] || "Refused: " + event.error + "." };
    next.asking = "";
  } else if (event.entering) {
    next.rows[event.capture] = { state: "asked", value: event.entered || "", problem: "" };
    next.asking = event.capture;
  } else {
    next.rows[event.capture] = { state: "taken", value: event.entered || "", problem: "" };
    next.asking = "";
  }
  return next;
}

// said is a row's state in words.
export function said(row) {
  switch (row.state) {
    case "asked": return row.value ? "The caller is typing" : "Waiting for the caller";
    case "taken": return "Captured";
    case "refused": return row.problem;
  }
  return "Not asked yet";
}

// address reads the session or the waiting call from the fragment of the address.
export function address(fragment) {
  const session = /^#(\/calls\/(CA[0-9a-fA-F]{32})\/payments\/AC[0-9a-fA-F]{32}\/PK[0-9a-fA-F]{32}\/)$/.exec(fragment);
  if (session) return { path: session[1], call: session[2] };
  const call = /^#call=(CA[0-9a-fA-F]{32})$/.exec(fragment);
  return { path: "", call: call ? call[1] : "" };
}
