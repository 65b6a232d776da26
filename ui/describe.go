//go:build e2e

package ui

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"reflect"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
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
	Cut        bool // some of it is outside the window, scrolled out of sight, or squeezed
	Text       string
	Lines      []string // of the message log, without the time; of a problem, what it shows
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
	seen := u.look()
	parts := map[string]Described{}
	add := func(name string, o fyne.CanvasObject) { parts[name] = u.describeOne(o, seen) }
	for name, o := range u.Objects() {
		add(name, o)
		if p, ok := o.(*widgets.Problem); ok && parts[name].Visible {
			for _, b := range inside[*widgets.Button](p) {
				add(name+"."+b.Text, b)
			}
		}
	}
	add("window", u.win.Content())
	if f := u.win.Canvas().Focused(); f != nil { // what has the keyboard need not have a name
		whole := parts["window"]
		whole.Text = fmt.Sprintf("%p", f)
		parts["window"] = whole
	}
	for _, r := range inside[*profileRow](u.win.Content()) {
		add("profile."+r.name.Text, r)
		add("profile."+r.name.Text+".more", r.more)
		add("profile."+r.name.Text+".result", r.result)
	}
	for _, g := range inside[*groupRow](u.win.Content()) {
		add("group."+g.group, g)
		add("group."+g.group+".more", g.more)
	}
	for _, over := range u.win.Canvas().Overlays().List() {
		for _, t := range inside[*canvas.Text](over) {
			add("over."+t.Text, t)
		}
		for _, b := range inside[*widgets.Button](over) {
			add("over."+b.Text, b)
		}
		for _, b := range inside[*widget.Button](over) { // of Fyne's own dialogs
			add("over."+b.Text, b)
		}
		for _, c := range inside[*widgets.Check](over) {
			add("over."+c.Text, c)
		}
		for _, r := range inside[*widget.RadioGroup](over) {
			for _, o := range test.WidgetRenderer(r).Objects() {
				for _, t := range inside[*canvas.Text](o) {
					add("over.radio."+t.Text, t)
				}
			}
		}
		for i, e := range inside[*widgets.Entry](over) {
			add(fmt.Sprintf("over.entry%d", i+1), e)
		}
		for i, l := range inside[*widget.Label](over) {
			add(fmt.Sprintf("over.label%d", i+1), l)
		}
	}
	return parts
}

func (u *Window) describeOne(o fyne.CanvasObject, seen map[fyne.CanvasObject]place) Described {
	c := u.win.Canvas()
	at, visible := seen[o]
	x, y := c.PixelCoordinateForPosition(at.from)
	x2, y2 := c.PixelCoordinateForPosition(at.from.Add(o.Size()))
	d := Described{X: x, Y: y, W: x2 - x, H: y2 - y, Enabled: true, Visible: visible, Cut: visible && at.cuts(o)}
	if e, ok := o.(fyne.Disableable); ok {
		d.Enabled = !e.Disabled()
	}
	if f, ok := o.(fyne.Focusable); ok {
		d.Focused = c.Focused() == f
	}
	switch o := o.(type) {
	case *widgets.Select:
		d.Text = o.Selected
	case *widgets.Status:
		d.Text = o.Text()
	case *widgets.TextView:
		d.Text = o.Text()
	case *widgets.Waterfall:
		d.Text = o.Text()
	case *widgets.Problem:
		d.Text = o.Failure().Text()
		for _, l := range inside[*widget.Label](o) {
			d.Lines = append(d.Lines, l.Text)
		}
	case *profileRow:
		d.Text = o.where.Text + "|" + o.status.Text()
	case *widgets.LogView:
		d.Lines = u.logLines()
	default: // labels, buttons, checks and whatever embeds an entry
		if text := reflect.Indirect(reflect.ValueOf(o)).FieldByName("Text"); text.Kind() == reflect.String {
			d.Text = text.String()
		}
	}
	return d
}

// A place is where a visible object is and what part of the window it may
// fill: scrolled content ends at the edge of its scroller.
type place struct{ from, clipFrom, clipTo fyne.Position }

// cuts reports whether o is not all in sight, or has less room than it needs.
func (p place) cuts(o fyne.CanvasObject) bool {
	const rounding = 1
	to, room, need := p.from.Add(o.Size()), o.Size(), o.MinSize()
	return p.from.X < p.clipFrom.X-rounding || p.from.Y < p.clipFrom.Y-rounding ||
		to.X > p.clipTo.X+rounding || to.Y > p.clipTo.Y+rounding ||
		need.Width > room.Width+rounding || need.Height > room.Height+rounding
}

// look finds everything that is visible, also in what lies over the content.
func (u *Window) look() map[fyne.CanvasObject]place {
	seen := map[fyne.CanvasObject]place{}
	c := u.win.Canvas()
	for _, root := range append([]fyne.CanvasObject{u.win.Content()}, c.Overlays().List()...) {
		walk(root, place{clipTo: fyne.Position{}.Add(c.Size())}, func(o fyne.CanvasObject, p place) { seen[o] = p })
	}
	return seen
}

// walk visits what is visible in o. p is the place of o's parent.
func walk(o fyne.CanvasObject, p place, visit func(fyne.CanvasObject, place)) {
	if !o.Visible() {
		return
	}
	p.from = p.from.Add(o.Position())
	visit(o, p)
	if _, ok := o.(*container.Scroll); ok {
		to := p.from.Add(o.Size())
		p.clipFrom = fyne.NewPos(max(p.clipFrom.X, p.from.X), max(p.clipFrom.Y, p.from.Y))
		p.clipTo = fyne.NewPos(min(p.clipTo.X, to.X), min(p.clipTo.Y, to.Y))
	}
	for _, child := range childrenOf(o) {
		walk(child, p, visit)
	}
}

// inside returns the visible objects of one type in root, in order.
func inside[T fyne.CanvasObject](root fyne.CanvasObject) []T {
	var found []T
	walk(root, place{}, func(o fyne.CanvasObject, _ place) {
		if match, ok := o.(T); ok {
			found = append(found, match)
		}
	})
	return found
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
	const most = 1000 // a test that makes more looks at what is on screen
	if last > most {
		first = max(first, last-most+1)
	}
	for r := range s.Journal().Range(first, last) {
		text := r.Text
		if r.Kind == journal.Data {
			text = string(r.Payload)
		}
		lines = append(lines, strings.Join([]string{r.Lane.String(), r.Direction.String(), r.Connection, r.Type, text}, "|"))
	}
	return lines
}
