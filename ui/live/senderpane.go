package live

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/ui/widgets"
)

// A senderWay is one of the ways to send that the sender's side has.
type senderWay interface {
	setSession(*Session)
	refresh(now time.Time) // draws where the session stands
	onCopy(func(string))
	first() fyne.Focusable // where a person begins to write
	head() fyne.CanvasObject
	main() fyne.CanvasObject
	objects() map[string]fyne.CanvasObject
}

// senderPane is the sender's side of the page: a choice between ways to send,
// and the one chosen. The choice outlives the session on screen.
type senderPane struct {
	ways    []senderWay
	buttons []*widget.Button
	current int
	heads   *fyne.Container
	mains   *fyne.Container
	content fyne.CanvasObject

	websocket *websocketPane
}

func newSenderPane(onMain func(func())) *senderPane {
	p := &senderPane{websocket: newWebsocketPane(onMain), heads: container.NewStack(), mains: container.NewStack()}
	name := widget.NewLabel("Sender")
	name.TextStyle.Bold = true
	choice := container.New(closeRow{}, name)
	p.offer(choice, "WebSocket", p.websocket)
	header := container.NewBorder(nil, nil, choice, p.heads)
	p.content = container.NewPadded(container.NewBorder(header, nil, nil, nil, p.mains))
	p.draw()
	return p
}

// offer adds a way to send, and its button.
func (p *senderPane) offer(choice *fyne.Container, name string, way senderWay) {
	i := len(p.ways)
	b := widget.NewButton(name, func() { p.choose(i) })
	p.ways, p.buttons = append(p.ways, way), append(p.buttons, b)
	choice.Add(b)
	p.heads.Add(way.head())
	p.mains.Add(way.main())
}

func (p *senderPane) choose(i int) {
	p.current = i
	p.draw()
}

func (p *senderPane) draw() {
	for i, way := range p.ways {
		importance := widget.LowImportance
		if i == p.current {
			importance = widget.MediumImportance
		}
		if b := p.buttons[i]; b.Importance != importance {
			b.Importance = importance
			b.Refresh()
		}
		widgets.SetVisible(way.head(), i == p.current)
		widgets.SetVisible(way.main(), i == p.current)
		widgets.SetVisible(p.buttons[i], len(p.ways) > 1)
	}
}

func (p *senderPane) setSession(s *Session) {
	for _, way := range p.ways {
		way.setSession(s)
	}
}

// refresh draws where the session stands.
func (p *senderPane) refresh(now time.Time) { p.ways[p.current].refresh(now) }

func (p *senderPane) onCopy(do func(string)) {
	for _, way := range p.ways {
		way.onCopy(do)
	}
}

// first is where a person begins to write.
func (p *senderPane) first() fyne.Focusable { return p.ways[p.current].first() }

func (p *senderPane) objects() map[string]fyne.CanvasObject {
	all := map[string]fyne.CanvasObject{}
	for i, way := range p.ways {
		all["sender.way."+p.buttons[i].Text] = p.buttons[i]
		for name, o := range way.objects() {
			all[name] = o
		}
	}
	return all
}

// closeRow is a row whose objects stand closer together than elsewhere.
type closeRow struct{}

func (closeRow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(0, 0)
	for _, o := range objects {
		if o.Visible() {
			size = fyne.NewSize(size.Width+o.MinSize().Width+theme.Padding()/2, max(size.Height, o.MinSize().Height))
		}
	}
	return size
}

func (closeRow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	x := float32(0)
	for _, o := range objects {
		if o.Visible() {
			width := o.MinSize().Width
			o.Move(fyne.NewPos(x, 0))
			o.Resize(fyne.NewSize(width, size.Height))
			x += width + theme.Padding()/2
		}
	}
}
