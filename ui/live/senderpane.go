package live

import (
	"time"

	"fyne.io/fyne/v2"
)

// senderPane is the sender's side of the page.
type senderPane struct {
	websocket *websocketPane
	content   fyne.CanvasObject
}

func newSenderPane(onMain func(func())) *senderPane {
	p := &senderPane{websocket: newWebsocketPane(onMain)}
	p.content = p.websocket.content
	return p
}

func (p *senderPane) setSession(s *Session) { p.websocket.setSession(s) }

// refresh draws where the session stands.
func (p *senderPane) refresh(now time.Time) { p.websocket.refresh(now) }

func (p *senderPane) onCopy(do func(string)) { p.websocket.problem.OnCopy = do }

// first is where a person begins to write.
func (p *senderPane) first() fyne.Focusable { return p.websocket.compose.entry }

func (p *senderPane) objects() map[string]fyne.CanvasObject { return p.websocket.objects() }
