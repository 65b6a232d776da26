package live

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient/journal"
	"relayscope/relayclient/request"
	"relayscope/ui/widgets"
)

// The views of an answer.
const (
	viewPretty  = "Pretty"
	viewRaw     = "Raw"
	viewHeaders = "Headers"
	viewTiming  = "Timing"
)

// maxShown is how much of an answer's body is laid out.
const maxShown = 256 << 10

// answerView shows the answer to an HTTP request: who gave it and what it
// means, and one of several views of it.
type answerView struct {
	title   *widget.Label
	facts   *widget.Label
	cause   *widget.Label
	view    *widgets.Select
	text    *widgets.TextView
	legs    *widgets.Waterfall
	way     *widget.Label // where the time went over
	timing  *fyne.Container
	problem *widgets.Problem
	empty   *widget.Label
	body    *fyne.Container
	whole   *fyne.Container
	content fyne.CanvasObject

	status RequestStatus // what is drawn
	drawn  bool
}

func newAnswerView(onMain func(func())) *answerView {
	v := &answerView{title: widget.NewLabel(""), facts: caption(""), cause: caption(""), text: widgets.NewTextView(onMain), legs: widgets.NewWaterfall(), way: caption(""),
		problem: widgets.NewProblem(), empty: widget.NewLabel("")}
	v.title.TextStyle.Bold = true
	v.facts.Truncation = fyne.TextTruncateEllipsis
	v.cause.Wrapping = fyne.TextWrapWord
	v.empty.Alignment = fyne.TextAlignCenter
	v.empty.Wrapping = fyne.TextWrapWord
	v.empty.Importance = widget.LowImportance
	v.view = widgets.NewSelect([]string{viewPretty, viewRaw, viewHeaders, viewTiming}, func(string) { v.fill() })
	v.view.Selected = viewPretty
	line := container.NewBorder(nil, nil, v.title, v.view, v.facts)
	v.way.Truncation = fyne.TextTruncateEllipsis
	v.timing = container.NewBorder(nil, v.way, nil, nil, container.NewVScroll(v.legs))
	v.whole = container.NewBorder(container.New(widgets.Stacked{}, line, v.cause), nil, nil, nil, v.text, v.timing)
	v.body = container.New(problemOnTop{v.problem}, v.whole, v.problem)
	v.problem.OnResize = v.body.Refresh
	v.body.Hide()
	v.content = container.NewStack(v.empty, v.body)
	return v
}

// forget has the next refresh draw everything.
func (v *answerView) forget() { v.drawn = false }

// hasViews reports whether there is more than one way to look at the answer.
func (v *answerView) hasViews() bool { return v.body.Visible() && v.whole.Visible() }

// refresh draws where the request stands.
func (v *answerView) refresh(st RequestStatus, now time.Time) {
	if st.Pending() {
		v.wait(fmt.Sprintf("Waiting for the answer to %s %s.\n%s of the 60 s that the relay gives a listener.",
			st.Request.Verb(), widgets.ShownLine(redactTarget(targetOf(st.Request))), elapsed(now.Sub(st.Since))))
		return
	}
	if st.Number == 0 {
		v.wait("Send the request, and its answer appears here: from whom it came, what it holds, and what took how long.")
		return
	}
	if v.drawn && v.status.Number == st.Number {
		return
	}
	v.status, v.drawn = st, true
	v.empty.Hide()
	v.body.Show()
	// What a listener sent is shown; what the relay says is a failure to explain.
	own := st.Answer.By == request.Listener
	if own {
		v.title.SetText(widgets.ShownLine(answerTitle(st)))
		v.facts.SetText(widgets.ShownLine(answerFacts(st)))
		widgets.SetText(v.cause, strings.TrimSpace(st.Verdict.Cause+" "+st.Verdict.Next))
		show(v.cause, v.cause.Text != "")
	} else {
		f := widgets.Failure{Title: st.Verdict.Title, Cause: st.Verdict.Cause, Next: st.Verdict.Next, Raw: st.Verdict.Raw, TrackingID: st.Answer.TrackingID}
		v.problem.Set(f)
	}
	show(v.whole, own)
	show(v.problem, !own)
	v.fill()
	v.body.Refresh()
}

// wait shows a text in the answer's place.
func (v *answerView) wait(text string) {
	v.drawn = false
	widgets.SetText(v.empty, text)
	show(v.empty, true)
	show(v.body, false)
}

// fill shows the view that is chosen.
func (v *answerView) fill() {
	a := v.status.Answer
	if a == nil {
		return
	}
	timing := v.view.Selected == viewTiming
	show(v.timing, timing)
	show(v.text, !timing)
	switch v.view.Selected {
	case viewHeaders:
		v.text.SetText(widgets.Shown(a.Status+"\n\n"+headerLines(a.Header)), nil)
	case viewTiming:
		list := make([]widgets.Leg, 0, 8)
		for _, l := range legs(a) {
			list = append(list, widgets.Leg(l))
		}
		v.legs.SetLegs(list)
		widgets.SetText(v.way, wayText(a))
	default:
		v.text.SetText(bodyText(a, v.view.Selected == viewPretty), nil)
	}
	v.whole.Refresh()
}

// answerTitle is short: views and facts stand beside it.
func answerTitle(st RequestStatus) string {
	if st.Verdict.Finding == request.Answered {
		return st.Answer.Status + " from the listener"
	}
	return st.Verdict.Title
}

// answerFacts says what came, and how fast.
func answerFacts(st RequestStatus) string {
	a := st.Answer
	parts := []string{milliseconds(a.Took), exactly(int(a.Size))}
	if kind := a.Header.Get("Content-Type"); kind != "" {
		parts = append(parts, kind)
	}
	if a.Sent > 0 {
		parts = append(parts, exactly(int(a.Sent))+" sent")
	}
	return strings.Join(parts, " · ")
}

// bodyText is an answer's body for reading.
func bodyText(a *request.Answer, pretty bool) string {
	part := a.Body[:min(len(a.Body), maxShown)]
	binary := !utf8.Valid(a.Body)
	if a.Truncated() || len(part) < len(a.Body) { // the end may be in the middle of a character
		binary = !validStart(part)
	}
	text := ""
	if pretty && !binary && len(part) == len(a.Body) {
		for _, kind := range []string{asJSON, asXML} {
			if formatted, err := formatPayload(kind, string(part)); err == nil {
				text = journal.FullText([]byte(formatted), false)
				break
			}
		}
	}
	if text == "" {
		text = journal.FullText(part, binary)
	}
	switch {
	case a.Size == 0:
		return "The answer has no body."
	case int64(len(part)) < a.Size:
		text += fmt.Sprintf("\n\n[the first %d of %d bytes are shown]", len(part), a.Size)
	}
	return text
}

// validStart reports whether data is UTF-8, but for a character at its end that
// is cut off.
func validStart(data []byte) bool {
	for range utf8.UTFMax {
		if utf8.Valid(data) {
			return true
		}
		if len(data) == 0 {
			return false
		}
		data = data[:len(data)-1]
	}
	return false
}

// wayText says over which connection the exchange went.
func wayText(a *request.Answer) string {
	text := "All in " + exactTime(a.Took) + ", over a new connection"
	if a.Reused {
		text = "All in " + exactTime(a.Took) + ", over a connection that was open already"
	}
	if a.Phases.Address != "" {
		text += " to " + a.Phases.Address
	}
	if a.Phases.Via != "" {
		text += ", proxy " + a.Phases.Via
	}
	return text
}
