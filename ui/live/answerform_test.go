package live

import (
	"context"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"relayscope/profiles"
	"relayscope/relayclient/responder"
)

func newAnswers(t *testing.T, id profiles.ID) (*answerForm, *Session) {
	t.Helper()
	s := NewSession(context.Background(), profiles.Profile{ID: id}, nil)
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	f := newAnswerForm(func() {})
	f.setSession(s)
	return f, s
}

// Fields follow the answers that are chosen, and count when they are applied.
func TestAnswerForm(t *testing.T) {
	test.NewTempApp(t)
	f, s := newAnswers(t, profiles.NewID())
	if f.body.Visible() || s.Answers() != responder.Default() {
		t.Errorf("at first the form is open: %v, and the answers are %+v", f.body.Visible(), s.Answers())
	}
	f.websocket.SetSelected("Forward to TCP")
	if !f.tcp.Visible() || f.fields[0].object.Visible() || f.wrong.Text == "" || s.Answers().WebSocket != responder.Echo {
		t.Errorf("without a target: %q, and the answer is %v", f.wrong.Text, s.Answers().WebSocket)
	}
	f.tcp.SetText("5432")
	if f.wrong.Visible() || f.apply.Disabled() || s.Answers().WebSocket != responder.Echo {
		t.Errorf("before it is applied: %q, and the answer is %v", f.wrong.Text, s.Answers().WebSocket)
	}
	if want := "Each new connection opens one to 127.0.0.1:5432; bytes go both ways."; f.about.Text != want {
		t.Errorf("it says %q, want %q", f.about.Text, want)
	}
	test.Tap(f.apply)
	if a := s.Answers(); a.WebSocket != responder.ForwardTCP || a.TCPTarget != "5432" || !f.apply.Disabled() {
		t.Errorf("applied, the answers are %+v", a)
	}
	f.delay.SetText("1.5 s")
	f.jitter.SetText("soon")
	if !strings.Contains(f.wrong.Text, "jitter") || !f.apply.Disabled() {
		t.Errorf("a wrong time: %q", f.wrong.Text)
	}
	f.jitter.SetText("20")
	f.tcp.OnSubmitted("")
	if a := s.Answers(); a.Delay != 1500*time.Millisecond || a.Jitter != 20*time.Millisecond {
		t.Errorf("the delays are %v and %v", a.Delay, a.Jitter)
	}
	f.websocket.SetSelected("Echo")
	if f.body.Visible() || s.Answers().WebSocket != responder.Echo {
		t.Errorf("the form is still open: %v, and the answer is %v", f.body.Visible(), s.Answers().WebSocket)
	}
}

// What was typed is there again after another profile was on screen; what was
// applied also after the program has ended, but for secrets.
func TestAnswersAreRemembered(t *testing.T) {
	test.NewTempApp(t)
	id := profiles.NewID()
	f, s := newAnswers(t, id)
	f.http.SetSelected("Forward to HTTP")
	f.target.SetText("http://127.0.0.1:8080")
	f.rules.SetText("X-Plain: 1\nAuthorization: Bearer hush\n< Set-Cookie: hush")
	if !strings.Contains(f.about.Text, "Authorization, Set-Cookie may be secret") {
		t.Errorf("it says %q", f.about.Text)
	}
	f.rules.OnCtrlEnter()
	f.target.SetText("http://elsewhere")
	_, other := newAnswers(t, profiles.NewID())
	f.setSession(other)
	if f.target.Text != "" || f.http.Selected != "Echo" {
		t.Errorf("another profile has the target %q", f.target.Text)
	}
	f.setSession(s)
	if f.target.Text != "http://elsewhere" || !strings.Contains(f.rules.Text, "hush") || s.Answers().HTTPTarget != "http://127.0.0.1:8080" {
		t.Errorf("back again, the target is %q and %q is in use", f.target.Text, s.Answers().HTTPTarget)
	}
	if kept := fyne.CurrentApp().Preferences().String(answersKey(id)); strings.Contains(kept, "hush") || !strings.Contains(kept, "X-Plain") {
		t.Errorf("kept is %s", kept)
	}
	_, later := newAnswers(t, id)
	if a := later.Answers(); a.HTTP != responder.ForwardHTTP || a.HTTPTarget != "http://127.0.0.1:8080" || a.Rules != "X-Plain: 1" {
		t.Errorf("in the next run the answers are %+v", a)
	}
}
