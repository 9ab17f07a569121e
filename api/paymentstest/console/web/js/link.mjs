// The state of the stream, apart from the connection itself: what has come, what
// is missing, and what to tell the person.

export const SILENCE = 40_000; // milliseconds without anything: lost

// newLink begins without a connection.
export const newLink = () => ({ state: 'connecting', number: 0, id: '', heard: 0, tries: 0, why: '' });

// take passes on the entries that are new, in order: a stream that is resumed
// may repeat some, and none may be shown twice. gap is set when numbers are
// missing between.
export function take(link, entries) {
  const fresh = entries.filter((e) => e.number > link.number);
  const gap = fresh.length > 0 && link.number > 0 && fresh[0].number > link.number + 1;
  if (gap) return { fresh: [], gap };
  if (fresh.length > 0) link.number = fresh.at(-1).number;
  return { fresh, gap };
}

// wait is how long to wait before try n (from 1): exponential backoff with full
// jitter, at most 15 seconds.
export const wait = (n, random = Math.random) => Math.round(random() * Math.min(15_000, 500 * 2 ** n));

// saying is what the page says of the link: a tone, a word, a sentence.
export function saying(link) {
  switch (link.state) {
    case 'live': return { tone: 'ok', word: 'Live', text: 'Every event appears as it happens.' };
    case 'hidden': return { tone: 'wait', word: 'Resting', text: 'The stream is closed while the tab is hidden.' };
    case 'lost': return { tone: 'bad', word: 'Connection lost', text: link.why || 'Is the sandbox still running? The page reconnects by itself and then shows what happened meanwhile.' };
    case 'refused': return { tone: 'bad', word: 'Not allowed', text: link.why };
  }
  return { tone: 'wait', word: 'Connecting', text: 'The page asks for the stream of events.' };
}
