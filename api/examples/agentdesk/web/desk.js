// The agent's page: asks for one field after another, and shows what comes of it
// while the caller types. Everything that is shown goes through textContent.
import { address, apply, begin, fields, said } from "./session.js";

const $ = (id) => document.getElementById(id);
let session = begin();
let path = "";
let stream = null;
let busy = "";
let confirmation = "";
let amount = "";

// allow marks a button as usable or not. It keeps the focus either way, for those
// who work by keyboard.
function allow(button, usable) { button.setAttribute("aria-disabled", String(!usable)); }

function press(button, act) {
  button.addEventListener("click", () => { if (button.getAttribute("aria-disabled") !== "true") act(); });
}

function tell(text, bad) {
  $("message").textContent = text;
  $("message").classList.toggle("bad", Boolean(bad));
}

async function post(url, form) {
  const response = await fetch(url, { method: "POST", body: new URLSearchParams(form || {}) });
  const text = await response.text();
  let reply = null;
  try {
    reply = text ? JSON.parse(text) : null;
  } catch {
    // not from the desk: the status has to do
  }
  if (!response.ok) throw Object.assign(new Error((reply && reply.error) || "The desk responded with " + response.status + "."), { again: reply && reply.again });
  return reply;
}

// step runs one request of the agent. A refused entry shows in its row, by the
// event that says so.
async function step(name, doing, did) {
  busy = name;
  draw();
  tell(doing);
  try {
    did(await post(path + name));
  } catch (error) {
    if (error.again) tell("Ask the caller once more.", true);
    else if (!session.ended) tell(error.message, true);
  }
  busy = "";
  draw();
}

function capture(field) {
  step("capture/" + field.capture, "Asking the caller for: " + field.label.toLowerCase() + ".", () => tell(field.label + " captured."));
}

async function start(event) {
  event.preventDefault();
  tell("Starting a payment.");
  try {
    const s = await post("/calls/" + encodeURIComponent($("call").value.trim()) + "/payments", { amount: $("amount").value.trim() });
    amount = $("amount").value.trim();
    location.hash = "/calls/" + s.call + "/payments/" + s.account + "/" + s.session + "/";
  } catch (error) {
    tell(error.message, true);
  }
}

function follow() {
  const from = address(location.hash);
  if (stream) stream.close();
  stream = null;
  session = begin();
  confirmation = "";
  path = from.path;
  if (from.call) $("call").value = from.call;
  $("start").hidden = Boolean(path);
  $("payment").hidden = !path;
  if (!path) {
    $("live").textContent = "";
    draw();
    return;
  }
  tell("Ask for the card number first.");
  stream = new EventSource(path + "events");
  stream.onopen = () => { $("live").textContent = "Live"; $("live").className = "live"; };
  stream.onerror = () => {
    $("live").textContent = stream.readyState === EventSource.CLOSED ? "No events: is this session known here? Reload to try again." : "Connection lost, trying again";
    $("live").className = "live lost";
  };
  for (const kind of ["started", "updated", "completed"]) {
    stream.addEventListener(kind, (e) => {
      session = apply(session, JSON.parse(e.data));
      if (session.ended) {
        stream.close();
        $("live").textContent = "";
      }
      draw();
    });
  }
  draw();
}

function make(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

// rows are made once, so that a key press changes text and no focus.
const rows = fields.map((field) => {
  const item = make("li", "row", "");
  const value = make("span", "value", "");
  const state = make("span", "state", "");
  const button = make("button", "", "Ask");
  button.type = "button";
  press(button, () => capture(field));
  item.append(make("span", "label", field.label), value, state, button);
  $("fields").append(item);
  return { field, item, value, state, button };
});

function draw() {
  for (const { field, item, value, state, button } of rows) {
    const row = session.rows[field.capture];
    item.dataset.state = row.state;
    value.textContent = (row.value || "–") + (field.capture === "payment-card-number" && row.state === "taken" && session.card ? "  " + session.card : "");
    state.textContent = said(row);
    button.textContent = row.state === "asked" ? "Asking…" : row.state === "open" ? "Ask" : "Ask again";
    button.setAttribute("aria-label", button.textContent + " for the " + field.label.toLowerCase());
    allow(button, busy === "");
    button.hidden = session.ended;
  }
  $("payment-title").textContent = amount ? "Payment of " + amount + " USD" : "Payment";
  allow($("complete"), busy === "" && session.ready);
  allow($("cancel"), busy !== "complete");
  const lost = session.ended && $("payment").contains(document.activeElement);
  $("result").hidden = !session.ended;
  $("result").className = "result " + (session.paid ? "good" : "bad");
  $("ending").textContent = session.ending;
  $("confirmation").textContent = confirmation ? "Confirmation " + confirmation : "";
  $("actions").hidden = session.ended;
  if (session.ended) tell("");
  if (lost && document.activeElement.offsetParent === null) $("another").focus();
}

$("form").addEventListener("submit", start);
press($("complete"), () => step("complete", "Charging the card.", (reply) => { confirmation = reply.confirmation; }));
press($("cancel"), () => step("cancel", "Cancelling.", () => {}));
$("another").addEventListener("click", () => { amount = ""; location.hash = ""; tell(""); $("call").focus(); });
addEventListener("hashchange", follow);
follow();
