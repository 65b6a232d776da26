//go:build !nogui

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"relayscope/assets"
	"relayscope/profiles"
	"relayscope/ui"
)

// windowCommands are the commands that need a window.
type windowCommands struct {
	Window windowCommand `cmd:"" default:"1" help:"Open the window. This is what happens without a command."`
	Demo   demoCommand   `cmd:"" help:"Open the window and play the local-relay demo in it. Nothing is stored."`
}

type windowCommand struct{}

// Run opens the window and returns when it is closed.
func (c *windowCommand) Run(t *terminal) error {
	folder, err := profiles.DataFolder()
	if err != nil {
		t.log.Warn("no folder for test results", "err", err) // they last for this run
	}
	return openWindow(t, profiles.Open(folder), folder, func(*ui.Window) {})
}

type demoCommand struct {
	Messages int `help:"How many messages to exchange." default:"20"`
}

// demoLine is what the demo prints when it is done. The window stays open.
type demoLine struct {
	Event    string `json:"event"` // demo-done or demo-failed
	Sent     int    `json:"sent"`
	Received int    `json:"received"`
	Error    string `json:"error,omitempty"`
}

// demoPatience bounds the demo.
const demoPatience = 30 * time.Second

// Run opens the window, plays the demo and returns when the window is closed.
func (c *demoCommand) Run(t *terminal) error {
	var failed error
	err := openWindow(t, profiles.NewMemory(), "", func(w *ui.Window) {
		w.PlayDemo(c.Messages, demoPatience, func(sent, received int, err error) {
			line := demoLine{Event: "demo-done", Sent: sent, Received: received}
			if err != nil {
				failed = fmt.Errorf("the demo did not get to its end: %w", err)
				line.Event, line.Error = "demo-failed", err.Error()
			}
			if err := json.NewEncoder(t.out).Encode(line); err != nil {
				t.log.Warn("demo result not written", "err", err) // there may be no standard output
			}
		})
	})
	return errors.Join(err, failed)
}

// openWindow runs the window until it is closed; started is called once it
// is on screen.
func openWindow(t *terminal, store *profiles.Store, folder string, started func(*ui.Window)) error {
	a := app.NewWithID("net.relayscope.app")
	icon := fyne.NewStaticResource("icon.png", assets.Icon)
	a.SetIcon(icon)
	var ended atomic.Bool
	onMain := func(f func()) {
		if !ended.Load() {
			fyne.Do(f) // the one seam between the background and the widgets
		}
	}
	w := ui.New(a, ui.Options{Store: store, Folder: folder, Icon: icon, Logger: t.log, OnMain: onMain})
	hook(w)
	a.Lifecycle().SetOnStarted(func() { started(w) })
	if err := show(w); err != nil {
		return err
	}
	returned := make(chan struct{})
	go seeOff(t, w, &ended, returned)
	a.Run()
	close(returned)
	ended.Store(true)
	w.Finish() // unless the window has done so: Fyne ends by itself on a signal
	select {
	case <-w.Closed():
	case <-time.After(finishPatience):
		t.log.Warn("the program ended before its work did")
	}
	return nil
}

// seeOff ends the program where Fyne does not. On a signal Fyne quits without
// asking, and what was to run on the main goroutine then may be lost; and its
// Run now and then waits for ever for an event of its own that was.
func seeOff(t *terminal, w *ui.Window, ended *atomic.Bool, returned <-chan struct{}) {
	select {
	case <-w.Closed():
	case <-t.Done():
		ended.Store(true) // the window goes with Fyne
		again := time.NewTicker(200 * time.Millisecond)
		defer again.Stop()
		late := time.After(finishPatience)
		for waiting := true; waiting; {
			fyne.Do(w.Finish)
			select {
			case <-w.Closed():
				waiting = false
			case <-late:
				waiting = false
			case <-again.C:
			}
		}
	}
	select {
	case <-returned:
	case <-time.After(runPatience):
		os.Exit(exitOK)
	}
}

// runPatience is how long Fyne has to end once everything else has.
const runPatience = time.Second

// finishPatience bounds what is left to do once the window is gone. It is
// longer than the window's own patience with the network.
const finishPatience = 8 * time.Second

// show shows the window, or says why there is none: Fyne itself would go on
// without.
func show(w *ui.Window) (err error) {
	defer func() {
		if r := recover(); r != nil { // GLFW panics where there is no display
			err = fmt.Errorf("the window cannot be opened: there is no display here (%v).\n"+
				"Next: start it in a desktop session, or use the commands relay, listen and send", r)
		}
	}()
	if !w.Show() {
		return errors.New("the window cannot be opened: this display has no OpenGL 2.1 or later.\n" +
			"Next: install the graphics driver, or Mesa's software one, or use the commands relay, listen and send")
	}
	return nil
}
