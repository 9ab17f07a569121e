// Takes a payment with the npm package twilio, as its users would, and checks
// every status callback with its validator. It prints the result as JSON. The
// simulator's address is in SIMULATION; all else is as for Twilio.
"use strict";

const http = require("node:http");
const twilio = require("twilio");

const { SIMULATION, TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, CALL_SID } = process.env;

const seen = { accepted: 0, refused: 0, forged: 0, results: [], refusals: {} };
const waiting = [];
const callbacks = [];

// arrived resolves with the first callback, past or future, that is wanted.
function arrived(wanted) {
  const there = callbacks.find(wanted);
  if (there) return Promise.resolve(there);
  return new Promise((resolve) => waiting.push({ wanted, resolve }));
}

function receive(request, response) {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const form = Object.fromEntries(new URLSearchParams(Buffer.concat(parts).toString()));
    const url = `http://${request.headers.host}${request.url}`;
    const signature = request.headers["x-twilio-signature"];
    const valid = (params, at) => twilio.validateRequest(TWILIO_AUTH_TOKEN, signature, at, params);
    if (valid(form, url)) seen.accepted++;
    else seen.refused++;
    if (valid({ ...form, Result: "success", Forged: "1" }, url) || valid(form, url + "1")) seen.forged++;
    if (form.Result) seen.results.push(form.Result);
    callbacks.push(form);
    for (const w of waiting) if (w.wanted(form)) w.resolve(form);
    response.writeHead(204).end();
  });
}

async function refusal(name, call) {
  try {
    await call();
  } catch (error) {
    seen.refusals[name] = { code: error.code, status: error.status };
  }
}

async function main() {
  const receiver = http.createServer(receive);
  await new Promise((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const statusCallback = `http://127.0.0.1:${receiver.address().port}/status?order=4711&note=a%20b`;

  const client = twilio(TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN);
  client.api.baseUrl = SIMULATION;
  const payments = client.calls(CALL_SID).payments;

  const session = await payments.create({
    idempotencyKey: "create", statusCallback, chargeAmount: 49.9, currency: "USD",
    paymentMethod: "credit-card", securityCode: true, postalCode: false, parameter: { order: "4711" },
  });
  seen.sid = session.sid;
  seen.created = session.dateCreated instanceof Date && !Number.isNaN(session.dateCreated.getTime());
  await refusal("second", () => payments.create({ idempotencyKey: "second", statusCallback }));
  await refusal("early", () => payments(session.sid).update({ idempotencyKey: "early", statusCallback, status: "complete" }));

  for (const capture of ["payment-card-number", "expiration-date", "security-code"]) {
    await payments(session.sid).update({ idempotencyKey: capture, statusCallback, capture });
    await arrived((form) => form.Capture === capture && form.Required !== undefined && !form.Required.split(",").includes(capture));
  }
  await payments(session.sid).update({ idempotencyKey: "complete", statusCallback, status: "complete" });
  await arrived((form) => form.Result);
  await new Promise((resolve) => receiver.close(resolve));
  console.log(JSON.stringify(seen));
  process.exit(0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
