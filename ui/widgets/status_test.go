package widgets_test

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"relayscope/ui/widgets"
)

func TestStatusPictures(t *testing.T) {
	for variant, v := range variants {
		t.Run(variant, func(t *testing.T) {
			useTheme(t, v)
			narrow := widgets.NewStatus(widgets.StatusFailed, "The relay rejected the token")
			chips := container.NewVBox(
				container.NewHBox(widgets.NewStatus(widgets.StatusIdle, "Idle"), widgets.NewStatus(widgets.StatusBusy, "Connecting"),
					widgets.NewStatus(widgets.StatusOnline, "Online 00:04:12")),
				container.NewHBox(widgets.NewStatus(widgets.StatusDegraded, "Degraded"), widgets.NewStatus(widgets.StatusFailed, "Failed"),
					widgets.NewStatus(widgets.StatusOnline, "")),
				container.New(fixed{120, 28}, narrow),
			)
			w := show(t, container.NewPadded(chips), 360, 120)
			test.AssertRendersToImage(t, fileName("status", variant), w.Canvas())
		})
	}
}

// fixed gives its objects one size, whatever they need.
type fixed struct{ width, height float32 }

func (f fixed) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(f.width, f.height) }
func (f fixed) Layout(objects []fyne.CanvasObject, _ fyne.Size) {
	for _, o := range objects {
		o.Resize(fyne.NewSize(f.width, f.height))
	}
}

func TestStatusSet(t *testing.T) {
	useTheme(t, theme.VariantLight)
	var zero widgets.StatusKind
	if zero != widgets.StatusIdle {
		t.Errorf("the zero kind is %d, want idle", zero)
	}
	s := widgets.NewStatus(widgets.StatusIdle, "Idle")
	w := show(t, s, 200, 30)
	before := w.Canvas().Capture()
	short := s.MinSize()
	s.Set(widgets.StatusOnline, "Online for a long while")
	if s.Kind() != widgets.StatusOnline || s.Text() != "Online for a long while" {
		t.Errorf("shows %d %q", s.Kind(), s.Text())
	}
	if s.MinSize().Width <= short.Width {
		t.Errorf("width = %v for a longer text, want more than %v", s.MinSize().Width, short.Width)
	}
	if sameImage(before, w.Canvas().Capture()) {
		t.Error("the picture did not change")
	}
}
