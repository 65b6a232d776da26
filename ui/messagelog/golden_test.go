package messagelog_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

func TestPictures(t *testing.T) {
	for name, do := range map[string]func(r *rig){
		"rows":     func(r *rig) { r.fill(); r.counts("11 rows") },
		"narrow":   func(r *rig) { r.fill(); r.counts("11 rows") },
		"empty":    func(r *rig) {},
		"filter":   func(r *rig) { r.fill(); r.filter("order -status:404"); r.counts("4 of 11") },
		"mistake":  func(r *rig) { r.fill(); r.filter("order dir:inn"); r.counts("2 of 11") },
		"no match": func(r *rig) { r.fill(); r.filter("nothing like it"); r.counts("0 of 11") },
		"paused": func(r *rig) {
			r.fill()
			r.counts("11 rows")
			r.press("log.pause")
			r.more(1204)
			r.counts("1 215 rows")
		},
		"pill": func(r *rig) {
			r.more(100)
			r.counts("100 rows")
			r.list().ScrollTo(5)
			r.more(215)
			r.counts("315 rows")
		},
		"gap": func(r *rig) {
			r.journal.SetBounds(50, 0)
			r.more(1254)
			r.counts("50 rows")
			r.list().ScrollTo(1)
		},
		"json": func(r *rig) {
			r.fill()
			r.filter("accepted")
			r.counts("2 of 11")
			r.click(1, 0)
		},
		"hex":     func(r *rig) { r.fill(); r.counts("11 rows"); r.click(6, 0); r.press("log.tab.Hex") },
		"headers": func(r *rig) { r.fill(); r.counts("11 rows"); r.click(8, 0); r.press("log.tab.Headers") },
		"timing":  func(r *rig) { r.fill(); r.counts("11 rows"); r.click(1, 0); r.press("log.tab.Timing") },
		"marks": func(r *rig) {
			r.fill()
			r.counts("11 rows")
			r.click(3, 0)
			r.window.Canvas().Focus(r.list())
			r.typed("1")
			r.click(4, 0)
			r.typed("4")
			r.click(5, fyne.KeyModifierControl)
		},
		"escapes": func(r *rig) { r.fill(); r.counts("11 rows"); r.click(7, 0) },
		"cleared": func(r *rig) { r.fill(); r.counts("11 rows"); r.press("log.clear"); r.counts("no rows") },
	} {
		for variant, v := range variants {
			t.Run(name+" "+variant, func(t *testing.T) {
				size := fyne.NewSize(1000, 320)
				if name == "narrow" {
					size.Width = 480
				}
				r := newRig(t, v, size.Width, size.Height)
				do(r)
				r.window.Canvas().Focus(r.list())
				test.AssertRendersToImage(t, strings.ReplaceAll(name+"-"+variant, " ", "-")+".png", r.window.Canvas())
			})
		}
	}
}
