//go:build race

package callback_test

const raceDetector = true
