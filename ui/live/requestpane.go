package live

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient/request"
	"relayscope/ui/widgets"
)

// methods are offered; any other can be written.
var methods = []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}

// The parts of the pane, in the order of their tabs.
const (
	tabBody = iota
	tabHeaders
	tabToken
	tabAnswer
	tabSizes
)

// requestPane writes one HTTP request and shows its answer.
type requestPane struct {
	session *Session
	copied  func(string)

	status *widgets.Status
	send   *widgets.Button
	header *fyne.Container

	method *widgets.Entry
	target *widgets.Entry
	parts  *tabs
	copyAs *widgets.Button

	body      *editor
	size      *widget.Label
	headers   *widgets.Entry
	place     *widgets.Select
	placeNote *widget.Label
	answer    *answerView
	sizes     *sizesView
	why       *widget.Label // why nothing can be sent
	content   fyne.CanvasObject

	shown int // the number of the request whose answer was brought to the front
}

func newRequestPane(onMain func(func())) *requestPane {
	p := &requestPane{status: widgets.NewStatus(widgets.StatusIdle, ""), size: caption(""), why: caption("")}
	p.send = widgets.NewButtonWithIcon("Send", theme.MailSendIcon(), p.sendOrCancel)
	p.send.Importance = widget.HighImportance
	p.status.Hide()
	p.header = container.NewHBox(p.status, p.send)

	p.method = widgets.NewSuggestEntry(func() []string { return methods })
	p.method.SetText(http.MethodGet)
	p.target = widgets.NewEntry()
	p.target.SetPlaceHolder("Path and query, such as /api/items?page=2")
	p.headers = widgets.NewMultiLineEntry()
	p.headers.SetPlaceHolder("A header a line, such as\nAccept: application/json")
	for _, e := range []*widgets.Entry{p.method, p.target, p.headers} {
		e.OnChanged = func(string) { p.review() }
		e.OnCtrlEnter = p.submit
	}
	p.target.OnSubmitted = func(string) { p.submit() }
	p.body = newEditor("The body, if there is one", onMain, func() { p.review() })
	p.body.frame.Hide()
	p.body.entry.OnCtrlEnter = p.submit

	p.place = widgets.NewSelect([]string{request.InHeader.String(), request.InQuery.String(), request.Nowhere.String()}, func(string) { p.review() })
	p.placeNote = caption("")
	p.placeNote.Wrapping = fyne.TextWrapWord
	p.why.Truncation = fyne.TextTruncateEllipsis
	p.why.Importance = widget.DangerImportance
	p.answer = newAnswerView(onMain)
	p.sizes = newSizesView(p.probe)
	p.copyAs = widgets.NewButtonWithIcon("Copy as", theme.ContentCopyIcon(), p.copyMenu)
	p.copyAs.Importance = widget.LowImportance

	p.parts = newTabs(func() {}, p.goOn)
	tools := container.NewBorder(nil, nil, p.body.tools, p.size)
	p.parts.add("Body", container.NewBorder(tools, nil, nil, nil, p.body))
	p.parts.add("Headers", p.headers)
	p.parts.add("Token", container.NewVBox(container.NewHBox(container.New(wide(260), p.place)), p.placeNote))
	p.parts.add("Answer", p.answer.content)
	p.parts.add("Sizes", p.sizes.content)
	p.place.SetSelected(request.InHeader.String())

	line := container.NewBorder(nil, nil, container.New(wide(104), p.method), nil, p.target)
	bar := container.NewBorder(nil, nil, p.parts.row, p.copyAs)
	p.content = container.NewBorder(container.NewVBox(line, bar), p.why, nil, nil, p.parts.stack)
	p.review()
	return p
}

// goOn gives the keyboard to the part that was chosen.
func (p *requestPane) goOn() {
	switch p.parts.current {
	case tabHeaders:
		p.parts.focus(p.headers)
	case tabToken:
		p.parts.focus(p.place)
	case tabSizes:
		p.parts.focus(p.sizes.start)
	case tabAnswer:
		if p.answer.hasViews() {
			p.parts.focus(p.answer.view)
		}
	default:
		p.parts.focus(p.body.kind)
	}
}

func (p *requestPane) head() fyne.CanvasObject { return p.header }

func (p *requestPane) main() fyne.CanvasObject { return p.content }

func (p *requestPane) first() fyne.Focusable { return p.target }

func (p *requestPane) onCopy(do func(string)) {
	p.copied = do
	p.answer.problem.OnCopy = do
	p.sizes.onCopy = do
}

func (p *requestPane) setSession(s *Session) {
	p.session = s
	p.shown = s.Requests().Number // an old answer stays where it is
	p.answer.forget()
	p.sizes.forget()
}

// written returns the request as it stands in the pane, or what is wrong with
// it.
func (p *requestPane) written() (request.Request, error) {
	r := request.Request{Method: strings.ToUpper(strings.TrimSpace(p.method.Text)), Target: p.target.Text, Token: p.placement()}
	if r.Method == "" {
		return r, fmt.Errorf("the method is missing")
	}
	if err := request.CheckMethod(r.Method); err != nil {
		return r, err
	}
	var err error
	if r.Target, err = request.CleanTarget(p.target.Text); err != nil {
		return r, err
	}
	if r.Header, err = request.ParseHeader(p.headers.Text); err != nil {
		return r, fmt.Errorf("headers, %w", err)
	}
	if p.body.problem != "" && p.hasBody() {
		return r, fmt.Errorf("body, %s", p.body.problem)
	}
	if !p.hasBody() {
		return r, nil
	}
	r.Body, r.File = p.body.made.Data, p.body.made.File
	if kind := contentTypes[p.body.kind.Selected]; kind != "" && r.Header["Content-Type"] == nil {
		r.Header.Set("Content-Type", kind)
	}
	return r, nil
}

// hasBody reports whether anything was written for a body.
func (p *requestPane) hasBody() bool {
	return p.body.held != "" || p.body.kind.Selected == asFile || p.body.entry.Text != ""
}

// contentTypes is what a kind of body says of itself, unless a header does.
var contentTypes = map[string]string{
	asText: "text/plain; charset=utf-8", asJSON: "application/json", asXML: "application/xml",
	asHex: "application/octet-stream", asBase64: "application/octet-stream", asFile: "application/octet-stream",
}

func (p *requestPane) placement() request.Placement {
	for _, place := range []request.Placement{request.InQuery, request.Nowhere} {
		if p.place.Selected == place.String() {
			return place
		}
	}
	return request.InHeader
}

var placeNotes = map[request.Placement]string{
	request.InHeader: "The token travels in a header of its own, which the relay removes. An Authorization header reaches the listener.",
	request.InQuery:  "The token is in the URL, and proxies and servers log URLs. Use it only to try what a client does that cannot set headers. The message log here never has it.",
	request.Nowhere:  "For hybrid connections that let everybody send. Elsewhere the relay refuses the request.",
}

// review brings everything that depends on what is written up to date.
func (p *requestPane) review() {
	if p.content == nil {
		return // it is being made
	}
	r, err := p.written()
	size := ""
	if p.hasBody() && p.body.problem == "" {
		size = exactly(int(p.body.made.Size))
		if p.body.made.Size > request.ControlLimit {
			size += ", over a rendezvous"
		}
	}
	widgets.SetText(p.size, size)
	p.parts.rename(tabHeaders, countedName("Headers", len(r.Header)))
	place := p.placement()
	p.placeNote.Importance = widget.LowImportance
	if place == request.InQuery {
		p.placeNote.Importance = widget.WarningImportance
	}
	widgets.SetText(p.placeNote, placeNotes[place])
	why := ""
	if err != nil {
		why = upperFirst(err.Error())
	}
	widgets.SetText(p.why, why)
	if show(p.why, why != "") {
		p.content.Refresh()
	}
	setEnabled(p.copyAs, err == nil)
	p.drawSend()
}

func countedName(name string, n int) string {
	if n == 0 {
		return name
	}
	return fmt.Sprintf("%s %d", name, n)
}

// pending reports whether something was sent that is not answered yet.
func (p *requestPane) pending() bool {
	return p.session != nil && (p.session.Requests().Pending() || p.session.Probe().Running)
}

func (p *requestPane) drawSend() {
	if p.pending() {
		setButton(p.send, "Cancel", theme.CancelIcon(), widget.MediumImportance)
		p.send.Enable()
		return
	}
	setButton(p.send, "Send", theme.MailSendIcon(), widget.HighImportance)
	_, err := p.written()
	setEnabled(p.send, err == nil)
}

func (p *requestPane) sendOrCancel() {
	if p.pending() {
		p.session.CancelRequest()
		return
	}
	p.submit()
}

func (p *requestPane) submit() {
	r, err := p.written()
	if err != nil || p.session == nil || p.pending() {
		return
	}
	if err := p.session.SendRequest(r); err != nil {
		p.complain(err)
	}
}

// load puts a request in place of what is written.
func (p *requestPane) load(r request.Request) {
	p.method.SetText(r.Verb())
	p.target.SetText(r.Target)
	p.headers.SetText(request.FormatHeader(r.Header))
	if r.Token != 0 {
		p.place.SetSelected(r.Token.String())
	}
	switch {
	case r.File != "":
		p.body.set(asFile, r.File, true)
	default:
		d := written(r.Body)
		p.body.set(d.Kind, d.Text, d.Binary)
	}
	p.parts.choose(tabBody)
	p.review()
}

// complain says why something was not done.
func (p *requestPane) complain(err error) {
	widgets.SetText(p.why, upperFirst(err.Error()))
	if show(p.why, true) {
		p.content.Refresh()
	}
}

// probe sends bodies of several sizes to the same target.
func (p *requestPane) probe() {
	if p.session == nil || p.pending() {
		return
	}
	r, err := p.written()
	if err != nil {
		return // it stands below
	}
	_ = p.session.StartProbe(r) // the only reasons are a session that ends, and one that is pending
}

// refresh draws where the session stands.
func (p *requestPane) refresh(now time.Time) {
	st, probe := p.session.Requests(), p.session.Probe()
	switch {
	case probe.Running:
		p.status.Set(widgets.StatusBusy, fmt.Sprintf("%d of %d", min(len(probe.Trials)+1, len(request.ProbeSizes)), len(request.ProbeSizes)))
	case st.Number == 0:
		p.status.Set(widgets.StatusIdle, "")
	case st.Pending():
		p.status.Set(widgets.StatusBusy, elapsed(now.Sub(st.Since)))
	default:
		p.status.Set(answerWord(st))
	}
	show(p.status, p.status.Text() != "")
	if st.Number != p.shown {
		p.shown = st.Number
		p.parts.choose(tabAnswer)
	}
	p.answer.refresh(st, now)
	p.sizes.refresh(probe)
	_, err := p.written()
	setEnabled(p.sizes.start, !p.pending() && err == nil)
	p.drawSend()
}

// answerWord says in a word how a request ended: the head of the pane has no
// room for more.
func answerWord(st RequestStatus) (widgets.StatusKind, string) {
	a := st.Answer
	code := strconv.Itoa(a.Code)
	switch {
	case st.Verdict.Finding == request.Cancelled:
		return widgets.StatusIdle, ""
	case a.Code == 0:
		return widgets.StatusFailed, "Failed"
	case a.By != request.Listener || a.Err != nil || a.Code >= 500:
		return widgets.StatusFailed, code
	case a.Code >= 300:
		return widgets.StatusDegraded, code
	}
	return widgets.StatusOnline, code
}

// copyMenu offers the request as a command of another tool.
func (p *requestPane) copyMenu() {
	var items []*fyne.MenuItem
	for _, tool := range []request.Tool{request.Curl, request.PowerShell, request.Go} {
		items = append(items, fyne.NewMenuItem(map[request.Tool]string{
			request.Curl: "curl, for a shell", request.PowerShell: "PowerShell", request.Go: "Go program",
		}[tool], func() { p.copyFor(tool) }))
	}
	widget.ShowPopUpMenuAtRelativePosition(fyne.NewMenu("", items...), fyne.CurrentApp().Driver().CanvasForObject(p.copyAs),
		fyne.NewPos(0, p.copyAs.Size().Height), p.copyAs)
}

// copyFor puts the request onto the clipboard as a command of a tool. The
// token is not in it.
func (p *requestPane) copyFor(tool request.Tool) {
	r, err := p.written()
	if err != nil || p.session == nil {
		return
	}
	profile := p.session.Profile()
	text, err := r.Command(tool, request.Place{
		Namespace: p.session.Namespace(), HybridConnection: profile.HybridConnection, OwnCA: profile.CACertificates != "" || profile.LocalRelay,
	})
	if err != nil {
		p.complain(err)
		return
	}
	p.copied(text)
}

func (p *requestPane) objects() map[string]fyne.CanvasObject {
	all := map[string]fyne.CanvasObject{
		"request.status": p.status, "request.send": p.send, "request.method": p.method, "request.target": p.target,
		"request.copyAs": p.copyAs, "request.body": p.body.entry, "request.kind": p.body.kind, "request.size": p.size,
		"request.headers": p.headers, "request.place": p.place, "request.placeNote": p.placeNote, "request.why": p.why,
		"request.verdict": p.answer.title, "request.facts": p.answer.facts, "request.view": p.answer.view, "request.answer": p.answer.text,
		"request.problem": p.answer.problem, "request.probe": p.sizes.start, "request.sentence": p.sizes.sentence,
	}
	for i, name := range []string{"Body", "Headers", "Token", "Answer", "Sizes"} {
		all["request.tab."+name] = p.parts.buttons[i]
	}
	return all
}
