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
	gone   int64      // the number of the last entry forgotten
	last   int64      // the last number given
	bytes  int
	wake   chan struct{} // closed at the next entry; nil while nobody waits
	closed bool
}

func newJournal(c *config) *journal {
	return &journal{clock: c.clock, count: entriesPerRequest * c.history, budget: c.historyBytes / historyLists}
}

// record is an entry as it is kept: small, because most are never read. The number
// follows from its place, and what takes time to write down, such as a signature,
// is made when it is read.
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
	entryOverhead = 250 // what an entry takes beside its part, about
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

// close ends the readers, once they have read what is there.
func (j *journal) close() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.closed = true
	if j.wake != nil {
		close(j.wake)
		j.wake = nil
	}
}

// read appends records after a number to batch, as many as it has room for, and
// returns the number of the first of them. When there is none it returns what to wait for, or
// nil when there will be none any more.
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

// write makes e the entry that was recorded. Readers use one Entry for all they
// read: a new one for each would be a quarter of what a watched server allocates.
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

// Watch returns the entries of the journal after a number, in order, those that
// are there and then each as it comes, until ctx is done or the server is closed.
// Zero begins with the first; begin with [Snapshot.Number] to go on from a
// snapshot.
//
// The simulation never waits for the loop, and wakes it no more than 200 times a
// second: where much happens, an entry may be seen 5 ms late. (Not when the server
// is [InMemory]: it is then seen at once, so that time in a bubble stays exact.)
//
// The loop sees every entry once and in order, unless it falls so far behind that entries are forgotten ([WithHistory],
// [WithHistoryBytes]): then it gets one of [KindMissed] in their place, and reads
// a [Server.Snapshot]. Without those options nothing is forgotten.
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
			clear(records) // what was read may be forgotten
		}
	}
}

// Entries returns up to limit entries after a number that are kept, in order,
// without waiting. Zero begins with the oldest.
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

// EntryRange returns the numbers of the oldest entry kept and of the last one;
// first is last+1 when none is kept.
func (s *Server) EntryRange() (first, last int64) { return s.journal.bounds() }
