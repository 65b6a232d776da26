package ui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"

	"relayscope/profiles"
	"relayscope/ui/widgets"
)

// A notifier tells of listeners that come and go while nobody looks. It holds
// what was told last, so that one that flaps is told about now and then only.
type notifier struct {
	kinds map[profiles.ID]widgets.StatusKind // last seen
	told  map[profiles.ID]time.Time
}

// notifyPause is the least time between two notifications about one profile.
const notifyPause = 30 * time.Second

// news returns what to tell about a listener that is of a kind now; "" for
// nothing.
func (n *notifier) news(id profiles.ID, kind widgets.StatusKind, word string, now time.Time) string {
	if n.kinds == nil {
		n.kinds, n.told = map[profiles.ID]widgets.StatusKind{}, map[profiles.ID]time.Time{}
	}
	before := n.kinds[id]
	n.kinds[id] = kind
	text := ""
	switch {
	case kind == widgets.StatusOnline && before != widgets.StatusOnline:
		text = "The listener is online."
	case before == widgets.StatusOnline && kind == widgets.StatusBusy:
		text = "The listener has lost its connection. " + word + "."
	case before != widgets.StatusFailed && kind == widgets.StatusFailed:
		text = "The listener is not online. " + word + "."
	}
	if text == "" || now.Sub(n.told[id]) < notifyPause {
		return ""
	}
	return text
}

// watchFocus notes whether somebody looks at the window.
func (u *Window) watchFocus(l fyne.Lifecycle) {
	l.SetOnEnteredForeground(func() { u.away = false })
	l.SetOnExitedForeground(func() { u.away = true })
}

// tellOfListeners notifies the desktop. Its service may be slow or hang, so
// nobody waits for it.
func (u *Window) tellOfListeners(now time.Time) {
	wanted := u.away && u.kept.BoolWithFallback(keyNotify, true)
	for _, e := range u.entries {
		s := u.sessions[e.ID]
		if s == nil {
			continue
		}
		kind, word := s.ListenerState()
		text := u.notify.news(e.ID, kind, word, now)
		if text == "" || !wanted {
			continue
		}
		u.notify.told[e.ID] = now
		note := fyne.NewNotification(widgets.ShownLine(e.Profile.Name), text)
		u.background(func(ctx context.Context) {
			sent := make(chan struct{})
			go func() {
				u.app.SendNotification(note)
				close(sent)
			}()
			select {
			case <-sent:
			case <-ctx.Done():
			}
		})
	}
}
