package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"relayscope/profiles"
	"relayscope/relayclient/journal"
	"relayscope/ui/widgets"
)

// textsOf returns every text that is visible in the window.
func textsOf(u *Window) (texts []string) {
	var walk func(fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		if !o.Visible() {
			return
		}
		switch o := o.(type) {
		case *canvas.Text:
			texts = append(texts, o.Text)
		case *fyne.Container:
			for _, child := range o.Objects {
				walk(child)
			}
		case fyne.Widget:
			for _, child := range test.WidgetRenderer(o).Objects() {
				walk(child)
			}
		}
	}
	for _, root := range append([]fyne.CanvasObject{u.win.Content()}, u.win.Canvas().Overlays().List()...) {
		walk(root)
	}
	return texts
}

func TestPresentingHidesNamesEverywhere(t *testing.T) {
	u, q := newWindow(t, profiles.NewMemory())
	p := someProfile("orders @ Contoso")
	p.Group = "contoso team"
	u.save(p)
	q.until(t, "saved", func() bool { return len(u.entries) == 1 })
	u.choose(p.ID)
	u.bar.copyIt.OnTapped()
	copied := u.app.Clipboard().Content()
	u.sessions[p.ID].Journal().Append(journal.Row{Text: "connecting to contoso.servicebus.windows.net", Detail: "dial contoso.servicebus.windows.net:443: refused"})
	u.win.Resize(fyne.NewSize(1280, 720))
	problem := widgets.NewProblem()
	problem.Set(widgets.Failure{Title: "contoso did not answer", Raw: "dial contoso.servicebus.windows.net"})
	u.stack.Add(problem)
	for _, page := range []string{pageLive, pageTest, pageIdentity} {
		u.pager.show(page)
		named := strings.Join(textsOf(u), "\n")
		u.run(commandNamed(t, u, "Presentation mode"))
		u.win.Canvas().Capture()
		shown := strings.Join(textsOf(u), "\n")
		if strings.Contains(strings.ToLower(shown), "contoso") || !strings.Contains(shown, "█") {
			t.Errorf("page %s shows\n%s", page, shown)
		}
		u.run(commandNamed(t, u, "Presentation mode"))
		if back := strings.Join(textsOf(u), "\n"); !strings.Contains(named, "contoso") || !strings.Contains(back, "contoso") {
			t.Errorf("page %s does not show names again:\n%s", page, back)
		}
	}
	if copied != "sb://contoso.servicebus.windows.net/orders" {
		t.Errorf("copied %q", copied)
	}
	closeWindow(t, u, q)
}
