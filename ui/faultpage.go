package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"relayscope/profiles"
	"relayscope/ui/widgets"
)

// A faultPage stands in for a stored profile that cannot be read.
type faultPage struct {
	problem *widgets.Problem
	content fyne.CanvasObject
}

func newFaultPage(remove func(), copyText func(string)) *faultPage {
	p := &faultPage{problem: widgets.NewProblem()}
	p.problem.OnCopy = copyText
	button := widgets.NewButtonWithIcon("Delete this entry", theme.DeleteIcon(), remove)
	p.content = container.NewPadded(container.NewBorder(nil, container.NewHBox(button), nil, nil, p.problem))
	return p
}

func (p *faultPage) set(f *profiles.Fault) {
	failure := widgets.Failure{Title: faultTitle(f), Cause: f.Message, Next: f.Remedy}
	if f.Err != nil {
		failure.Raw = f.Err.Error()
	}
	p.problem.Set(failure)
}

// faultTitle names a profile that cannot be read, as far as that is known.
func faultTitle(f *profiles.Fault) string {
	if f.Name == "" {
		return "A stored profile cannot be read"
	}
	return "The profile “" + f.Name + "” cannot be read"
}
