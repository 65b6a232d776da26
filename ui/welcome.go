package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/ui/widgets"
)

// A welcome is the first page a person sees: three ways in.
type welcome struct {
	try, paste, fill *widgets.Button
	importAny        *widgets.Button
	keeping          *widget.Label
	content          fyne.CanvasObject
}

func newWelcome(icon fyne.Resource, try, paste, fill, importAny func()) *welcome {
	w := &welcome{
		try:     widgets.NewButtonWithIcon("Try the local relay", theme.MediaPlayIcon(), try),
		paste:   widgets.NewButtonWithIcon("Paste a connection string", theme.ContentPasteIcon(), paste),
		fill:    widgets.NewButtonWithIcon("Fill in a form", theme.DocumentCreateIcon(), fill),
		keeping: widget.NewLabel(""),
	}
	w.importAny = widgets.NewButtonWithIcon("Import from Hybrid Connection Manager, azbridge, Service Bus Explorer, appsettings.json or an export…", theme.FolderOpenIcon(), importAny)
	w.importAny.Importance = widget.LowImportance
	w.try.Importance = widget.HighImportance
	w.keeping.Wrapping = fyne.TextWrapWord
	w.keeping.Alignment = fyne.TextAlignCenter
	w.keeping.Importance = widget.LowImportance

	picture := canvas.NewImageFromResource(icon)
	picture.FillMode = canvas.ImageFillContain
	picture.SetMinSize(fyne.NewSize(72, 72))
	title := widget.NewLabel("See two machines meet through Azure Relay")
	title.SizeName = theme.SizeNameHeadingText
	title.TextStyle.Bold = true
	title.Alignment = fyne.TextAlignCenter
	title.Wrapping = fyne.TextWrapWord
	ways := container.New(layout.NewGridLayoutWithColumns(3),
		way(w.try, "No Azure subscription needed. A relay runs inside this window; a listener and a sender meet through it, over TLS."),
		way(w.paste, "From the Azure portal: the namespace or hybrid connection, Shared access policies, then the primary connection string."),
		way(w.fill, "Endpoint, hybrid connection and any way to sign in: a key or token, a service principal, a managed identity, your own account."),
	)
	w.content = container.New(centred{900}, container.New(columnOf{900}, picture, title, ways, w.importAny, w.keeping))
	return w
}

func way(button *widgets.Button, words string) fyne.CanvasObject {
	text := widget.NewLabel(words)
	text.Wrapping = fyne.TextWrapWord
	return card(container.NewBorder(button, nil, nil, nil, text))
}

// card puts content on a surface of its own.
func card(content fyne.CanvasObject) fyne.CanvasObject {
	surface := widgets.NewSurface(theme.ColorNameHeaderBackground, theme.ColorNameSeparator)
	surface.Radius = 6
	return container.NewStack(surface, container.NewPadded(container.NewPadded(content)))
}

// columnOf stacks objects in a column that is as wide as there is room, up to
// this width; a little more than half of it will do.
type columnOf struct{ width float32 }

func (c columnOf) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(widgets.Zoomed(c.width*0.55), 0)
	for _, o := range objects {
		if o.Visible() {
			size.Height += widgets.HeightAt(o, max(size.Width, o.Size().Width)) + 3*theme.Padding()
		}
	}
	return size
}

func (c columnOf) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	var y float32
	width := min(size.Width, max(widgets.Zoomed(c.width), c.MinSize(objects).Width))
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		h := widgets.HeightAt(o, width)
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(width, h))
		y += h + 3*theme.Padding()
	}
}

// centred puts a column into the middle of what there is.
type centred struct{ width float32 }

func (c centred) MinSize(objects []fyne.CanvasObject) fyne.Size { return objects[0].MinSize() }

func (c centred) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	width := min(size.Width, widgets.Zoomed(c.width))
	objects[0].Resize(fyne.NewSize(width, objects[0].Size().Height)) // text wraps, and so learns its height
	height := min(size.Height, objects[0].MinSize().Height)
	objects[0].Move(fyne.NewPos((size.Width-width)/2, (size.Height-height)/2))
	objects[0].Resize(fyne.NewSize(width, height))
}
