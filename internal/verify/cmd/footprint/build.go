package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// build builds every program in each round, with a cache that has only what
// net/http needs. The plain program is built with it too; what the others take
// in addition is the cost of their imports. That equals the difference of two
// builds from an empty cache, without the noise of compiling the standard
// library every time.
func build(ctx context.Context, dir string, programs []*program, rounds int) error {
	plain, times := programs[0], make(map[*program][]time.Duration)
	ready := filepath.Join(dir, "cache")
	if _, err := plain.build(ctx, ready); err != nil {
		return err
	}
	for round := range rounds {
		for _, p := range programs {
			if err := p.write(fmt.Sprint("round ", round+1)); err != nil {
				return err
			}
			cache := filepath.Join(dir, fmt.Sprint(p.name, round))
			if err := os.CopyFS(cache, os.DirFS(ready)); err != nil {
				return err
			}
			took, err := p.build(ctx, cache)
			if err != nil {
				return err
			}
			times[p] = append(times[p], took)
			if err := os.RemoveAll(cache); err != nil {
				return err
			}
		}
	}
	for _, p := range programs {
		slices.Sort(times[p])
		p.processing = times[p][rounds/2]
		info, err := os.Stat(filepath.Join(p.dir, "program"))
		if err != nil {
			return err
		}
		p.binary = info.Size()
	}
	return nil
}

func (p *program) build(ctx context.Context, cache string) (time.Duration, error) {
	built, err := p.command(ctx, []string{"GOCACHE=" + cache}, "build", "-o", "program", ".")
	return built.processing, err
}
