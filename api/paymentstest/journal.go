package paymentstest

import (
	"context"
	"iter"
	"math"
	"sync"
	"time"
)

// journal keeps what happened, numbered from 1. It does not know its readers: they
// read what is kept and wait for more, so that none of them can hold it up. A
// reader that falls behind what is kept learns of it. The journal's lock is the
// last to be taken: entries may be added under any other.
type journal struct {
	clock  Clock
	count  int // the most entries kept; zero for all
	budget int // the most bytes, about; zero for all

	mu     sync.Mutex
	chunks [][]record // none is ever copied or grown
	head   int        // records of the first chunk that were forgotten
	gone   int64      // the number of the last forgotten entry
	last   int64      // the number of the last entry
	bytes  int
	wake   chan struct{} // closed at the next entry; nil without a waiter
	closed bool
}

func newJournal(c *config) *journal {
	return &journal{clock: c.clock, count: entriesPerRequest * c.history, budget: c.historyBytes / historyLists}
}

// record is an entry as it is kept: small, because most are never read. The number
// follows from its position, and expensive values such as a signature are computed
// when they are read.
type record struct {
	time    time.Time
	call    string
	session string
	part    recordPart // nil for none
	cause   int64
	bytes   int32
	kind    kindCode
}

// recordPart is what an entry of one kind says.
type recordPart interface {
	// fill sets the member of the entry. It is called from many goroutines.
	fill(e *Entry)
	// size is about how many bytes it takes in memory.
	size() int
}

const (
	entryOverhead = 250 // bytes of an entry without its part, about
	smallestChunk = 16  // records
	largestChunk  = 512
)

// add appends an entry and returns its number.
func (j *journal) add(r record) int64 {
	if j.budget > 0 {
		size := entryOverhead
		if r.part != nil {
			size += r.part.size()
		}
		r.bytes = int32(min(size, math.MaxInt32)) // #nosec G115 -- bounded
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last++
	if n := len(j.chunks); n == 0 || len(j.chunks[n-1]) == cap(j.chunks[n-1]) {
		size := smallestChunk
		if n > 0 {
			size = min(2*cap(j.chunks[n-1]), largestChunk)
		}
		j.chunks = append(j.chunks, make([]record, 0, size))
	}
	newest := &j.chunks[len(j.chunks)-1]
	*newest = append(*newest, r)
	j.bytes += int(r.bytes)
	for j.kept() > 1 && (j.count > 0 && j.kept() > int64(j.count) || j.budget > 0 && j.bytes > j.budget) {
		j.forget()
	}
	if j.wake != nil {
		close(j.wake)
		j.wake = nil
	}
	return j.last
}

func (j *journal) kept() int64 { return j.last - j.gone }

// forget drops the oldest entry.
func (j *journal) forget() {
	oldest := &j.chunks[0][j.head]
	j.bytes -= int(oldest.bytes)
	*oldest = record{}
	j.gone++
	if j.head++; j.head == len(j.chunks[0]) {
		j.chunks[0], j.head = nil, 0
		j.chunks = j.chunks[1:]
	}
}

// bounds returns the oldest number kept and the last one given.
func (j *journal) bounds() (first, last int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.gone + 1, j.last
}

// close ends the readers after the last entry.
func (j *journal) close() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.closed = true
	if j.wake != nil {
		close(j.wake)
		j.wake = nil
	}
}

// read appends records after a number to batch, as many as fit, and returns the number
// of the first of them. If there is none it returns what to wait for, nil if the
// journal is closed.
func (j *journal) read(batch []record, after int64) (records []record, first int64, wait <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if skip := max(after-j.gone, 0); skip < j.kept() {
		first, at := j.gone+skip+1, int(skip)+j.head
		for _, chunk := range j.chunks {
			if at >= len(chunk) {
				at -= len(chunk)
				continue
			}
			n := min(cap(batch)-len(batch), len(chunk)-at)
			if batch, at = append(batch, chunk[at:at+n]...), 0; len(batch) == cap(batch) {
				break
			}
		}
		return batch, first, nil
	}
	if j.closed {
		return nil, 0, nil
	}
	if j.wake == nil {
		j.wake = make(chan struct{})
	}
	return nil, 0, j.wake
}

// write writes the recorded entry to e. A reader uses one Entry for all it reads: new
// ones would be a quarter of what a watched server allocates.
func (r record) write(e *Entry, number int64) {
	*e = Entry{Number: number, Time: r.time, Kind: r.kind.kind(), Call: r.call, Session: r.session, Cause: r.cause}
	if r.part != nil {
		r.part.fill(e)
	}
}

// batchSize is how many entries a reader takes at a time, and watchPace how often
// it is woken at most.
const (
	batchSize = 64
	watchPace = 5 * time.Millisecond
)

// Watch returns the entries of the journal after a number, in order: first those that
// are kept, then each new one, until ctx is done or the server is closed. Zero starts
// with the first entry, [Snapshot.Number] continues from a snapshot.
//
// The simulation never waits for the loop, and wakes it at most 200 times a second: an
// entry may be seen up to 5 ms late. (With [InMemory] it is seen at once, so that time
// in a bubble stays exact.)
//
// The loop sees every entry once and in order, unless it falls so far behind that
// entries are forgotten ([WithHistory], [WithHistoryBytes]). Then it gets one of
// [KindMissed] in their place, and can read a [Server.Snapshot]. Without those options
// nothing is forgotten.
func (s *Server) Watch(ctx context.Context, after int64) iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		batch, after := make([]record, 0, batchSize), max(after, 0)
		var woken time.Time
		var entry Entry
		for ctx.Err() == nil {
			records, first, wait := s.journal.read(batch, after)
			if len(records) == 0 {
				if wait == nil {
					return
				}
				select {
				case <-wait:
				case <-ctx.Done():
				}
				if !s.config.inMemory {
					time.Sleep(watchPace - time.Since(woken))
					woken = time.Now()
				}
				continue
			}
			if missed := first - after - 1; missed > 0 {
				if !yield(Entry{Number: first - 1, Time: s.config.clock.Now(), Kind: KindMissed, Missed: missed}) {
					return
				}
			}
			for i, r := range records {
				if ctx.Err() != nil {
					return
				}
				if r.write(&entry, first+int64(i)); !yield(entry) {
					return
				}
			}
			after = first + int64(len(records)) - 1
			clear(records) // so that entries that were read can be freed
		}
	}
}

// Entries returns up to limit kept entries after a number, in order, without waiting.
// Zero starts with the oldest.
func (s *Server) Entries(after int64, limit int) []Entry {
	if limit <= 0 {
		return nil
	}
	_, last := s.journal.bounds()
	records, first, _ := s.journal.read(make([]record, 0, min(int64(limit), max(last-after, 1))), max(after, 0))
	entries := make([]Entry, len(records))
	for i, r := range records {
		r.write(&entries[i], first+int64(i))
	}
	return entries
}

// EntryRange returns the numbers of the oldest kept entry and of the last one; first
// is last+1 if none is kept.
func (s *Server) EntryRange() (first, last int64) { return s.journal.bounds() }
