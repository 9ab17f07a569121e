// The page's words for values of the API. Unknown values are shown unchanged, since
// the API may add some.

const captures = {
  'payment-card-number': 'card number',
  'expiration-date': 'expiry date',
  'security-code': 'security code',
  'postal-code': 'postal code',
  'bank-routing-number': 'bank routing number',
  'bank-account-number': 'bank account number',
};

const hints = {
  'payment-card-number': '15 or 16 digits; press # after a shorter number',
  'expiration-date': 'month and year in four digits, such as 1299',
  'security-code': 'three digits; four for American Express',
  'postal-code': 'digits, then #',
  'bank-routing-number': 'nine digits',
  'bank-account-number': 'digits, then #',
};

// The callback parameters that show what the caller typed.
const parameters = {
  'payment-card-number': 'PaymentCardNumber',
  'expiration-date': 'ExpirationDate',
  'security-code': 'SecurityCode',
  'postal-code': 'PaymentCardPostalCode',
  'bank-routing-number': 'BankRoutingNumber',
  'bank-account-number': 'BankAccountNumber',
};

const mistakes = {
  'check-digit': 'Wrong check digit', 'too-short': 'Too short', 'too-long': 'Too long', 'unknown-brand': 'Unknown brand',
  'expired': 'Expired', 'no-month': 'Invalid month', 'untested': 'Not a test card', 'other': 'Different from before',
};

const results = {
  'success': 'Succeeded',
  'payment-connector-error': 'Declined by the gateway',
  'caller-interrupted-with-star': 'Ended: the caller pressed *',
  'caller-hung-up': 'Ended: the caller hung up',
  'validation-error': 'Ended: the input was not valid',
  'transaction-cancelled': 'Cancelled',
  'too-many-failed-attempts': 'Ended: too many failed attempts',
  'internal-error': 'Ended: internal error',
};

const errors = {
  'input-timeout': 'the caller stopped typing',
  'invalid-card-number': 'not valid',
  'invalid-card-type': 'card type not accepted',
  'invalid-date': 'not valid or in the past',
  'invalid-security-code': 'wrong length',
  'invalid-postal-code': 'not valid',
  'invalid-bank-routing-number': 'not valid',
  'invalid-bank-account-number': 'not valid',
  'invalid-bank-account-type': 'account type not valid',
  'invalid-card-number-security-code-capture-sequence': 'asked for before the card number',
  'input-matching-failed': 'the two entries differ',
  'session-in-progress': 'the call already has an open session',
  'internal-error': 'internal error',
};

const operations = { create: 'Create session', capture: 'Capture', complete: 'Complete', cancel: 'Cancel', update: 'Update' };

const closings = {
  complete: 'entered', refused: 'refused', timeout: 'the caller stopped typing', star: 'the caller pressed *', 'hang-up': 'the caller hung up',
  replaced: 'replaced by another request', 'session-ended': 'the session ended',
};

const of = (list, name) => (Object.hasOwn(list, name) ? list[name] : name ?? '');
const field = (capture) => capture.replace(/-matcher$/, '');

// captureName names a field. A matcher asks for the same field again.
export function captureName(capture = '') {
  return of(captures, field(capture)) + (field(capture) === capture ? '' : ', again');
}

// captureHint says what to type for a field.
export const captureHint = (capture = '') => (Object.hasOwn(hints, field(capture)) ? hints[field(capture)] : 'digits, then #');

// parameterOf returns the callback parameter that shows a field.
export const parameterOf = (capture = '') => of(parameters, field(capture));

export const mistakeName = (name) => of(mistakes, name);

// typedName names what was typed: a test card or a kind of mistake.
export const typedName = (name) => of({ good: 'valid', cards: 'a test card', ...mistakes }, name).toLowerCase();
export const resultName = (name) => of(results, name);
export const errorName = (name) => of(errors, name);
export const operationName = (name) => of(operations, name);
export const closingName = (name) => of(closings, name);
export const capital = (text = '') => text.charAt(0).toUpperCase() + text.slice(1);

// sentence returns a message with a capital and a full stop.
export const sentence = (text) => capital(/[.?!]$/.test(text) ? text : `${text}.`);

// ordinal returns 1st, 2nd, 3rd, 4th, …
export function ordinal(n) {
  const last = n % 10, teens = n % 100 >= 11 && n % 100 <= 13;
  return `${n}${teens ? 'th' : last === 1 ? 'st' : last === 2 ? 'nd' : last === 3 ? 'rd' : 'th'}`;
}

export const plural = (n, one, many = `${one}s`) => `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
