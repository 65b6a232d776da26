package ui

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"relayscope/ui/live"
	"relayscope/ui/widgets"
)

// The scenes of the sender's ways other than WebSocket.
func init() {
	tap := func(u *Window, names ...string) {
		parts := u.Objects()
		for _, name := range names {
			test.Tap(parts[name].(fyne.Tappable))
		}
	}
	write := func(u *Window, name, text string) { u.Objects()[name].(*widgets.Entry).SetText(text) }
	scenes = append(scenes,
		scene{name: "http", show: func(_ *testing.T, u *Window, _ mainQueue) {
			withProfiles(u, 0)
			tap(u, "sender.way.HTTP")
			write(u, "request.method", "POST")
			write(u, "request.target", "/api/items?page=2")
			u.Objects()["request.kind"].(*widgets.Select).SetSelected("JSON")
			write(u, "request.body", "{\n  \"order\": 1000\n}")
		}},
		scene{name: "http-wrong-header", show: func(_ *testing.T, u *Window, _ mainQueue) {
			withProfiles(u, 0)
			tap(u, "sender.way.HTTP", "request.tab.Headers")
			write(u, "request.headers", "Accept: application/json\nContent-Length: 12")
		}},
		scene{name: "http-token-in-query", show: func(_ *testing.T, u *Window, _ mainQueue) {
			withProfiles(u, 0)
			tap(u, "sender.way.HTTP", "request.tab.Token")
			u.Objects()["request.place"].(*widgets.Select).SetSelected("sb-hc-token in the query")
		}},
		scene{name: "http-sizes", show: func(_ *testing.T, u *Window, _ mainQueue) {
			withProfiles(u, 0)
			tap(u, "sender.way.HTTP", "request.tab.Sizes")
		}},
		scene{name: "tunnel", show: func(_ *testing.T, u *Window, _ mainQueue) {
			withProfiles(u, 0)
			tap(u, "sender.way.Tunnel")
		}},
		scene{name: "tunnel-wrong-port", show: func(_ *testing.T, u *Window, _ mainQueue) {
			withProfiles(u, 0)
			tap(u, "sender.way.Tunnel")
			write(u, "tunnel.port", "70000")
		}},
		scene{name: "http-answer", moves: true, show: func(t *testing.T, u *Window, q mainQueue) {
			u.TryLocalRelay()
			s := u.sessions[u.current]
			q.until(t, "the sender is connected", func() bool { return s.Sender().State == live.SenderConnected })
			tap(u, "sender.way.HTTP")
			write(u, "request.method", "POST")
			write(u, "request.body", "hello")
			tap(u, "request.send")
			q.until(t, "it is answered", func() bool { st := s.Requests(); return st.Number > 0 && !st.Pending() })
			u.page.Refresh()
		}},
		scene{name: "tunnel-open", moves: true, show: func(t *testing.T, u *Window, q mainQueue) {
			u.TryLocalRelay()
			s := u.sessions[u.current]
			q.until(t, "the sender is connected", func() bool { return s.Sender().State == live.SenderConnected })
			tap(u, "sender.way.Tunnel", "tunnel.toggle")
			q.until(t, "it is open", func() bool { return s.Tunnel().Address != "" })
			u.page.Refresh()
		}},
	)
}
