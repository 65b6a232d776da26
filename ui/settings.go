package ui

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"relayscope/ui/live"
	"relayscope/ui/widgets"
)

// A settingsDialog changes how the window looks and behaves. Everything
// counts at once.
type settingsDialog struct {
	theme, zoom, panes *widgets.Select
	notify, presenting *widgets.Check
	dialog             dialog.Dialog
}

// showSettings opens the settings.
func (u *Window) showSettings() {
	s := &settingsDialog{}
	s.theme = widgets.NewSelect(themeNames[:], nil)
	s.theme.SetSelectedIndex(int(u.style.choice))
	s.theme.OnChanged = func(string) { u.setTheme(themeChoice(s.theme.SelectedIndex())) }
	var steps []string
	for _, z := range zooms {
		steps = append(steps, strconv.Itoa(z)+" %")
	}
	s.zoom = widgets.NewSelect(steps, nil)
	s.zoom.SetSelected(strconv.Itoa(u.kept.zoom()) + " %")
	s.zoom.OnChanged = func(step string) {
		if percent, err := strconv.Atoi(strings.TrimSuffix(step, " %")); err == nil {
			u.setZoom(percent)
		}
	}
	var arrangements []string
	for a := range live.Arrangements {
		arrangements = append(arrangements, a.String())
	}
	s.panes = widgets.NewSelect(arrangements, nil)
	s.panes.SetSelectedIndex(int(u.page.Arrangement()))
	s.panes.OnChanged = func(string) { u.arrange(live.Arrangement(s.panes.SelectedIndex())) }
	s.notify = widgets.NewCheck("Tell when a listener comes online or is lost", func(on bool) { u.kept.SetBool(keyNotify, on) })
	s.notify.Checked = u.kept.BoolWithFallback(keyNotify, true)
	s.presenting = widgets.NewCheck("Presentation mode", func(on bool) {
		if on != u.style.presenting {
			u.togglePresenting()
		}
	})
	s.presenting.Checked = u.style.presenting

	form := container.New(formLayout{},
		widget.NewLabel("Theme"), s.theme,
		widget.NewLabel("Size"), settingWith(s.zoom, "Ctrl+plus and Ctrl+minus do the same"),
		widget.NewLabel("Listener and sender"), settingWith(s.panes, "F8 goes through them"),
		widget.NewLabel("Notifications"), settingWith(s.notify, "By the desktop, while this window is in the background"),
		widget.NewLabel("Message log"), note("How much it keeps, its columns and its clock are in the ⋮ menu above it"),
		widget.NewLabel("Presenting"), settingWith(s.presenting, "Larger, with blocks in place of the names of namespaces, tenants and people. F9 does the same"),
	)
	u.settings = s
	s.dialog = dialog.NewCustom("Settings", "Close", container.NewVScroll(container.NewPadded(form)), u.win)
	s.fit(u.win.Canvas().Size())
	u.showDialog(s.dialog)
}

// fit gives the dialog the size that the zoom wants.
func (s *settingsDialog) fit(window fyne.Size) {
	s.dialog.Resize(fyne.NewSize(min(widgets.Zoomed(640), window.Width-40), min(widgets.Zoomed(450), window.Height-40)))
}

// settingWith puts a sentence below a setting.
func settingWith(o fyne.CanvasObject, words string) fyne.CanvasObject {
	return container.New(widgets.Stacked{}, o, note(words))
}
