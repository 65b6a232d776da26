package live

import (
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient/request"
	"relayscope/ui/widgets"
)

// sizesView shows what became of bodies of the sizes around the limit between
// control channel and rendezvous.
type sizesView struct {
	start    *widgets.Button
	copyIt   *widgets.Button
	sentence *widget.Label
	cells    [][]*widget.Label // a row for each size, below the titles
	content  fyne.CanvasObject
	onCopy   func(string)
	trials   []request.Trial
	drawn    int       // trials, and whether a listener has told of them
	since    time.Time // when the run began that is drawn
}

// The columns of the table.
var sizeColumns = []string{"Bytes", "Request over", "Answer over", "Took", "Came back"}

func newSizesView(probe func()) *sizesView {
	v := &sizesView{sentence: caption(""), onCopy: func(string) {}, drawn: -1}
	v.start = widgets.NewButtonWithIcon("Send all four", theme.MediaPlayIcon(), probe)
	v.copyIt = widgets.NewButtonWithIcon("", theme.ContentCopyIcon(), func() { v.onCopy(v.text()) })
	v.copyIt.Importance = widget.LowImportance
	v.sentence.Wrapping = fyne.TextWrapWord
	grid := container.New(tableLayout{len(sizeColumns)})
	for _, title := range sizeColumns {
		grid.Add(caption(title))
	}
	for range request.ProbeSizes {
		var row []*widget.Label
		for range sizeColumns {
			l := widget.NewLabel("")
			l.SizeName = theme.SizeNameCaptionText
			row = append(row, l)
			grid.Add(l)
		}
		v.cells = append(v.cells, row)
	}
	top := container.NewBorder(nil, nil, nil, container.NewVBox(container.NewHBox(v.copyIt, v.start)), v.sentence)
	v.content = container.NewVScroll(container.New(widgets.Stacked{}, top, grid))
	v.refresh(ProbeStatus{})
	return v
}

// forget has the next refresh draw everything.
func (v *sizesView) forget() { v.drawn = -1 }

// refresh draws where the probe stands.
func (v *sizesView) refresh(st ProbeStatus) {
	stand := 0
	for _, t := range st.Trials {
		stand += 2
		if t.Seen {
			stand += 100
		}
	}
	if st.Running {
		stand++
	}
	if stand == v.drawn && st.Since.Equal(v.since) {
		return
	}
	v.drawn, v.since, v.trials = stand, st.Since, st.Trials
	text := "Up to 64 KiB a body goes over the control channel, more over a rendezvous. This posts bodies around the limit to the path above; an echoing listener sends them back."
	switch {
	case st.Running:
		text = "Sending…"
	case len(st.Trials) > 0:
		text = request.Sentence(st.Trials)
		if !seenAll(st.Trials) {
			text += " The ways are those of the protocol: no listener of this window was there to see them."
		}
	}
	widgets.SetText(v.sentence, text)
	setEnabled(v.copyIt, len(st.Trials) > 0)
	for i, row := range v.cells {
		fields := make([]string, len(sizeColumns))
		fields[0] = grouped(request.ProbeSizes[i])
		importance := widget.MediumImportance
		if i < len(st.Trials) {
			fields = trialFields(st.Trials[i])
			importance = widget.SuccessImportance
			if !st.Trials[i].Intact {
				importance = widget.DangerImportance
			}
		}
		for j, l := range row {
			l.Importance = widget.MediumImportance
			if j == len(row)-1 {
				l.Importance = importance
			}
			l.SetText(fields[j])
		}
	}
}

func seenAll(trials []request.Trial) bool {
	for _, t := range trials {
		if !t.Seen {
			return false
		}
	}
	return true
}

func trialFields(t request.Trial) []string {
	back, outcome := t.Back.String(), "✓ intact"
	if t.Answer.By != request.Listener || t.Answer.Err != nil {
		back = "–"
	}
	if !t.Intact {
		outcome = "✗ " + shortProblem(t)
	}
	return []string{grouped(t.Size), t.There.String(), back, milliseconds(t.Answer.Took), outcome}
}

// shortProblem fits into the table.
func shortProblem(t request.Trial) string {
	switch {
	case t.Answer.By != request.Listener && t.Answer.Code == 0:
		return "no answer"
	case t.Answer.Code >= 300:
		return fmt.Sprintf("%d", t.Answer.Code)
	case t.Answer.Err != nil:
		return "broke off"
	case t.Answer.Size != int64(t.Size):
		return byteCount(t.Answer.Size)
	}
	return "changed"
}

// text is the table for the clipboard.
func (v *sizesView) text() string {
	var b strings.Builder
	b.WriteString(strings.Join(sizeColumns, "\t") + "\n")
	for _, t := range v.trials {
		b.WriteString(strings.Join(trialFields(t), "\t"))
		if t.Problem != "" {
			b.WriteString("\t" + t.Problem)
		}
		b.WriteByte('\n')
	}
	b.WriteString(v.sentence.Text + "\n")
	return b.String()
}

// tableLayout is a table whose columns are as wide as they must be, with what
// is left between them.
type tableLayout struct{ columns int }

func (t tableLayout) widths(objects []fyne.CanvasObject) []float32 {
	widths := make([]float32, t.columns)
	for i, o := range objects {
		widths[i%t.columns] = max(widths[i%t.columns], o.MinSize().Width)
	}
	return widths
}

// rowHeight is less than a label wants: the lines of a table stand close.
func (t tableLayout) rowHeight(objects []fyne.CanvasObject) float32 {
	return objects[0].MinSize().Height - theme.InnerPadding()
}

func (t tableLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	width := float32(0)
	for _, w := range t.widths(objects) {
		width += w
	}
	return fyne.NewSize(width, float32(len(objects)/t.columns)*t.rowHeight(objects)+theme.InnerPadding())
}

func (t tableLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	widths, height := t.widths(objects), t.rowHeight(objects)
	x, y := float32(0), float32(0)
	for i, o := range objects {
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(widths[i%t.columns], o.MinSize().Height))
		x += widths[i%t.columns]
		if i%t.columns == t.columns-1 {
			x, y = 0, y+height
		}
	}
}
