package ui

import (
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/profiles"
	"relayscope/relayclient/cloud"
	"relayscope/ui/widgets"
)

// A profileRow is one profile in the list: its name, where it leads and as
// whom, where its session stands, and how its last test ended.
type profileRow struct {
	widget.BaseWidget
	sidebar *sidebar
	entry   profiles.Entry
	name    *widgets.MiddleText
	where   *widget.Label
	status  *widgets.Status
	passed  *widget.Icon
	failed  *widget.Icon
	result  *widget.Label
	third   *fyne.Container
	lines   *fyne.Container
	more    *widgets.Button
}

func newProfileRow(s *sidebar) *profileRow {
	r := &profileRow{sidebar: s, name: widgets.NewMiddleText(""), where: note(""), result: note(""), status: widgets.NewStatus(widgets.StatusIdle, "")}
	r.name.Style.Bold = true
	for _, l := range []*widget.Label{r.where, r.result} {
		l.Wrapping = fyne.TextWrapOff
		l.Truncation = fyne.TextTruncateEllipsis
	}
	r.passed = widget.NewIcon(theme.NewSuccessThemedResource(theme.ConfirmIcon()))
	r.failed = widget.NewIcon(theme.NewErrorThemedResource(theme.CancelIcon()))
	r.third = container.New(iconAndLine{}, container.NewStack(r.passed, r.failed), r.result)
	r.lines = container.New(tightRows{}, r.name, r.where, r.third)
	r.more = widgets.NewButtonWithIcon("", theme.MoreVerticalIcon(), r.menu)
	r.more.Importance = widget.LowImportance
	r.ExtendBaseWidget(r)
	return r
}

func (r *profileRow) set(e profiles.Entry) {
	r.entry = e
	name := e.Profile.Name
	if e.Fault != nil {
		if name = e.Fault.Name; name == "" {
			name = "Unreadable profile"
		}
	}
	r.name.SetText(name)
	kind, word := r.sidebar.do.state(e.ID)
	if e.Fault != nil {
		kind = widgets.StatusFailed // its second line says what is wrong
	}
	r.status.Set(kind, "")
	where := subtitle(e)
	if word != "" {
		where = word + " · " + e.Profile.HybridConnection
	}
	widgets.SetText(r.where, where)
	last := e.Profile.LastResult
	if tested(e) != r.third.Visible() {
		widgets.SetVisible(r.third, tested(e))
		r.lines.Refresh() // the others move
	}
	widgets.SetVisible(r.passed, last.OK)
	widgets.SetVisible(r.failed, !last.OK)
	importance := widget.SuccessImportance
	if !last.OK {
		importance = widget.DangerImportance
	}
	setNote(r.result, resultWords(last, time.Now()), importance)
}

// tested reports whether there is a third line, which makes a row higher.
func tested(e profiles.Entry) bool { return e.Fault == nil && !e.Profile.LastResult.At.IsZero() }

// resultWords says how a test ended, and how long ago.
func resultWords(r profiles.Result, now time.Time) string {
	if r.At.IsZero() {
		return ""
	}
	if r.OK {
		return "Passed " + ageWords(now.Sub(r.At))
	}
	words := "Failed " + ageWords(now.Sub(r.At))
	if r.Headline != "" {
		words += ": " + r.Headline
	}
	return words
}

// ageWords writes how long ago something was, in its largest unit.
func ageWords(d time.Duration) string {
	for _, u := range []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "min"}} {
		if d >= u.of {
			return fmt.Sprintf("%d %s ago", d/u.of, u.name)
		}
	}
	return "just now"
}

func subtitle(e profiles.Entry) string {
	switch p := e.Profile; {
	case e.Fault != nil:
		return "cannot be read"
	case p.LocalRelay:
		return p.HybridConnection + " @ local relay"
	default:
		where := shortHost(p.Namespace)
		if p.HybridConnection != "" {
			where = p.HybridConnection + " @ " + where
		}
		if p.Name == where {
			return signsIn(p) // the name says the rest
		}
		return where + " · " + signsIn(p)
	}
}

// shortHost leaves the suffix off that every namespace of a cloud has.
func shortHost(namespace string) string {
	if c, known := cloud.Of(namespace); known {
		host, _, _ := strings.Cut(namespace, ":")
		return host[:len(host)-len("."+c.Suffix)]
	}
	return namespace
}

// Tapped chooses the profile: Fyne does not look behind a row that takes taps
// of the other button.
func (r *profileRow) Tapped(*fyne.PointEvent) {
	r.sidebar.tapped(func(it listItem) bool { return !it.heading && it.entry.ID == r.entry.ID })
}

// TappedSecondary opens the menu.
func (r *profileRow) TappedSecondary(*fyne.PointEvent) { r.menu() }

// CreateRenderer is for Fyne.
func (r *profileRow) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewBorder(nil, nil, container.NewPadded(container.NewCenter(r.status)), container.NewCenter(r.more), r.lines))
}

// tightRows puts lines close together, in the middle of the height.
type tightRows struct{}

func (tightRows) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for i, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		size.Width = max(size.Width, m.Width)
		size.Height += m.Height
		if i > 0 {
			size.Height -= 2*theme.InnerPadding() - theme.Padding()/2
		}
	}
	return size
}

func (t tightRows) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := (size.Height - t.MinSize(objects).Height) / 2
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		height := o.MinSize().Height
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, height))
		y += height - 2*theme.InnerPadding() + theme.Padding()/2
	}
}

// iconAndLine puts a small icon before a line of text.
type iconAndLine struct{}

func (iconAndLine) MinSize(objects []fyne.CanvasObject) fyne.Size { return objects[1].MinSize() }

func (iconAndLine) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	side := theme.Size(theme.SizeNameCaptionText) * 1.1
	objects[0].Resize(fyne.NewSquareSize(side))
	objects[0].Move(fyne.NewPos(theme.InnerPadding(), (size.Height-side)/2))
	objects[1].Move(fyne.NewPos(side+theme.InnerPadding()/2, 0))
	objects[1].Resize(fyne.NewSize(size.Width-side-theme.InnerPadding()/2, size.Height))
}
