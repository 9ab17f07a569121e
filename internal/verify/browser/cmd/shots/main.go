// Command shots takes the README's pictures of the console, light and dark: a
// payment in progress with its history.
//
//	cd internal/verify/browser && go run ./cmd/shots -out ../../../.github
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/twiliopay/twiliopay-go/internal/verify/browser"
)

func main() {
	out := flag.String("out", "../../../.github", "directory to write console-light.png and console-dark.png to")
	flag.Parse()
	if err := run(*out); err != nil {
		fmt.Fprintln(os.Stderr, "shots:", err)
		os.Exit(1)
	}
}

func run(out string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	chromium, end, err := browser.Launch(ctx)
	if err != nil {
		return err
	}
	defer end()
	stage, err := browser.NewStage()
	if err != nil {
		return err
	}
	defer stage.Close()
	view := browser.View{Width: 1440, Height: 900, ReducedMotion: true}
	page, err := browser.NewPage(chromium, nil, stage.URL(), view)
	if err != nil {
		return err
	}
	defer page.Close()
	if err := play(page); err != nil {
		return err
	}
	for _, name := range []string{"light", "dark"} {
		view.Dark = name == "dark"
		if err := errors.Join(page.Show(view), page.Do(`await new Promise((r) => setTimeout(r, 300))`)); err != nil {
			return err
		}
		picture, err := page.Picture()
		if err != nil {
			return err
		}
		if picture, err = shrink(picture); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(out, "console-"+name+".png"), picture, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// play captures a card number at the second try and an expiry date, and starts
// the capture of the security code.
func play(page *browser.Page) error {
	asked := `document.querySelector('#screen').dataset.state === 'asked'`
	idle := `document.querySelector('#screen').dataset.state === 'idle'`
	next := func() error {
		return errors.Join(page.Click("#side-body .act button.primary", "Ask"), page.Until(asked))
	}
	return errors.Join(
		page.Live(), page.Click("#sample", ""), page.Until(asked),
		page.Click("#mistakes .chip", "Wrong check digit"), page.Until(idle), next(),
		page.Click("#cards .chip", "Visa"), page.Until(idle), next(),
		page.Click("#cards .chip", "Visa"), page.Until(idle), next(),
		page.Do(`document.querySelector('#phone').focus()`), page.Press("73"),
		page.UntilText("#screen", "••"),
		page.Until(`!document.querySelector('#toasts').childElementCount`),
		page.Until(`document.querySelectorAll('.fields [data-state="have"]').length === 2`),
	)
}
