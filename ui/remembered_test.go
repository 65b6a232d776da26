package ui

import (
	"io"
	"log/slog"
	"math"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"relayscope/assets"
	"relayscope/profiles"
	"relayscope/ui/live"
	"relayscope/ui/widgets"
)

// windowOf opens a window of an app that may have one already.
func windowOf(t *testing.T, app fyne.App, store *profiles.Store) (*Window, mainQueue) {
	t.Helper()
	q := make(mainQueue, 1024)
	u := New(app, Options{
		Store: store, Icon: fyne.NewStaticResource("icon.png", assets.Icon), OnMain: q.do,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	q.until(t, "the profiles are read", func() bool { return !u.blank.Visible() })
	return u, q
}

// keptProfiles is a store of two profiles that outlives windows.
func keptProfiles(t *testing.T) (open func() *profiles.Store, ids []profiles.ID) {
	t.Helper()
	app := test.NewTempApp(t)
	u, q := windowOf(t, app, profiles.NewMemory())
	for _, name := range []string{"first", "second"} {
		p := someProfile(name)
		ids = append(ids, p.ID)
		u.save(p)
		q.until(t, "saved", func() bool { return len(u.entries) == len(ids) })
	}
	list := u.entries
	closeWindow(t, u, q)
	return func() *profiles.Store {
		s := profiles.NewMemory()
		for _, e := range list {
			p := e.Profile
			p.Revision = ""
			if _, err := s.Save(t.Context(), p); err != nil {
				t.Fatal(err)
			}
		}
		return s
	}, ids
}

func TestTheWindowComesBackAsItWasLeft(t *testing.T) {
	open, ids := keptProfiles(t)
	app := test.NewTempApp(t)
	u, q := windowOf(t, app, open())
	u.choose(ids[1])
	u.run(commandNamed(t, u, "Page Identity"))
	u.run(commandNamed(t, u, "Larger"))
	u.run(commandNamed(t, u, "Theme: high contrast"))
	u.run(commandNamed(t, u, "Fold the list of profiles, or show it"))
	u.arrange(live.Stacked)
	q.until(t, "everything has its new look", func() bool { return u.settling == 0 })
	u.win.Resize(fyne.NewSize(1500, 900))
	u.page.SetOffset("work", 0.3)
	closeWindow(t, u, q)

	u, q = windowOf(t, app, open())
	if u.current != ids[1] || !u.pager.shows(pageIdentity) {
		t.Errorf("profile %v on page %s, want the second on Identity", u.current, u.pager.name())
	}
	if u.style.zoom != 1.1 || u.style.choice != themeContrast || u.sidebar.content.Visible() || u.page.Arrangement() != live.Stacked {
		t.Errorf("zoom %v, theme %v, list %v, panes %v", u.style.zoom, u.style.choice, u.sidebar.content.Visible(), u.page.Arrangement())
	}
	if size := u.win.Canvas().Size(); size != fyne.NewSize(1500, 900) || u.page.Offsets()["work"] != 0.3 {
		t.Errorf("size %v, splitter at %v", size, u.page.Offsets())
	}
	closeWindow(t, u, q)
}

func TestAbsurdMemoriesDoNotHurt(t *testing.T) {
	for name, change := range map[string]func(fyne.Preferences){
		"numbers": func(p fyne.Preferences) {
			p.SetInt(keyTheme, -7)
			p.SetInt(keyZoom, 1e6)
			p.SetInt(keyArranged, 99)
			p.SetFloat(keyWidth, math.NaN())
			p.SetFloat(keyHeight, -3)
			p.SetFloat(keySidebar, 17)
			p.SetFloat(keyOffsets+"work", math.Inf(1))
			p.SetString(keyProfile, "gone")
			p.SetString(keyPage, "no such page")
		},
		"other types": func(p fyne.Preferences) {
			for _, key := range []string{keyTheme, keyZoom, keyWidth, keyHeight, keySidebar, keyFolded, keyArranged, keyOffsets + "work", keyNotify} {
				p.SetString(key, "what")
			}
			p.SetInt(keyProfile, 3)
			p.SetBool(keyPage, true)
		},
	} {
		t.Run(name, func(t *testing.T) {
			app := test.NewTempApp(t)
			change(app.Preferences())
			u, q := windowOf(t, app, profiles.NewMemory())
			if size := u.win.Canvas().Size(); size != fyne.NewSize(usualWidth, usualHeight) {
				t.Errorf("the window is %v", size)
			}
			if u.style.zoom != 1 || u.style.choice != themeSystem || u.split.Offset != usualSidebar || u.page.Arrangement() != live.SideBySide || !u.sidebar.content.Visible() {
				t.Errorf("zoom %v, theme %v, splitter %v, panes %v", u.style.zoom, u.style.choice, u.split.Offset, u.page.Arrangement())
			}
			u.TryLocalRelay()
			q.until(t, "a profile is on screen", func() bool { return u.live.Visible() })
			closeWindow(t, u, q)
		})
	}
}

func TestNotificationsAreFew(t *testing.T) {
	var n notifier
	start := time.Unix(1e9, 0)
	for i, step := range []struct {
		after time.Duration
		kind  widgets.StatusKind
		tells bool
	}{
		{0, widgets.StatusIdle, false},
		{1, widgets.StatusBusy, false},
		{2, widgets.StatusOnline, true},
		{5, widgets.StatusBusy, false}, // lost too soon after what was told
		{6, widgets.StatusOnline, false},
		{90, widgets.StatusBusy, true},
		{91, widgets.StatusBusy, false},
		{150, widgets.StatusFailed, true},
		{300, widgets.StatusFailed, false},
	} {
		now := start.Add(step.after * time.Second)
		text := n.news("p", step.kind, "Word", now)
		if text != "" {
			n.told["p"] = now
		}
		if (text != "") != step.tells {
			t.Errorf("step %d: told %q", i, text)
		}
	}
}
