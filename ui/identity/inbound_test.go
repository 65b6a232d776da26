package identity

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"relayscope/relayclient/token"
	"relayscope/ui/widgets"
)

func TestInboundChecksNeedAudienceAndIssuer(t *testing.T) {
	test.NewTempApp(t)
	var told Inbound
	s := newInboundSection(func(in Inbound) { told = in })
	if s.fields.Visible() {
		t.Error("fields are shown while nothing is checked")
	}
	s.on.SetChecked(true)
	if told.On || !strings.Contains(s.wrong.Text, "audience") {
		t.Errorf("without an audience it is on: %v; it says %q", told.On, s.wrong.Text)
	}
	s.audience.SetText("api://upstream")
	if told.On || !strings.Contains(s.wrong.Text, "issuer") {
		t.Errorf("without an issuer it is on: %v; it says %q", told.On, s.wrong.Text)
	}
	s.issuer.SetText("11111111-2222-3333-4444-555555555555, https://sts.windows.net/t/")
	s.application.SetText("caller other")
	s.refuse.SetChecked(true)
	if !told.On || !told.Refuse || s.wrong.Visible() || len(told.Rules.Audiences) != 1 || len(told.Rules.Tenants) != 1 || len(told.Rules.Issuers) != 1 || len(told.Rules.Applications) != 2 {
		t.Errorf("it told %+v and says %q", told, s.wrong.Text)
	}
	before := told
	told = Inbound{}
	s.fill(before)
	if told.On {
		t.Error("showing settings changes them")
	}
	if in, missing := s.read(); missing != "" || in.Rules.Audiences[0] != "api://upstream" || !in.Refuse {
		t.Errorf("it shows %+v, missing %q", in, missing)
	}
}

func TestInboundChecksAreListed(t *testing.T) {
	test.NewTempApp(t)
	s := newInboundSection(func(Inbound) {})
	s.on.SetChecked(true)
	at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	checks := []Checked{
		{"POST", "/hyco/hook", token.Result{Time: at, Steps: []token.Step{{Name: "Audience", Outcome: token.Failed, Detail: "It is for another."}}}},
		{"GET", "/hyco/\x1b[31m", token.Result{Time: at, Steps: []token.Step{{Name: "Token", Outcome: token.Failed, Detail: "The request has no header Authorization."}}}},
	}
	if !s.show(checks, func(string) {}, func(fyne.CanvasObject) {}) || s.show(checks, func(string) {}, func(fyne.CanvasObject) {}) {
		t.Error("new checks are no change, or the same ones are")
	}
	bad, none := s.rows[0].words, s.rows[1].words
	if bad.kind != widgets.StatusFailed || bad.value != "POST /hyco/hook" || !strings.Contains(bad.why, "Audience: It is for another.") {
		t.Errorf("the row says %+v", bad)
	}
	if none.word != "Does not pass" || strings.Contains(none.value, "\x1b") || !strings.Contains(none.why, "no header") {
		t.Errorf("the row says %+v", none)
	}
	if s.none.Visible() {
		t.Error("it says that there is no request")
	}
}
