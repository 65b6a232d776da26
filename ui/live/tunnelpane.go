package live

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient/tunnel"
	"relayscope/ui/widgets"
)

// tunnelPane opens a local TCP port that leads into the hybrid connection.
type tunnelPane struct {
	session *Session
	copied  func(string)

	status *widgets.Status
	toggle *widgets.Button
	header *fyne.Container

	port    *widgets.Entry
	bridge  *widgets.Entry
	form    *fyne.Container
	address *widget.Label
	copyIt  *widgets.Button
	opened  *fyne.Container
	facts   *widget.Label
	why     *widget.Label
	problem *widgets.Problem
	empty   *widget.Label
	list    *widget.List
	body    *fyne.Container
	content fyne.CanvasObject

	connections []tunnel.Connection
}

func newTunnelPane() *tunnelPane {
	p := &tunnelPane{status: widgets.NewStatus(widgets.StatusIdle, ""), facts: caption(""), why: caption(""), problem: widgets.NewProblem(),
		address: widget.NewLabel(""), empty: widget.NewLabel("")}
	p.toggle = widgets.NewButtonWithIcon("Open", theme.MediaPlayIcon(), p.openOrClose)
	p.toggle.Importance = widget.HighImportance
	p.header = container.NewHBox(p.toggle)

	p.port = widgets.NewEntry()
	p.port.SetPlaceHolder("a free one")
	p.bridge = widgets.NewEntry()
	p.bridge.SetPlaceHolder("for azbridge listeners only")
	for _, e := range []*widgets.Entry{p.port, p.bridge} {
		e.OnChanged = func(string) { p.review() }
		e.OnSubmitted = func(string) { p.open() }
		e.OnCtrlEnter = p.open
	}
	p.form = container.NewBorder(nil, nil, container.NewHBox(caption("Local port"), container.New(wide(92), p.port), caption("Port name")), nil, p.bridge)
	p.address.TextStyle = fyne.TextStyle{Bold: true, Monospace: true}
	p.address.Selectable = true
	p.copyIt = widgets.NewButtonWithIcon("Copy", theme.ContentCopyIcon(), func() { p.copied(p.address.Text) })
	p.copyIt.Importance = widget.LowImportance
	p.opened = container.NewHBox(p.status, p.address, p.copyIt)
	p.facts.Truncation = fyne.TextTruncateEllipsis
	p.why.Truncation = fyne.TextTruncateEllipsis
	p.why.Importance = widget.DangerImportance
	p.empty.Alignment = fyne.TextAlignCenter
	p.empty.Wrapping = fyne.TextWrapWord
	p.empty.Importance = widget.LowImportance
	p.list = widget.NewList(
		func() int { return len(p.connections) },
		func() fyne.CanvasObject { return newTunnelRow() },
		func(i widget.ListItemID, o fyne.CanvasObject) { o.(*tunnelRow).set(p.connections[i]) },
	)
	p.body = container.New(problemOnTop{p.problem}, p.list, p.empty, p.problem)
	p.problem.OnResize = p.body.Refresh
	p.content = container.NewBorder(container.NewVBox(p.form, p.opened, p.facts), p.why, nil, nil, p.body)
	p.opened.Hide()
	p.review()
	return p
}

func (p *tunnelPane) head() fyne.CanvasObject { return p.header }

func (p *tunnelPane) main() fyne.CanvasObject { return p.content }

func (p *tunnelPane) first() fyne.Focusable { return p.port }

func (p *tunnelPane) onCopy(do func(string)) {
	p.copied = do
	p.problem.OnCopy = do
}

func (p *tunnelPane) setSession(s *Session) { p.session = s }

// written returns what is in the form, or what is wrong with it.
func (p *tunnelPane) written() (TunnelOptions, error) {
	o := TunnelOptions{BridgePort: strings.TrimSpace(p.bridge.Text)}
	if len(o.BridgePort) > 255 {
		return o, fmt.Errorf("the port name is longer than 255 bytes")
	}
	text := strings.TrimSpace(p.port.Text)
	if text == "" {
		return o, nil
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return o, fmt.Errorf("a port is a number up to 65535; 0 or nothing takes a free one")
	}
	o.Port = int(n)
	return o, nil
}

func (p *tunnelPane) review() {
	if p.content == nil {
		return // it is being made
	}
	_, err := p.written()
	why := ""
	if err != nil {
		why = upperFirst(err.Error())
	}
	widgets.SetText(p.why, why)
	if show(p.why, why != "") {
		p.content.Refresh()
	}
	if p.session == nil || !p.session.Tunnel().Running {
		setEnabled(p.toggle, err == nil)
	}
}

func (p *tunnelPane) openOrClose() {
	if p.session.Tunnel().Running {
		p.session.StopTunnel()
	} else {
		p.open()
	}
}

func (p *tunnelPane) open() {
	if o, err := p.written(); err == nil && p.session != nil {
		p.session.StartTunnel(o)
	}
}

// refresh draws where the session stands.
func (p *tunnelPane) refresh(now time.Time) {
	st := p.session.Tunnel()
	p.connections = st.Connections
	switch {
	case st.Stopping:
		p.status.Set(widgets.StatusBusy, "Closing")
	case st.Running && st.Address == "":
		p.status.Set(widgets.StatusBusy, "Opening")
	case st.Running:
		p.status.Set(widgets.StatusOnline, "Open")
	default:
		p.status.Set(widgets.StatusIdle, "Closed")
	}
	if st.Running {
		setButton(p.toggle, "Close", theme.MediaStopIcon(), widget.MediumImportance)
		setEnabled(p.toggle, !st.Stopping)
	} else {
		setButton(p.toggle, "Open", theme.MediaPlayIcon(), widget.HighImportance)
		_, err := p.written()
		setEnabled(p.toggle, err == nil)
	}
	widgets.SetText(p.address, st.Address)
	show(p.copyIt, st.Address != "")
	moved := show(p.form, !st.Running)
	moved = show(p.opened, st.Running) || moved
	widgets.SetText(p.facts, tunnelFacts(st, now))
	moved = show(p.facts, p.facts.Text != "") || moved
	if moved {
		p.content.Refresh()
	}
	f, failed := tunnelFailure(st)
	if failed {
		p.problem.Set(f)
	}
	if show(p.problem, failed) {
		p.body.Refresh()
	}
	text := "Programs on this computer that connect to the port reach the target of the listener. Let it answer with Forward to TCP."
	if st.Running {
		text = "Waiting for a program to connect to the port. Connections appear here."
	}
	widgets.SetText(p.empty, text)
	show(p.empty, len(p.connections) == 0 && !failed)
	show(p.list, len(p.connections) > 0)
	p.list.Refresh()
}

func tunnelFacts(st TunnelStatus, now time.Time) string {
	if st.Address == "" && st.Total == 0 {
		return ""
	}
	text := fmt.Sprintf("%d open · %d in all · %s sent · %s received", len(st.Connections), st.Total, byteCount(st.Sent), byteCount(st.Received))
	if st.Failed > 0 {
		text += fmt.Sprintf(" · %d failed", st.Failed)
	}
	if st.Address != "" {
		text += " · since " + st.Since.Format("15:04:05")
	}
	return text
}

// tunnelFailure returns what to tell about: that the port could not be opened,
// or what went wrong last. What happened before a connection that is open now
// is not worth the room.
func tunnelFailure(st TunnelStatus) (widgets.Failure, bool) {
	err := st.Err
	if err == nil && st.Running && len(st.Connections) == 0 {
		err = st.LastErr
	}
	if err == nil {
		return widgets.Failure{}, false
	}
	m := tunnel.Explain(err)
	f := widgets.Failure{Title: m.Title, Cause: m.Cause, Next: m.Next, Raw: m.Raw, TrackingID: m.TrackingID}
	if st.Err == nil {
		f.Title += ", at " + st.LastAt.Format("15:04:05")
	}
	return f, true
}

func (p *tunnelPane) objects() map[string]fyne.CanvasObject {
	return map[string]fyne.CanvasObject{
		"tunnel.status": p.status, "tunnel.toggle": p.toggle, "tunnel.port": p.port, "tunnel.bridge": p.bridge, "tunnel.address": p.address,
		"tunnel.copy": p.copyIt, "tunnel.facts": p.facts, "tunnel.why": p.why, "tunnel.problem": p.problem, "tunnel.list": p.list,
	}
}

// tunnelRow is one open connection in the tunnel's list.
type tunnelRow struct {
	widget.BaseWidget
	name  *widget.Label
	facts *widget.Label
}

func newTunnelRow() *tunnelRow {
	r := &tunnelRow{name: widget.NewLabel(""), facts: caption("")}
	r.name.TextStyle.Bold = true
	r.facts.Truncation = fyne.TextTruncateEllipsis
	r.ExtendBaseWidget(r)
	return r
}

func (r *tunnelRow) set(c tunnel.Connection) {
	widgets.SetText(r.name, strconv.Itoa(c.Number))
	text := "waiting for a listener to accept"
	if c.ID != "" {
		text = byteCount(c.Sent) + " sent · " + byteCount(c.Received) + " received"
	}
	widgets.SetText(r.facts, fmt.Sprintf("%s · %s · from %s", text, elapsed(time.Since(c.Since)), c.Local))
}

// CreateRenderer is for Fyne.
func (r *tunnelRow) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewBorder(nil, nil, r.name, nil, r.facts))
}
