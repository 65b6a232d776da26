package ui

import (
	"testing"

	"relayscope/relayclient/responder"
	"relayscope/ui/widgets"
)

// Every answer of the listener with its fields is a scene, and so is a mistake
// in one.
func init() {
	choose := func(what string, a responder.Answer, field, text string) func(*testing.T, *Window, mainQueue) {
		return func(_ *testing.T, u *Window, _ mainQueue) {
			withProfiles(u, 0)
			parts := u.Objects()
			parts[what].(*widgets.Select).SetSelected(a.String())
			if field != "" {
				parts[field].(*widgets.Entry).SetText(text)
			}
			u.page.Refresh()
		}
	}
	for _, a := range responder.ForWebSocket[1:] {
		scenes = append(scenes, scene{name: "answer-" + string(a), moves: true, show: choose("listener.answer", a, "answer.tcp", "127.0.0.1:5432")})
	}
	for _, a := range responder.ForHTTP[1:] {
		scenes = append(scenes, scene{name: "answer-http-" + string(a), moves: true, show: choose("listener.answerHTTP", a, "answer.target", "http://127.0.0.1:8080/api")})
	}
	scenes = append(scenes, scene{name: "answer-mistake", moves: true, show: choose("listener.answer", responder.Canned, "answer.text", "{{nonsense}}")})
}
