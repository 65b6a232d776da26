package widgets_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"

	"relayscope/ui/widgets"
)

func TestLogViewPictures(t *testing.T) {
	for name, tt := range map[string]struct {
		source *rows // 40 plain rows when nil
		grow   int   // rows added after change
		width  float32
		scale  float32
		change func(v *widgets.LogView, w fyne.Window)
	}{
		"tones":               {source: every()},
		"narrow":              {source: every(), width: 420},
		"selection":           {source: every(), change: func(v *widgets.LogView, w fyne.Window) { v.Select(3, 6); w.Canvas().Focus(v) }},
		"selection unfocused": {source: every(), change: func(v *widgets.LogView, _ fyne.Window) { v.Select(3, 6) }},
		"pill":                {grow: 1215, change: func(v *widgets.LogView, _ fyne.Window) { v.ScrollTo(12) }},
		"newest":              {grow: 0, change: func(v *widgets.LogView, _ fyne.Window) { v.Select(40, 40); v.ScrollTo(12) }},
		"gap":                 {source: newRows(100, 1304), change: func(v *widgets.LogView, _ fyne.Window) { v.ScrollTo(1) }},
		"scale":               {source: every(), scale: 2, change: func(v *widgets.LogView, w fyne.Window) { v.Select(4, 4); w.Canvas().Focus(v) }},
	} {
		for variant, v := range variants {
			t.Run(name+" "+variant, func(t *testing.T) {
				useTheme(t, v)
				source := tt.source
				if source == nil {
					source = newRows(5000, 40)
				}
				view := widgets.NewLogView(source, columns, newQueue().do)
				defer view.Close()
				if tt.width == 0 {
					tt.width = 760
				}
				w := show(t, view, tt.width, 260)
				if tt.scale != 0 {
					w.Canvas().(software.WindowlessCanvas).SetScale(tt.scale)
					w.Canvas().Capture() // the first picture tells the view its scale
				}
				if tt.change != nil {
					tt.change(view, w)
				}
				source.add(tt.grow)
				view.Refresh()
				test.AssertRendersToImage(t, "logview-"+fileName(name, variant), w.Canvas())
			})
		}
	}
}

// fileName names the master picture of a situation.
func fileName(name, variant string) string {
	return strings.ReplaceAll(name+"-"+variant, " ", "-") + ".png"
}
