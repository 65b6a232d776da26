//go:build e2e

package ui

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient/journal"
	"relayscope/ui/widgets"
)

// A Described is one named part of the window, as a test sees it.
type Described struct {
	X, Y, W, H int // in pixels of the window
	Visible    bool
	Enabled    bool
	Focused    bool
	Text       string
	Lines      []string // of the message log, without the time
}

// Describe serves the window's named parts as JSON on a loopback address and
// prints where. Test builds have it; nothing else does.
func (u *Window) Describe(address string) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		panic(err)
	}
	fmt.Fprintf(os.Stderr, "e2e %s\n", l.Addr())
	u.background(func(ctx context.Context) {
		server := &http.Server{Handler: http.HandlerFunc(u.serveParts)}
		u.work.Go(func() { <-ctx.Done(); server.Close() })
		_ = server.Serve(l)
	})
}

func (u *Window) serveParts(w http.ResponseWriter, _ *http.Request) {
	answer := make(chan map[string]Described, 1)
	u.onMain(func() { answer <- u.describe() })
	select {
	case parts := <-answer:
		_ = json.NewEncoder(w).Encode(parts)
	case <-u.closed:
	}
}

func (u *Window) describe() map[string]Described {
	parts := map[string]Described{}
	for name, o := range u.Objects() {
		parts[name] = u.describeOne(o)
	}
	return parts
}

func (u *Window) describeOne(o fyne.CanvasObject) Described {
	canvas := u.win.Canvas()
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
	x, y := canvas.PixelCoordinateForPosition(at)
	x2, y2 := canvas.PixelCoordinateForPosition(at.AddXY(o.Size().Width, o.Size().Height))
	d := Described{X: x, Y: y, W: x2 - x, H: y2 - y, Enabled: true, Visible: u.onScreen(o)}
	if e, ok := o.(fyne.Disableable); ok {
		d.Enabled = !e.Disabled()
	}
	if f, ok := o.(fyne.Focusable); ok {
		d.Focused = canvas.Focused() == f
	}
	switch o := o.(type) {
	case *widget.Label:
		d.Text = o.Text
	case *widget.Button:
		d.Text = o.Text
	case *widget.Entry:
		d.Text = o.Text
	case *widgets.Status:
		d.Text = o.Text()
	case *widgets.CopyText:
		d.Text = o.Text()
	case *widgets.Problem:
		d.Text = o.Failure().Text()
	case *widgets.LogView:
		d.Lines = u.logLines()
	}
	return d
}

// onScreen reports whether o and every page it is on are shown.
func (u *Window) onScreen(o fyne.CanvasObject) bool {
	return o.Visible() && contains(u.win.Content(), o)
}

// contains looks for o among what is visible in root.
func contains(root, o fyne.CanvasObject) bool {
	if root == o {
		return true
	}
	if !root.Visible() {
		return false
	}
	for _, child := range childrenOf(root) {
		if contains(child, o) {
			return true
		}
	}
	return false
}

// childrenOf returns what an object is made of.
func childrenOf(o fyne.CanvasObject) []fyne.CanvasObject {
	switch o := o.(type) {
	case *fyne.Container:
		return o.Objects
	case fyne.Widget:
		return test.WidgetRenderer(o).Objects()
	}
	return nil
}

func (u *Window) logLines() []string {
	s := u.sessions[u.current]
	if s == nil {
		return nil
	}
	var lines []string
	first, last := s.Journal().Bounds()
	for r := range s.Journal().Range(first, last) {
		text := r.Text
		if r.Kind == journal.Data {
			text = string(r.Payload)
		}
		lines = append(lines, strings.Join([]string{r.Lane.String(), r.Direction.String(), r.Connection, r.Type, text}, "|"))
	}
	return lines
}
