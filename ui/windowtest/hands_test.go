//go:build linux

package windowtest

import (
	"fmt"
	"strconv"
	"strings"
)

// What a person does with mouse and keyboard. All of it goes through X.

func (w *window) xdotool(args ...string) {
	w.t.Helper()
	if _, err := w.desktop.try("xdotool", args...); err != nil {
		w.t.Fatal(err)
	}
}

// click clicks in the middle of a part.
func (w *window) click(name string) {
	w.t.Helper()
	q := w.settled(name)
	w.clickAt(q.X+q.W/2, q.Y+q.H/2)
}

// clickAt clicks at pixels of the window.
func (w *window) clickAt(x, y int) {
	w.t.Helper()
	w.xdotool("mousemove", "--window", w.id, strconv.Itoa(x), strconv.Itoa(y), "click", "1")
}

// key presses keys, such as ctrl+Return.
func (w *window) key(keys ...string) {
	w.t.Helper()
	w.xdotool(append([]string{"key"}, keys...)...)
}

// write types into the entry that has the focus, and waits for the text.
func (w *window) write(name, text string) {
	w.t.Helper()
	w.wait("focus on "+name, func(p parts) error { return want(p[name].Focused, "%s has no focus", name) })
	var hands []string
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			hands = append(hands, "key", "Return")
		}
		if line != "" {
			hands = append(hands, "type", "--delay", "1", "--args", "1", "--", line)
		}
	}
	w.xdotool(hands...)
	w.wait("type into "+name, func(p parts) error {
		return want(p[name].Text == text, "%s holds %q, want %q", name, p[name].Text, text)
	})
}

// fill replaces what is in an entry.
func (w *window) fill(name, text string) {
	w.t.Helper()
	w.click(name)
	w.wait("focus on "+name, func(p parts) error { return want(p[name].Focused, "%s has no focus", name) })
	w.key("ctrl+a", "BackSpace")
	w.wait("empty "+name, func(p parts) error { return want(p[name].Text == "", "%s holds %q", name, p[name].Text) })
	w.write(name, text)
}

// cut takes what is in an entry onto the clipboard.
func (w *window) cut(name string) {
	w.t.Helper()
	w.click(name)
	w.key("ctrl+a", "ctrl+x")
	w.wait("cut "+name, func(p parts) error { return want(p[name].Text == "", "%s holds %q", name, p[name].Text) })
}

// choose opens a list of choices and takes one.
func (w *window) choose(name, choice string) {
	w.t.Helper()
	w.click(name)
	w.click("over." + choice)
	w.sees(name, choice)
}

// startBoth starts both sides and waits until they have met.
func (w *window) startBoth() {
	w.t.Helper()
	w.sees("bar.toggle", "Start both")
	w.click("bar.toggle")
	w.met()
}

func (w *window) met() {
	w.t.Helper()
	w.sees("listener.status", "Online")
	w.sees("sender.status", "Connected")
}

// send writes a message and sends it with the keyboard.
func (w *window) send(text string) {
	w.t.Helper()
	w.fill("composer.entry", text)
	w.settled("composer.send")
	w.key("ctrl+Return")
}

// echoes waits until the log has a message's whole way there and back.
func (w *window) echoes(connection, text string) {
	w.t.Helper()
	for _, where := range [...]string{"sender|out", "listener|in", "listener|out", "sender|in"} {
		w.logs(message(where, connection, text))
	}
}

// logs waits until the message log has rows, in this order, though not one
// after the other.
func (w *window) logs(rows ...string) {
	w.t.Helper()
	w.wait("message log", func(p parts) error {
		missing := rows
		for _, line := range p["log"].Lines {
			if len(missing) > 0 && strings.Contains(line, missing[0]) {
				missing = missing[1:]
			}
		}
		return want(len(missing) == 0, "the log lacks %q; it has\n%s", missing, strings.Join(p["log"].Lines, "\n"))
	})
}

// message returns the log row of a text message.
func message(where, connection, text string) string {
	return fmt.Sprintf("%s|%s|text|%s", where, connection, text)
}
