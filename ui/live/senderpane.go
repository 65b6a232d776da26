package live

import (
	"maps"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
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
	choice  *tabs // their parts are the heads
	mains   *fyne.Container
	content fyne.CanvasObject

	websocket *websocketPane
	http      *requestPane
	tunnel    *tunnelPane
}

func newSenderPane(onMain func(func())) *senderPane {
	p := &senderPane{websocket: newWebsocketPane(onMain), http: newRequestPane(onMain), tunnel: newTunnelPane(), mains: container.NewStack()}
	p.choice = newTabs(p.turn, func() { p.choice.focus(p.first()) })
	p.offer("WebSocket", p.websocket)
	p.offer("HTTP", p.http)
	p.offer("Tunnel", p.tunnel)
	name := widget.NewLabel("Sender")
	name.TextStyle.Bold = true
	header := container.NewBorder(nil, nil, container.NewHBox(name, p.choice.row), p.choice.stack)
	p.content = container.NewPadded(container.NewBorder(header, nil, nil, nil, p.mains))
	p.turn()
	return p
}

// offer adds a way to send.
func (p *senderPane) offer(name string, way senderWay) {
	p.ways = append(p.ways, way)
	p.choice.add(name, way.head())
	p.mains.Add(way.main())
}

// turn shows the way that was chosen.
func (p *senderPane) turn() {
	for i, way := range p.ways {
		widgets.SetVisible(way.main(), i == p.choice.current)
	}
	p.refresh(time.Now())
}

func (p *senderPane) setSession(s *Session) {
	for _, way := range p.ways {
		way.setSession(s)
	}
}

// refresh draws where the session stands, if there is one yet.
func (p *senderPane) refresh(now time.Time) {
	if p.websocket.session != nil {
		p.ways[p.choice.current].refresh(now)
	}
}

func (p *senderPane) onCopy(do func(string)) {
	for _, way := range p.ways {
		way.onCopy(do)
	}
}

// close ends the refreshing of what refreshes by itself, and waits for what is
// being stored.
func (p *senderPane) close() {
	p.http.answer.text.Close()
	p.websocket.saved.keeper.close()
}

// first is where a person begins to write.
func (p *senderPane) first() fyne.Focusable { return p.ways[p.choice.current].first() }

func (p *senderPane) objects() map[string]fyne.CanvasObject {
	all := map[string]fyne.CanvasObject{}
	for i, way := range p.ways {
		all["sender.way."+p.choice.buttons[i].Text] = p.choice.buttons[i]
		maps.Copy(all, way.objects())
	}
	return all
}
