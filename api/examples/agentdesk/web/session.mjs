// The state of one payment session, folded from its events. It does not use the
// document, so that it is tested without a browser.

export const fields = [
  { capture: "payment-card-number", label: "Card number" },
  { capture: "expiration-date", label: "Expiry (MMYY)" },
  { capture: "security-code", label: "Security code" },
];

const problems = {
  "input-timeout": "The caller stopped typing.",
  "invalid-card-number": "Not a valid card number.",
  "invalid-card-type": "This type of card is not accepted.",
  "invalid-date": "Not a date in the future.",
  "invalid-security-code": "Not a valid security code.",
  "invalid-card-number-security-code-capture-sequence": "Ask for the card number first.",
  "input-matching-failed": "The two entries differ.",
};

const endings = {
  "success": "Paid.",
  "payment-connector-error": "The gateway declined the payment. Nothing was charged.",
  "caller-interrupted-with-star": "The caller ended the payment by pressing *. Nothing was charged.",
  "caller-hung-up": "The caller hung up. Nothing was charged.",
  "transaction-cancelled": "Cancelled. Nothing was charged.",
};

// newSession returns the state before the first event.
export function newSession() {
  return {
    seen: 0, ready: false, ended: false, paid: false, ending: "", card: "",
    rows: Object.fromEntries(fields.map((f) => [f.capture, { state: "open", value: "", problem: "" }])),
  };
}

// apply returns the session after an event of package flow. An event that was already
// applied changes nothing.
export function apply(session, event) {
  if (event.number && event.number <= session.seen) return session;
  const next = { ...session, seen: event.number || session.seen, rows: { ...session.rows } };
  if (event.kind === "completed") {
    next.ended = true;
    next.ready = false;
    next.paid = event.result === "success";
    next.ending = (own(endings, event.result) || "The session ended: " + (event.result || "no result") + ".") +
      (event.code ? " Code " + event.code + "." : "");
    return next;
  }
  if (event.kind !== "updated") return next;
  next.ready = Boolean(event.ready);
  next.card = event.card_type || session.card;
  const missing = event.missing || [];
  for (const f of fields) { // capturing a field again can discard others
    const row = next.rows[f.capture];
    if (row.state === "captured" && missing.includes(f.capture)) next.rows[f.capture] = { state: "open", value: "", problem: "" };
  }
  if (!own(next.rows, event.capture)) return next;
  if (event.error) {
    next.rows[event.capture] = { state: "refused", value: "", problem: own(problems, event.error) || "Refused: " + event.error + "." };
  } else {
    next.rows[event.capture] = { state: event.entering ? "asked" : "captured", value: event.entered || "", problem: "" };
  }
  return next;
}

const own = (list, name) => (Object.hasOwn(list, name) ? list[name] : undefined);

// address reads a session, or a call that waits for one, from the fragment of the
// page's address.
export function address(fragment) {
  const session = /^#(\/calls\/(CA[0-9a-fA-F]{32})\/payments\/AC[0-9a-fA-F]{32}\/PK[0-9a-fA-F]{32}\/)$/.exec(fragment);
  if (session) return { path: session[1], call: session[2] };
  const call = /^#call=(CA[0-9a-fA-F]{32})$/.exec(fragment);
  return { path: "", call: call ? call[1] : "" };
}

// fragmentOf returns the fragment for a session that the desk has started.
export const fragmentOf = (s) => "/calls/" + s.call + "/payments/" + s.account + "/" + s.session + "/";
