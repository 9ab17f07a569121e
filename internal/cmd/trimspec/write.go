package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

type file struct {
	name string
	data []byte
}

// writeBoth replaces two files of a directory, or neither. Both are complete on disk
// under temporary names before the first is renamed, and if the second cannot be
// renamed, the first is restored.
func writeBoth(dir string, first, second file) error {
	firstTemp, err := stage(dir, first)
	if err != nil {
		return err
	}
	defer os.Remove(firstTemp)
	secondTemp, err := stage(dir, second)
	if err != nil {
		return err
	}
	defer os.Remove(secondTemp)

	target := filepath.Join(dir, first.name)
	undo, err := keep(target)
	if err != nil {
		return err
	}
	if err := os.Rename(firstTemp, target); err != nil {
		return err
	}
	if err := os.Rename(secondTemp, filepath.Join(dir, second.name)); err != nil {
		return errors.Join(err, undo())
	}
	return nil
}

// stage writes a file under a temporary name in the target's directory.
func stage(dir string, f file) (name string, err error) {
	temp, err := os.CreateTemp(dir, "."+f.name+".*")
	if err != nil {
		return "", err
	}
	_, err = temp.Write(f.data)
	err = errors.Join(err, temp.Chmod(0o644), temp.Sync(), temp.Close())
	if err != nil {
		return "", errors.Join(err, os.Remove(temp.Name()))
	}
	return temp.Name(), nil
}

// keep remembers the file target, or that it does not exist, and returns a function
// that restores this state.
func keep(target string) (undo func() error, err error) {
	before, err := os.ReadFile(target) // #nosec G304 -- below the directory that the maintainer names
	if errors.Is(err, fs.ErrNotExist) {
		return func() error { return os.Remove(target) }, nil
	}
	if err != nil {
		return nil, err
	}
	return func() error {
		temp, err := stage(filepath.Dir(target), file{filepath.Base(target), before})
		if err != nil {
			return err
		}
		return os.Rename(temp, target)
	}, nil
}
