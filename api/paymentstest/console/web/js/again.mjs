// The shortcuts r and c, for the selected row.

import { again as deliver } from './wire-callback.mjs';
import { copyCurl as curl } from './wire-request.mjs';
import { run } from './acts.mjs';
import { toast } from './toast.mjs';

// again sends a request again with the same key, or delivers a callback again.
export function again(item) {
  if (item?.row.attempts) return run(`requests/${item.row.attempts.at(item.part).request.number}/again`, { key: 'same' }, 'Sent again with the same key.');
  if (item?.row.deliveries) return deliver(item.row.deliveries.at(item.part).callback.number);
  return toast('Select a request or a callback first.', 'ok');
}

// copyCurl copies the selected request as curl.
export function copyCurl(item) {
  if (item?.row.attempts) return curl(item.row.attempts.at(item.part).request.number);
  return toast('Select a request first.', 'ok');
}
