//go:build linux

package windowtest

import (
	"strings"
	"testing"
)

// Several connections, one message to all, to some, again and again, and from
// a key: without the mouse.
func TestSenderByKeyboard(t *testing.T) {
	t.Parallel()
	r := newRelay(t)
	w := newDesktop(t, "1280x720").open(t)
	w.paste(r.access("both"), r.certificate())
	w.sees("sender.status", "Not connected")
	w.key("ctrl+shift+o")
	w.write("options.path", "/chat 7")
	w.sees("options.wrong", "%20")
	w.whole("wrong-option")
	w.key("BackSpace", "BackSpace", "Tab")
	w.write("options.query", "room=1")
	w.key("Tab", "Tab")
	w.write("options.connections", "3")
	w.whole("options")
	w.key("ctrl+shift+o")
	w.sees("options.fold", "/chat?room=1 · 3 connections")

	w.key("F5")
	w.sees("listener.status", "Online")
	w.sees("sender.facts", "3 open")
	w.key("ctrl+m")
	w.write("composer.entry", `{"order":{{counter}}}`)
	w.key("ctrl+Return")
	for _, connection := range [...]string{"#1", "#2", "#3"} {
		w.echoes(connection, `{"order":1}`)
	}
	w.whole("three")

	w.key("ctrl+s")
	w.key("Return") // its name is its beginning
	w.sees("saved.list")
	w.key("ctrl+shift+l", "space")
	w.sees("composer.why", "Ctrl+Enter sends on 2")
	w.key("alt+1")
	w.logs(message("sender|out", "#3", `{"order":1}`), message("sender|in", "#3", `{"order":1}`))
	w.wait("message on two of three", func(p parts) error {
		n := strings.Count(strings.Join(p["log"].Lines, "\n"), "sender|in|#1|text")
		return want(n == 1, "connection #1 has %d answers", n)
	})

	w.key("F6")
	w.wait("focus on the number", func(p parts) error { return want(p["repeat.count"].Focused, "it has none") })
	w.key("ctrl+a")
	w.xdotool("type", "20")
	w.screen("repeat")
	w.key("Return")
	w.logs("sender|||repeated|20 messages sent in")
	w.key("F7")
	w.logs("sender|in|#2|pong|the relay answered a PING in")
	w.whole("repeated")
	w.key("F6")
	w.wait("focus on the number", func(p parts) error { return want(p["repeat.count"].Focused, "it has none") })
	w.key("ctrl+a", "BackSpace", "Return")
	w.sees("repeat.stop")
	w.whole("repeating")
	w.key("F6")
	w.logs("sender|||repeated|20 ", "sender|||repeated|")
}
