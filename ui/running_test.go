package ui

import (
	"testing"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/ui/live"
	"relayscope/ui/widgets"
)

// Profiles run beside one another; the list says how many, and stops them all.
func TestSeveralProfilesRun(t *testing.T) {
	u, q := newWindow(t, profiles.NewMemory())
	defer closeWindow(t, u, q)
	online := func(id profiles.ID) func() bool {
		return func() bool {
			st, _ := u.sessions[id].Listener()
			return st.State == relayclient.Online
		}
	}
	start := func(name string) profiles.ID {
		p := demoProfile()
		p.Name, p.HybridConnection = name, name
		u.present(p)
		u.sessions[p.ID].StartListener()
		q.until(t, name+" is online", online(p.ID))
		u.refreshFrame()
		return p.ID
	}
	if why := u.whyNothingRuns(); why == "" || u.sidebar.running.Visible() {
		t.Errorf("before anything runs: %q, the list shows it: %v", why, u.sidebar.running.Visible())
	}
	first := start("first")
	if u.sidebar.running.Visible() {
		t.Error("the list counts what the connect bar shows")
	}
	second := start("second")
	u.sessions[second].AddListener()
	q.until(t, "two listeners", func() bool {
		u.refreshFrame()
		kind, word := live.StateOf(u.sessions[second])
		return kind == widgets.StatusOnline && word == "2 online"
	})
	if text := u.sidebar.runs.Text; text != "2 profiles run" || !u.sidebar.running.Visible() {
		t.Errorf("the list says %q", text)
	}
	u.sidebar.stopAll.OnTapped()
	q.until(t, "all stopped", func() bool { return !u.sessions[first].Running() && !u.sessions[second].Running() })
	u.refreshFrame()
	if u.sidebar.running.Visible() || u.whyNothingRuns() == "" {
		t.Error("something runs still")
	}
}
