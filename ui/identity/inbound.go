package identity

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient/token"
	"relayscope/ui/widgets"
)

// Inbound is what a profile's listener expects of the Bearer tokens of HTTP
// requests.
type Inbound struct {
	On     bool
	Rules  token.Rules
	Refuse bool // answer 401 to those that do not pass
}

// A Checked is a request whose token the listener has checked.
type Checked struct {
	Method, Path string
	Result       token.Result
}

// An inboundSection sets what the listener expects, and lists the latest
// checks.
type inboundSection struct {
	set     func(Inbound)
	filling bool // the fields are told, not tell

	on, refuse                    *widgets.Check
	audience, issuer, application *widgets.Entry
	wrong                         *widget.Label
	fields                        *fyne.Container
	none                          *widget.Label
	list                          *fyne.Container
	rows                          []*factRow
	content                       *fyne.Container
}

func newInboundSection(set func(Inbound)) *inboundSection {
	s := &inboundSection{set: set, audience: widgets.NewEntry(), issuer: widgets.NewEntry(), application: widgets.NewEntry()}
	s.on = widgets.NewCheck("Check the Bearer tokens of HTTP requests that reach the listener", func(bool) { s.tell() })
	s.refuse = widgets.NewCheck("Answer 401 if a token is missing or does not pass", func(bool) { s.tell() })
	s.audience.SetPlaceHolder("Audience, such as api://upstream")
	s.issuer.SetPlaceHolder("Tenant ID, or the issuer's URL")
	s.application.SetPlaceHolder("Application or object IDs; empty: any")
	for _, e := range []*widgets.Entry{s.audience, s.issuer, s.application} {
		e.OnChanged = func(string) { s.tell() }
	}
	s.wrong = small("")
	s.wrong.Importance = widget.WarningImportance
	s.none = small("No request yet. This is how calls of Azure SignalR Service are verified that it signs with its managed identity. The settings live for this run.")
	s.list = container.New(widgets.Stacked{Gap: theme.Padding()})
	s.fields = container.New(widgets.Stacked{Gap: theme.Padding()},
		container.New(layout.NewGridLayoutWithColumns(3), s.audience, s.issuer, s.application), s.wrong, container.NewHBox(s.refuse), s.none, s.list)
	s.content = container.New(widgets.Stacked{Gap: theme.Padding()}, widget.NewSeparator(), container.NewHBox(s.on), s.fields)
	s.draw()
	return s
}

// read returns what the fields say, and what is missing.
func (s *inboundSection) read() (in Inbound, missing string) {
	in = Inbound{On: s.on.Checked, Refuse: s.refuse.Checked, Rules: token.Rules{Audiences: words(s.audience.Text), Applications: words(s.application.Text)}}
	for _, word := range words(s.issuer.Text) {
		if strings.HasPrefix(word, "https://") {
			in.Rules.Issuers = append(in.Rules.Issuers, word)
		} else {
			in.Rules.Tenants = append(in.Rules.Tenants, word)
		}
	}
	switch {
	case !in.On:
	case len(in.Rules.Audiences) == 0:
		missing = "Nothing is checked yet: name the audience. A token that is for somebody else must not pass."
	case len(in.Rules.Issuers)+len(in.Rules.Tenants) == 0:
		missing = "Nothing is checked yet: name the tenant or the issuer. Anybody can have a tenant of their own."
	}
	return in, missing
}

// words takes a field with several values apart.
func words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' || r == ';' || r == '\t' || r == '\n' })
}

// tell passes on what the fields say, as soon as it is complete.
func (s *inboundSection) tell() {
	s.draw()
	if s.filling {
		return
	}
	in, missing := s.read()
	in.On = in.On && missing == ""
	s.set(in)
}

// fill shows settings.
func (s *inboundSection) fill(in Inbound) {
	s.filling = true
	defer func() { s.filling = false }()
	s.audience.SetText(strings.Join(in.Rules.Audiences, " "))
	s.issuer.SetText(strings.Join(append(in.Rules.Tenants, in.Rules.Issuers...), " "))
	s.application.SetText(strings.Join(in.Rules.Applications, " "))
	s.refuse.SetChecked(in.Refuse)
	s.on.SetChecked(in.On)
	s.draw()
}

func (s *inboundSection) draw() {
	_, missing := s.read()
	widgets.SetText(s.wrong, missing)
	widgets.SetVisible(s.wrong, missing != "")
	widgets.SetVisible(s.fields, s.on.Checked)
}

// show lists checks, the newest first, and reports whether anything changed.
func (s *inboundSection) show(checks []Checked, copyText func(string), onFocus func(fyne.CanvasObject)) bool {
	changed := len(checks) != len(s.rows)
	if changed {
		s.rows, s.list.Objects = nil, nil
		for range checks {
			row := newFactRow(copyText, onFocus)
			s.rows = append(s.rows, row)
			s.list.Add(row.content)
		}
	}
	for i, c := range checks {
		changed = s.rows[i].set(checkedWords(c)) || changed
	}
	widgets.SetVisible(s.none, len(checks) == 0)
	widgets.SetVisible(s.list, len(checks) > 0)
	return changed
}

func checkedWords(c Checked) rowWords {
	w := rowWords{kind: widgets.StatusOnline, word: "Passes", name: c.Result.Time.Format("15:04:05"), value: visible(c.Method+" "+c.Path, shownOfValue), why: "Every step passed."}
	if !c.Result.OK() {
		w.kind, w.word = widgets.StatusFailed, "Does not pass"
		var failed []string
		for _, step := range c.Result.Failed() {
			failed = append(failed, step.Name+": "+step.Detail)
		}
		w.why = visible(strings.Join(failed, " "), shownOfReason)
	}
	w.full = w.value + "\n" + w.word + ". " + w.why
	return w
}
