package ui

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"relayscope/profiles/saved"
	"relayscope/ui/live"
	"relayscope/ui/widgets"
)

// The scenes of the sender's WebSocket connections and of what is written for
// them.
func init() {
	tap := func(u *Window, name string) { test.Tap(u.Objects()[name].(fyne.Tappable)) }
	write := func(u *Window, name, text string) { u.Objects()[name].(*widgets.Entry).SetText(text) }
	kind := func(u *Window, name string) { u.Objects()["composer.kind"].(*widget.Select).SetSelected(name) }
	ask := func(u *Window) {
		withProfiles(u, 0)
		tap(u, "options.fold")
		write(u, "options.path", "/chat/7")
		write(u, "options.query", "room=1&lang=en")
		write(u, "options.subprotocols", "chat.v2, chat.v1")
		tap(u, "options.add")
		write(u, "options.header.name", "Authorization")
		write(u, "options.header.value", "Bearer of a token")
	}
	connected := func(t *testing.T, u *Window, q mainQueue, open int) *live.Session {
		u.TryLocalRelay()
		s := u.sessions[u.current]
		q.until(t, "the sender is connected", func() bool { return s.Sender().Open == 1 })
		if open > 1 {
			s.SetSendOptions(live.SendOptions{Connections: open})
			s.Connect()
			q.until(t, "all are connected", func() bool { return s.Sender().Open == open })
		}
		u.page.Refresh()
		return s
	}
	scenes = append(scenes,
		scene{name: "ws-options", show: func(_ *testing.T, u *Window, _ mainQueue) { ask(u) }},
		scene{name: "ws-options-folded", show: func(_ *testing.T, u *Window, _ mainQueue) { ask(u); tap(u, "options.fold") }},
		scene{name: "ws-option-wrong", show: func(_ *testing.T, u *Window, _ mainQueue) {
			withProfiles(u, 0)
			tap(u, "options.fold")
			write(u, "options.query", "sb-hc-token=x")
		}},
		scene{name: "ws-json-wrong", moves: true, show: func(t *testing.T, u *Window, q mainQueue) {
			connected(t, u, q, 1)
			kind(u, "JSON")
			write(u, "composer.entry", `{"order": {{counter}}, "item": relay}`)
			u.page.Refresh()
		}},
		scene{name: "ws-file", show: func(_ *testing.T, u *Window, _ mainQueue) { withProfiles(u, 0); kind(u, "File") }},
		scene{name: "ws-saved", show: func(t *testing.T, u *Window, q mainQueue) {
			withProfiles(u, 0)
			store := saved.NewStore("")
			_, err := store.Update(func(l saved.List) (saved.List, error) {
				for _, m := range []saved.Message{{ID: "1", Name: "ping"}, {ID: "2", Name: "an order with a long name", Folder: "Orders"}, {ID: "3", Name: "bad bytes", Folder: "Hostile"}} {
					l, _ = l.Put(m)
				}
				return l, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			u.page.KeepMessages(store)
			list := u.Objects()["saved.list"].(interface{ Visible() bool })
			q.until(t, "the messages are listed", list.Visible)
			tap(u, "saved.open")
		}},
		scene{name: "ws-repeat", moves: true, show: func(t *testing.T, u *Window, q mainQueue) {
			connected(t, u, q, 1)
			tap(u, "repeat.open")
		}},
		scene{name: "ws-close", moves: true, show: func(t *testing.T, u *Window, q mainQueue) {
			connected(t, u, q, 1)
			commandNamed(t, u, "Close with code and reason…").Do()
			write(u, "close.code", "1005")
		}},
		scene{name: "ws-many", moves: true, show: func(t *testing.T, u *Window, q mainQueue) {
			s := connected(t, u, q, 5)
			s.PingSender()
			q.until(t, "the PING is answered", func() bool { return s.Sender().Ping > 0 })
			s.Disconnect(s.SenderConnections()[1].ID)
			q.until(t, "one is gone", func() bool { return s.Sender().Open == 4 })
			u.page.Refresh()
		}},
	)
}
