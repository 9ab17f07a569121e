// The state of the stream, without the connection itself: what has arrived, what is
// missing, and what the page says about it.

export const SILENCE = 40_000; // milliseconds without an event after which the stream is lost

// newLink returns the state before the first connection.
export const newLink = () => ({ state: 'connecting', number: 0, id: '', heard: 0, tries: 0, why: '' });

// take returns the new entries: a resumed stream may repeat some. gap reports that
// entries are missing in between.
export function take(link, entries) {
  const fresh = entries.filter((e) => e.number > link.number);
  const gap = fresh.length > 0 && link.number > 0 && fresh[0].number > link.number + 1;
  if (gap) return { fresh: [], gap };
  if (fresh.length > 0) link.number = fresh.at(-1).number;
  return { fresh, gap };
}

// wait returns the wait before try n (from 1): exponential backoff with full jitter,
// at most 15 seconds.
export const wait = (n, random = Math.random) => Math.round(random() * Math.min(15_000, 500 * 2 ** n));

// saying returns what the page says about the link: a tone, a word, a sentence.
export function saying(link) {
  switch (link.state) {
    case 'live': return { tone: 'ok', word: 'Live', text: 'Every event appears as it happens.' };
    case 'hidden': return { tone: 'wait', word: 'Paused', text: 'The stream is closed while the tab is hidden.' };
    case 'lost': return { tone: 'bad', word: 'Connection lost', text: link.why || 'Check that the sandbox is still running. The page reconnects automatically and shows what happened in the meantime.' };
    case 'refused': return { tone: 'bad', word: 'Not allowed', text: link.why };
  }
  return { tone: 'wait', word: 'Connecting', text: 'The page is opening the event stream.' };
}
