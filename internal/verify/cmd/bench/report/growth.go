package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// growth compares the first block of calls with the last. Processor time is the
// ratio of the later half's median to the earlier half's: a single block
// depends too much on other load on the machine.
func growth(r *Results) string {
	t := newTable("does it grow?", "first", "last")
	for _, g := range []struct{ name, title string }{
		{"GrowthCalls", "calls over loopback, each on another call"},
		{"GrowthDeliveries", "status callbacks, each of another session"},
	} {
		blocks := r.blocks(g.name)
		if len(blocks) < 2 {
			continue
		}
		first, last := blocks[0], blocks[len(blocks)-1]
		size := first.after
		t.add(fmt.Sprintf("%s: %s of %s", g.title, thousands(size), thousands(last.after)), "", "")
		t.add("– allocations of one", number(r.of(first.name, Allocs)), number(r.of(last.name, Allocs)))
		t.add("– processor time of one, halves", "1", fmt.Sprintf("%.2f", r.halves(blocks, CPU)))
		t.add("– heap in use after garbage collection, MB", mega(r.of(first.name, Heap)), mega(r.of(last.name, Heap)))
		t.add("– goroutines", number(r.of(first.name, Routines)), number(r.of(last.name, Routines)))
		if conns := r.of(last.name, Conns); len(conns) > 0 {
			t.add("– connections opened so far", number(r.of(first.name, Conns)), number(conns))
		}
	}
	return t.String()
}

type block struct {
	name  string
	after int // calls made by its end
}

// blocks returns the blocks of a subject in order.
func (r *Results) blocks(name string) []block {
	var blocks []block
	for s := range r.values {
		count, ok := strings.CutPrefix(s.name, name+"/after=")
		if after, err := strconv.Atoi(count); ok && err == nil && s.unit == CPU {
			blocks = append(blocks, block{s.name, after})
		}
	}
	slices.SortFunc(blocks, func(a, b block) int { return cmp.Compare(a.after, b.after) })
	return blocks
}

// halves is the ratio of the later half's median to the earlier half's.
func (r *Results) halves(blocks []block, unit string) float64 {
	var half [2][]float64
	for i, b := range blocks {
		side := min(2*i/len(blocks), 1)
		half[side] = append(half[side], r.of(b.name, unit)...)
	}
	return median(half[1]).Center / median(half[0]).Center
}

func number(values []float64) string {
	if len(values) == 0 {
		return "–"
	}
	return strconv.FormatFloat(values[0], 'f', 0, 64)
}

func mega(values []float64) string {
	if len(values) == 0 {
		return "–"
	}
	return strconv.FormatFloat(values[0]/1e6, 'f', 2, 64)
}

func thousands(n int) string { return fmt.Sprintf("%d,%03d", n/1000, n%1000) }
