// The agent's page: asks for one field after another, and shows progress while the
// caller types. All text is set with textContent.
import { address, apply, fields, fragmentOf, newSession } from "./session.mjs";
import { connection, failure, nameOf, view } from "./view.mjs";

const $ = (id) => document.getElementById(id);
let session = newSession();
let path = "";
let stream = null;
let busy = "";
let confirmation = "";
let amount = "";

// allow enables or disables a button. A disabled button keeps the focus, for those who
// work by keyboard.
function allow(button, usable) { button.setAttribute("aria-disabled", String(!usable)); }

function press(button, act) {
  button.addEventListener("click", () => { if (button.getAttribute("aria-disabled") !== "true") act(); });
}

function show(message, bad) {
  $("message").textContent = message;
  $("message").classList.toggle("bad", Boolean(bad));
}

async function post(url, form) {
  const response = await fetch(url, { method: "POST", body: new URLSearchParams(form || {}) }).catch(() => {
    throw Object.assign(new Error("The desk does not respond. Check your connection and try again."), { again: false });
  });
  const text = await response.text();
  if (response.ok) return text ? JSON.parse(text) : null;
  const { message, again } = failure(response.status, text);
  throw Object.assign(new Error(message), { again });
}

// step sends one request of the agent. An event reports a refused entry, which then
// appears in its row.
async function step(name, doing, done) {
  busy = name;
  draw();
  show(doing);
  try {
    done(await post(path + name));
  } catch (error) {
    if (error.again) show("Ask the caller again.", true);
    else if (!session.ended) show(error.message, true);
  }
  if (busy === name) busy = ""; // cancel may run meanwhile
  draw();
}

function capture(field) {
  step("capture/" + field.capture, "Asking the caller for the " + nameOf(field) + ".", () => show(field.label + " captured."));
}

async function start(event) {
  event.preventDefault();
  show("Starting the payment.");
  try {
    const s = await post("/calls/" + encodeURIComponent($("call").value.trim()) + "/payments", { amount: $("amount").value.trim() });
    amount = $("amount").value.trim();
    location.hash = fragmentOf(s);
  } catch (error) {
    show(error.message, true);
  }
}

// follow shows the session in the page's address, or the form that starts one.
function follow() {
  const from = address(location.hash);
  if (stream) stream.close();
  stream = null;
  session = newSession();
  confirmation = "";
  path = from.path;
  if (from.call) $("call").value = from.call;
  $("start").hidden = Boolean(path);
  $("payment").hidden = !path;
  drawConnection("");
  if (path) {
    show("Ask for the card number first.");
    listen(new EventSource(path + "events"));
  }
  draw();
}

function listen(events) {
  stream = events;
  events.onopen = () => drawConnection("open");
  events.onerror = () => drawConnection(events.readyState === EventSource.CLOSED ? "closed" : "retrying");
  for (const kind of ["started", "updated", "completed"]) {
    events.addEventListener(kind, (e) => {
      session = apply(session, JSON.parse(e.data));
      if (session.ended) {
        events.close();
        drawConnection("");
      }
      draw();
    });
  }
}

function make(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

// rows are created once, so that drawing never moves the focus.
const rows = fields.map((field) => {
  const item = make("li", "row", "");
  const value = make("span", "value", "");
  const state = make("span", "state", "");
  const button = make("button", "", "Ask");
  button.type = "button";
  press(button, () => capture(field));
  item.append(make("span", "label", field.label), value, state, button);
  $("fields").append(item);
  return { item, value, state, button };
});

function draw() {
  const v = view(session, { busy, amount, confirmation });
  v.rows.forEach((shown, i) => {
    const { item, value, state, button } = rows[i];
    item.dataset.state = shown.state;
    value.textContent = shown.value;
    state.textContent = shown.text;
    button.textContent = shown.button;
    button.setAttribute("aria-label", shown.label);
    allow(button, shown.canAsk);
    button.hidden = v.ended;
  });
  $("payment-title").textContent = v.title;
  allow($("complete"), v.canComplete);
  allow($("cancel"), v.canCancel);
  const focused = v.ended && $("payment").contains(document.activeElement);
  $("result").hidden = !v.ended;
  $("result").className = "result " + (v.paid ? "good" : "bad");
  $("ending").textContent = v.ending;
  $("confirmation").textContent = v.confirmation;
  $("actions").hidden = v.ended;
  if (v.ended) show("");
  if (focused && document.activeElement.offsetParent === null) $("another").focus();
}

function drawConnection(state) {
  const { text, lost } = connection(state);
  $("live").textContent = text;
  $("live").className = lost ? "live lost" : "live";
}

$("form").addEventListener("submit", start);
press($("complete"), () => step("complete", "Charging the card.", (reply) => { confirmation = reply.confirmation; }));
press($("cancel"), () => step("cancel", "Cancelling the payment.", () => {}));
$("another").addEventListener("click", () => { amount = ""; location.hash = ""; show(""); $("call").focus(); });
addEventListener("hashchange", follow);
follow();
