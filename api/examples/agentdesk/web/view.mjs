// What the page shows: texts, and which buttons work. It does not use the document, so
// that it is tested without a browser.
import { fields } from "./session.mjs";

// view returns what to show of a session. busy is the step that is running, or "".
export function view(session, { busy = "", amount = "", confirmation = "" } = {}) {
  return {
    title: amount ? "Payment of " + amount + " USD" : "Payment",
    rows: fields.map((f) => rowOf(session, f, busy)),
    canComplete: busy === "" && session.ready,
    canCancel: busy !== "complete" && busy !== "cancel", // cancelling ends a capture that waits
    ended: session.ended,
    paid: session.paid,
    ending: session.ending,
    confirmation: confirmation ? "Confirmation " + confirmation : "",
  };
}

function rowOf(session, field, busy) {
  const row = session.rows[field.capture];
  const button = row.state === "asked" ? "Asking…" : row.state === "open" ? "Ask" : "Ask again";
  const card = field.capture === "payment-card-number" && row.state === "captured" && session.card;
  return {
    capture: field.capture, state: row.state, text: textOf(row), button,
    value: (row.value || "–") + (card ? "  " + session.card : ""),
    label: button + " for the " + nameOf(field), // for screen readers
    canAsk: busy === "",
  };
}

function textOf(row) {
  switch (row.state) {
    case "asked": return row.value ? "The caller is typing" : "Waiting for the caller";
    case "captured": return "Captured";
    case "refused": return row.problem;
  }
  return "Not asked yet";
}

// nameOf returns a field's name for use in a sentence.
export const nameOf = (field) => field.label.charAt(0).toLowerCase() + field.label.slice(1);

// failure returns the message and the advice of a response that failed. The body may
// be something other than the desk's JSON, for example a proxy's page.
export function failure(status, body) {
  let said = null;
  try {
    said = JSON.parse(body);
  } catch {
    // the status has to do
  }
  const message = typeof said?.error === "string" && said.error ? said.error : "The desk responded with status " + status;
  return { message: sentence(message), again: Boolean(said?.again) };
}

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");

// connection returns what the page says about its event stream.
export function connection(state) {
  switch (state) {
    case "open": return { text: "Live", lost: false };
    case "retrying": return { text: "Connection lost. Reconnecting…", lost: true };
    case "closed": return { text: "No events: the session may be unknown. Reload the page to try again.", lost: true };
  }
  return { text: "", lost: false };
}
