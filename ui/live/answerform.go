package live

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/profiles"
	"relayscope/relayclient/placeholder"
	"relayscope/relayclient/responder"
	"relayscope/ui/widgets"
)

// An answerForm is where a person says how the listener answers: a choice for
// connections, one for requests, and the fields that belong to what is chosen. A
// choice counts at once, what is written when it is applied: nobody wants half
// a text to be sent. Until then, and while something is wrong, the listener goes
// on as before.
type answerForm struct {
	session *Session
	onFold  func()

	websocket *widgets.Select
	http      *widgets.Select
	fold      *widgets.Button
	row       *fyne.Container // of these, and of what applies the fields

	about   *widget.Label // what it will do
	apply   *widgets.Button
	wrong   *widget.Label
	text    *widgets.Entry
	tcp     *widgets.Entry
	target  *widgets.Entry
	rules   *widgets.Entry
	refusal *widgets.Entry // the status of a rejection
	why     *widgets.Entry
	status  *widgets.Entry
	header  *widgets.Entry
	reply   *widgets.Entry
	delay   *widgets.Entry
	jitter  *widgets.Entry
	fields  []answerField
	grid    *fyne.Container
	body    *container.Scroll
	folded  bool
	filling bool // fields are being set
	drafts  map[profiles.ID]responder.Settings
}

// An answerField is a line of the form that some answers need.
type answerField struct {
	need   []responder.Field
	label  *widget.Label
	object fyne.CanvasObject
}

func newAnswerForm(onFold func()) *answerForm {
	f := &answerForm{onFold: onFold, about: caption(""), wrong: caption(""), folded: true, drafts: map[profiles.ID]responder.Settings{}}
	f.websocket = widgets.NewSelect(answerNames(responder.ForWebSocket), func(string) { f.chosen() })
	f.http = widgets.NewSelect(answerNames(responder.ForHTTP), func(string) { f.chosen() })
	f.fold = widgets.NewButtonWithIcon("", theme.MenuExpandIcon(), func() { f.open(f.folded) })
	f.fold.Importance = widget.LowImportance
	f.apply = widgets.NewButtonWithIcon("Apply", theme.ConfirmIcon(), f.use)
	f.apply.Importance = widget.HighImportance
	f.row = container.NewBorder(nil, nil, nil, container.NewHBox(container.NewCenter(f.apply), container.NewCenter(f.fold)),
		container.New(&choices{}, caption("WebSocket"), f.websocket, caption("HTTP"), f.http))

	f.text, f.reply = f.lines(`{"received":{{size}}}`), f.lines("")
	f.tcp, f.target = f.line("127.0.0.1:5432"), f.line("http://127.0.0.1:8080")
	f.rules = f.lines("X-Added: value, -X-Removed or < X-Of-The-Response: value")
	f.header = f.lines("Content-Type: text/plain")
	f.refusal, f.why, f.status = f.line("403"), f.line("what the sender is told"), f.line("200")
	f.delay, f.jitter = f.line("0 ms"), f.line("0 ms")
	f.about.Wrapping, f.wrong.Wrapping = fyne.TextWrapWord, fyne.TextWrapWord
	f.wrong.Importance = widget.DangerImportance

	f.grid = container.New(layout.NewFormLayout())
	add := func(label string, o fyne.CanvasObject, need ...responder.Field) {
		field := answerField{need: need, label: caption(label), object: o}
		f.fields = append(f.fields, field)
		f.grid.Add(field.label)
		f.grid.Add(o)
	}
	add("Reply", f.withPlaceholders(f.text), responder.FieldText)
	add("TCP target", f.tcp, responder.FieldTCPTarget)
	add("HTTP target", f.target, responder.FieldHTTPTarget)
	add("Header rules", f.rules, responder.FieldRules)
	add("Reject with", container.NewBorder(nil, nil, container.New(narrow{}, f.refusal), nil, f.why), responder.FieldRejection)
	add("HTTP status", container.New(narrow{}, f.status), responder.FieldStatus)
	add("Headers", f.header, responder.FieldHeader)
	add("Body", f.withPlaceholders(f.reply), responder.FieldBody)
	add("Delay", container.NewHBox(container.New(narrow{}, f.delay), caption("and by chance up to"), container.New(narrow{}, f.jitter), caption("more")),
		responder.FieldDelay, responder.FieldJitter)
	f.body = container.NewVScroll(container.New(widgets.Stacked{}, f.wrong, f.about, f.grid))
	f.body.Hide()
	f.wrong.Hide()
	return f
}

func answerNames(list []responder.Answer) []string {
	names := make([]string, len(list))
	for i, a := range list {
		names[i] = a.String()
	}
	return names
}

func (f *answerForm) line(hint string) *widgets.Entry {
	e := widgets.NewEntry()
	e.SetPlaceHolder(hint)
	e.OnChanged = func(string) { f.changed() }
	e.OnSubmitted = func(string) { f.use() }
	e.OnCtrlEnter = f.use
	return e
}

func (f *answerForm) lines(hint string) *widgets.Entry {
	e := widgets.NewMultiLineEntry()
	e.SetMinRowsVisible(2)
	e.SetPlaceHolder(hint)
	e.OnChanged = func(string) { f.changed() }
	e.OnCtrlEnter = f.use
	return e
}

// withPlaceholders puts a button beside an entry that offers what can be
// written into it.
func (f *answerForm) withPlaceholders(e *widgets.Entry) fyne.CanvasObject {
	b := widgets.NewButton("{{ }}", nil)
	b.Importance = widget.LowImportance
	b.OnTapped = func() {
		c := fyne.CurrentApp().Driver().CanvasForObject(b)
		if c == nil {
			return
		}
		var items []*fyne.MenuItem
		for _, k := range placeholder.Known(placeholder.Replying) {
			items = append(items, fyne.NewMenuItem(k.Example+"   "+k.Means, func() {
				e.Append(k.Example)
				c.Focus(e)
			}))
		}
		menu := widget.NewPopUpMenu(fyne.NewMenu("", items...), c)
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(b)
		size := menu.MinSize()
		menu.ShowAtPosition(fyne.NewPos(max(0, min(at.X, c.Size().Width-size.Width)), max(0, min(at.Y+b.Size().Height, c.Size().Height-size.Height))))
	}
	return container.NewBorder(nil, nil, nil, container.NewVBox(b), e)
}

// setSession shows what was written for a session.
func (f *answerForm) setSession(s *Session) {
	f.session = s
	draft, known := f.drafts[s.Profile().ID]
	if !known {
		if draft, known = keptAnswers(s.Profile().ID); !known || s.SetAnswers(draft) != nil {
			draft = s.Answers()
		}
	}
	f.filling = true
	f.websocket.SetSelected(draft.WebSocket.String())
	f.http.SetSelected(draft.HTTP.String())
	f.text.SetText(draft.Text)
	f.tcp.SetText(draft.TCPTarget)
	f.target.SetText(draft.HTTPTarget)
	f.rules.SetText(draft.Rules)
	f.refusal.SetText(strconv.Itoa(draft.Rejection.Status))
	f.why.SetText(draft.Rejection.Text)
	f.status.SetText(strconv.Itoa(draft.Reply.Status))
	f.header.SetText(draft.Reply.Header)
	f.reply.SetText(draft.Reply.Body)
	f.delay.SetText(delayText(draft.Delay))
	f.jitter.SetText(delayText(draft.Jitter))
	f.filling = false
	f.changed()
	f.open(f.worthOpening())
}

// worthOpening reports whether what is chosen has fields of its own, or
// something to say.
func (f *answerForm) worthOpening() bool {
	s := f.settings()
	for _, field := range f.fields {
		if field.need[0] != responder.FieldDelay && s.Uses(field.need[0]) {
			return true
		}
	}
	return answerAbout(s) != ""
}

// open unfolds the fields or folds them.
func (f *answerForm) open(on bool) {
	f.folded = !on
	icon := theme.MenuExpandIcon()
	if on {
		icon = theme.MenuDropDownIcon()
	}
	f.fold.SetIcon(icon)
	if show(f.body, on) {
		f.onFold()
	}
}

// chosen takes another answer, and shows what belongs to it.
func (f *answerForm) chosen() {
	if f.filling || f.session == nil {
		return
	}
	f.use()
	f.open(f.worthOpening())
	f.body.ScrollToTop()
}

// settings are what is written. What is no number or time is out of bounds.
func (f *answerForm) settings() responder.Settings {
	return responder.Settings{
		WebSocket: answerOf(f.websocket, responder.ForWebSocket), HTTP: answerOf(f.http, responder.ForHTTP),
		Text: f.text.Text, TCPTarget: f.tcp.Text, HTTPTarget: f.target.Text, Rules: f.rules.Text,
		Rejection: responder.Rejection{Status: number(f.refusal.Text), Text: f.why.Text},
		Reply:     responder.Reply{Status: number(f.status.Text), Header: f.header.Text, Body: f.reply.Text},
		Delay:     readDelay(f.delay.Text), Jitter: readDelay(f.jitter.Text),
	}
}

func answerOf(s *widgets.Select, list []responder.Answer) responder.Answer {
	if i := s.SelectedIndex(); i >= 0 {
		return list[i]
	}
	return ""
}

func number(text string) int {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		return -1
	}
	return n
}

// readDelay reads "250 ms", "2s" or a bare number of milliseconds; what is none
// of these is negative.
func readDelay(text string) time.Duration {
	compact := strings.ToLower(strings.Join(strings.Fields(text), ""))
	if compact == "" {
		return 0
	}
	if n, err := strconv.Atoi(compact); err == nil {
		compact = strconv.Itoa(n) + "ms"
	}
	d, err := time.ParseDuration(strings.Replace(compact, "min", "m", 1))
	if err != nil {
		return -1
	}
	return d
}

func delayText(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
}

// use gives what is written to the listener, unless something is wrong with it.
func (f *answerForm) use() {
	if f.session == nil {
		return
	}
	if s := f.settings(); f.session.SetAnswers(s) == nil { // otherwise changed says what is wrong
		keepAnswers(f.session.Profile().ID, s)
	}
	f.changed()
}

// changed follows what is written: it says what is wrong with it, and whether it
// has yet to be applied.
func (f *answerForm) changed() {
	if f.filling || f.session == nil {
		return
	}
	s := f.settings()
	f.drafts[f.session.Profile().ID] = s
	wrong := ""
	if mistakes := s.Mistakes(); mistakes != nil {
		wrong = upperFirst(mistakes[0].Error()) + ". Until then the listener answers as before."
	}
	widgets.SetText(f.wrong, wrong)
	pending := wrong == "" && s != f.session.Answers()
	setEnabled(f.apply, pending)
	about := answerAbout(s)
	widgets.SetText(f.about, about)
	moved := show(f.apply, pending)
	moved = show(f.wrong, wrong != "") || moved
	moved = show(f.about, wrong == "" && about != "") || moved
	for _, field := range f.fields {
		used := s.Uses(field.need[0])
		moved = show(field.label, used) || moved
		moved = show(field.object, used) || moved
	}
	if moved {
		f.row.Refresh()
		f.grid.Refresh()
		f.body.Content.Refresh()
		f.onFold()
	}
}

// answerAbout says what an answer will do that its name does not say.
func answerAbout(s responder.Settings) string {
	var texts []string
	if s.WebSocket == responder.ForwardTCP {
		if address, err := responder.TCPAddress(s.TCPTarget); err == nil {
			texts = append(texts, "Each new connection opens one to "+address+elsewhere(address)+"; bytes go both ways.")
		}
	}
	if s.Uses(responder.FieldHTTPTarget) {
		if u, err := responder.HTTPAddress(s.HTTPTarget); err == nil {
			what := "Requests go to "
			switch {
			case s.HTTP != responder.ForwardHTTP:
				what = "Each new connection becomes a WebSocket at "
			case s.WebSocket == responder.ForwardHTTP:
				what = "Requests, and new connections as WebSockets, go to "
			}
			texts = append(texts, what+u.String()+elsewhere(u.Host)+"; path and query are added.")
		}
	}
	switch s.WebSocket {
	case responder.Reject:
		texts = append(texts, "New senders are turned away; open connections stay.")
	case responder.Ignore:
		texts = append(texts, "New senders wait until the relay gives up, after half a minute; open connections stay.")
	case responder.Silence:
		texts = append(texts, "Connections are accepted, and nothing goes back.")
	}
	for field, lines := range map[responder.Field]string{responder.FieldRules: s.Rules, responder.FieldHeader: s.Reply.Header} {
		if _, missing := withoutSecretLines(lines); missing != nil && s.Uses(field) {
			texts = append(texts, strings.Join(missing, ", ")+" may be secret: kept until Relayscope ends, not stored.")
		}
	}
	if s.HTTP == responder.Silence {
		texts = append(texts, "Requests are taken and never answered: the relay gives up after a minute.")
	}
	return strings.Join(texts, " ")
}

// elsewhere says that a target is not on this computer.
func elsewhere(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = strings.Trim(address, "[]")
	}
	if ip := net.ParseIP(host); strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback() {
		return ""
	}
	return " (not this computer)"
}

// counterText says what has happened to the answers in use, and why the last
// one failed.
func counterText(websocket, http responder.Counters) (text, failed string) {
	var parts []string
	if n := websocket; n.Connections+n.Received > 0 {
		part := fmt.Sprintf("WebSocket: %s in, %s out", messages(n.Received, n.BytesIn), messages(n.Answered, n.BytesOut))
		if n.Refused > 0 {
			part = fmt.Sprintf("WebSocket: %d not accepted", n.Refused)
		}
		parts = append(parts, part)
	}
	if n := http; n.Connections > 0 {
		parts = append(parts, fmt.Sprintf("HTTP: %s, %d answered, %s in, %s out", plural(int(n.Connections), "request"), n.Answered, byteCount(n.BytesIn), byteCount(n.BytesOut)))
	}
	last, failures := websocket, websocket.Failures+http.Failures
	if http.LastAt.After(last.LastAt) {
		last = http
	}
	if failures > 0 {
		failed = fmt.Sprintf("%d failed, last at %s: %s", failures, last.LastAt.Format("15:04:05"), last.LastFailure)
	}
	return strings.Join(parts, " · "), failed
}

func messages(n, bytes int64) string { return fmt.Sprintf("%d (%s)", n, byteCount(bytes)) }

func (f *answerForm) objects() map[string]fyne.CanvasObject {
	return map[string]fyne.CanvasObject{
		"listener.answer": f.websocket, "listener.answerHTTP": f.http, "listener.fold": f.fold, "listener.wrong": f.wrong, "listener.about": f.about, "answer.apply": f.apply,
		"answer.text": f.text, "answer.tcp": f.tcp, "answer.target": f.target, "answer.rules": f.rules, "answer.refusal": f.refusal, "answer.why": f.why,
		"answer.status": f.status, "answer.header": f.header, "answer.reply": f.reply, "answer.delay": f.delay, "answer.jitter": f.jitter,
	}
}
