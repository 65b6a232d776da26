package live

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/ui/widgets"
)

// A repeatBar shows how far a repetition is, and stops it.
type repeatBar struct {
	widget.BaseWidget
	words *widget.Label
	stop  *widgets.Button
	part  float32 // of it that is done; 0 if there is no end to it
}

func newRepeatBar(onStop func()) *repeatBar {
	b := &repeatBar{words: widget.NewLabel("")}
	b.words.Truncation = fyne.TextTruncateEllipsis
	b.stop = widgets.NewButtonWithIcon("Stop repeating", theme.MediaStopIcon(), onStop)
	b.stop.Importance = widget.DangerImportance
	b.ExtendBaseWidget(b)
	b.Hide()
	return b
}

// set shows where the repetition stands.
func (b *repeatBar) set(st RepeatStatus, now time.Time) {
	show(b, st.Running)
	if !st.Running {
		return
	}
	setEnabled(b.stop, !st.Stopping)
	words := grouped(st.Sent)
	b.part = 0
	if st.Count > 0 {
		words += " of " + grouped(st.Count)
		b.part = float32(st.Sent) / float32(st.Count)
	}
	if took := now.Sub(st.Began); took >= time.Second {
		words += fmt.Sprintf(" · %s a second", grouped(int(float64(st.Sent)/took.Seconds())))
	}
	widgets.SetText(b.words, words)
	b.Refresh()
}

// CreateRenderer is for Fyne.
func (b *repeatBar) CreateRenderer() fyne.WidgetRenderer {
	ground, done := canvas.NewRectangle(nil), canvas.NewRectangle(nil)
	ground.CornerRadius, done.CornerRadius = theme.InputRadiusSize(), theme.InputRadiusSize()
	bar := container.New(partLayout{b}, ground, done, b.words)
	return &repeatRenderer{widget.NewSimpleRenderer(container.NewBorder(nil, nil, nil, b.stop, bar)), ground, done, bar}
}

type repeatRenderer struct {
	fyne.WidgetRenderer
	ground, done *canvas.Rectangle
	bar          *fyne.Container
}

// Refresh is for Fyne.
func (r *repeatRenderer) Refresh() {
	r.ground.FillColor = theme.Color(theme.ColorNameInputBackground)
	r.done.FillColor = theme.Color(theme.ColorNameSelection)
	r.bar.Refresh()
	r.WidgetRenderer.Refresh()
}

// partLayout makes the second of three objects as wide as what is done.
type partLayout struct{ bar *repeatBar }

func (l partLayout) MinSize(objects []fyne.CanvasObject) fyne.Size { return objects[2].MinSize() }

func (l partLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for i, o := range objects {
		o.Move(fyne.NewPos(0, 0))
		width := size.Width
		if i == 1 {
			width *= l.bar.part
		}
		o.Resize(fyne.NewSize(width, size.Height))
	}
}
