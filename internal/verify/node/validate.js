// Reads, as JSON, a token, parameters and URLs with the texts that may have
// been signed in their place. Signs each text and the forms that the library
// derives from the URL, and writes the verdict of the library's validator on
// each signature.
"use strict";
const querystring = require("querystring");
const { readFileSync } = require("fs");
const { validateRequest, getExpectedTwilioSignature } = require("twilio");

// derived are the forms of an address that a back end may have signed, by the
// two modules that the validator derives them with.
function derived(address) {
  let parsed;
  try {
    parsed = new URL(address);
  } catch {
    return [];
  }
  const forms = [parsed.toString()];
  const [before, query] = forms[0].split("?");
  if (query) forms.push(`${before}?${querystring.stringify(querystring.parse(query))}`);
  for (const form of [...forms]) {
    const port = parsed.protocol === "https:" ? ":443" : ":80";
    const host = parsed.port ? parsed.host.slice(0, -parsed.port.length - 1) : parsed.host;
    forms.push(form.replace(parsed.host, host), form.replace(parsed.host, host + port));
  }
  return forms;
}

function valid(token, signature, address, params) {
  try {
    return validateRequest(token, signature, address, params);
  } catch {
    return false;
  }
}

const { token, params, urls } = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(urls.map(({ url, signed }) =>
  [...new Set([...signed, ...derived(url)])].map((text) => {
    const signature = getExpectedTwilioSignature(token, text, params);
    return { text, signature, valid: valid(token, signature, url, params) };
  }))));
