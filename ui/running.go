package ui

import (
	"fmt"

	"relayscope/ui/live"
)

// runningSessions returns the sessions that have something at work.
func (u *Window) runningSessions() []*live.Session {
	var list []*live.Session
	for _, s := range u.sessions {
		if s.Running() {
			list = append(list, s)
		}
	}
	return list
}

// stopEverything stops what runs, of whichever profile.
func (u *Window) stopEverything() {
	for _, s := range u.runningSessions() {
		s.StopAll()
	}
	u.refreshFrame()
}

func (u *Window) whyNothingRuns() string {
	if len(u.runningSessions()) == 0 {
		return "Nothing runs."
	}
	return ""
}

// runningText says how many profiles run, if the connect bar does not show
// all of it.
func (u *Window) runningText() string {
	list := u.runningSessions()
	switch {
	case len(list) == 0, len(list) == 1 && list[0] == u.sessions[u.current] && u.live.Visible():
		return ""
	case len(list) == 1:
		return "1 profile runs"
	}
	return fmt.Sprintf("%d profiles run", len(list))
}
