// An application that takes one payment with the npm package twilio, as an
// agent's back end does: it asks for what is missing, and relies only on the
// callbacks. "sandbox exec" runs it. It knows only the simulator's address,
// TWILIO_BASE_URL. With CARELESS=1 it makes the mistake of sending complete
// again when the response is lost.
"use strict";

const http = require("node:http");
const { randomUUID } = require("node:crypto");
const { once, EventEmitter } = require("node:events");
const twilio = require("twilio");

const { TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_BASE_URL, CARELESS } = process.env;
const call = "CA00000000000000000000000000000001";

const client = twilio(TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN);
client.api.baseUrl = TWILIO_BASE_URL;

const news = new EventEmitter();
const seen = new Set(); // callbacks may be delivered twice

const receiver = http.createServer(async (request, response) => {
  let body = "";
  for await (const part of request) body += part;
  const form = Object.fromEntries(new URLSearchParams(body));
  const url = `http://${request.headers.host}${request.url}`;
  if (!twilio.validateRequest(TWILIO_AUTH_TOKEN, request.headers["x-twilio-signature"], url, form)) {
    response.writeHead(403).end();
    return;
  }
  response.writeHead(204).end();
  const delivery = request.headers["i-twilio-idempotency-token"];
  if (!seen.has(delivery)) {
    seen.add(delivery);
    news.emit(form.Sid, form);
  }
});

// pay takes one payment and returns the form of its last callback.
async function pay(statusCallback) {
  const payments = client.calls(call).payments;
  const session = await payments.create({ idempotencyKey: randomUUID(), statusCallback, chargeAmount: 49.9, postalCode: false });
  const update = (what) => payments(session.sid).update({ idempotencyKey: randomUUID(), statusCallback, ...what });
  const forms = [];
  news.on(session.sid, (form) => { forms.push(form); news.emit("next"); });
  // next returns the first form, past or future, that is wanted.
  const next = async (wanted) => {
    for (;;) {
      const i = forms.findIndex(wanted);
      if (i >= 0) return forms.splice(0, i + 1).at(-1);
      await once(news, "next");
    }
  };

  let capture = "payment-card-number";
  while (capture) {
    await update({ capture });
    const form = await next((f) => f.Result || (f.Capture === capture && f.PartialResult !== "true"));
    if (form.Result) return form;
    capture = form.Required.split(",")[0];
  }
  try {
    await update({ status: "complete" });
  } catch (error) {
    if (error.status) throw error; // Twilio refused it; otherwise the outcome is unknown
    if (CARELESS) await update({ status: "complete" }).catch(() => {});
  }
  return next((f) => f.Result);
}

async function main() {
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const statusCallback = `http://127.0.0.1:${receiver.address().port}/status`;
  let last = await pay(statusCallback);
  if (last.Result === "payment-connector-error") last = await pay(statusCallback); // pay with another card
  console.log(last.Result);
  setTimeout(() => process.exit(0), 200); // repeated callbacks may still arrive
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
