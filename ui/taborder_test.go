package ui

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"

	"relayscope/profiles"
)

// tabOrder goes through the window with Tab and returns the names of the parts
// that have one.
func tabOrder(u *Window) (names []string) {
	known := map[fyne.CanvasObject]string{}
	for name, o := range u.Objects() {
		known[o] = name
	}
	c := u.win.Canvas()
	c.Unfocus()
	for range 200 {
		c.FocusNext()
		o, _ := c.Focused().(fyne.CanvasObject)
		if name := known[o]; name != "" {
			if slices.Contains(names, name) {
				break
			}
			names = append(names, name)
		}
	}
	return names
}

func TestTabGoesFromTheTopDown(t *testing.T) {
	u, q := newWindow(t, profiles.NewMemory())
	withProfiles(u, 0)
	got := tabOrder(u)
	at := -1
	for _, name := range []string{
		"sidebar.filter", "sidebar.list", "sidebar.new", "sidebar.paste", "sidebar.try", "sidebar.more",
		"bar.copy", "bar.edit", "bar.toggle", "page.Live", "page.Test", "page.Identity", "view",
		"listener.toggle", "log",
	} {
		i := slices.Index(got, name)
		if i <= at {
			t.Errorf("%s is at %d, after what is at %d; the order is %q", name, i, at, got)
		}
		at = i
	}
	u.fillNew()
	if got = tabOrder(u); slices.Index(got, "form.save") < slices.Index(got, "form.key") {
		t.Errorf("Save comes before the fields: %q", got)
	}
	closeWindow(t, u, q)
}
