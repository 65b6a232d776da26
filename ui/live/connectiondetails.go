package live

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient"
	"relayscope/ui/widgets"
)

// connectionDetails says everything that is known of a connection. Credentials
// are left out.
func connectionDetails(c Connection) string {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-12s %s\n", name, value)
		}
	}
	line("Connection", c.ID)
	line("Listener", fmt.Sprint(c.Listener))
	line("Since", c.Since.Format("15:04:05.000"))
	line("From", c.Info.RemoteAddress)
	line("Path", c.Info.Path)
	line("Query", relayclient.RedactQuery(c.Info.Query))
	line("Subprotocol", relayclient.RedactSubprotocol(c.Subprotocol))
	line("Received", messages(int64(c.Received), c.ReceivedBytes))
	line("Sent", messages(int64(c.Sent), c.SentBytes))
	if len(c.Info.Header) > 0 {
		b.WriteString("\nHeaders as the relay passed them on:")
		writeHeader(&b, c.Info.Header)
	}
	return strings.TrimRight(b.String(), "\n")
}

// showConnection shows the details beside what was pressed.
func showConnection(p *listenerPane, c Connection, below fyne.CanvasObject) {
	text := connectionDetails(c)
	title := widget.NewLabel(fmt.Sprintf("Connection #%d", c.Number))
	title.TextStyle.Bold = true
	words := widget.NewLabel(widgets.Shown(text))
	words.TextStyle.Monospace = true
	words.Selectable = true
	words.Wrapping = fyne.TextWrapBreak
	words.SizeName = theme.SizeNameCaptionText
	scroll := container.NewVScroll(words)
	scroll.SetMinSize(fyne.NewSize(widgets.Zoomed(460), widgets.Zoomed(260)))
	copyIt := widgets.NewButtonWithIcon("Copy", theme.ContentCopyIcon(), func() { p.onCopy(text) })
	copyIt.Importance = widget.LowImportance
	popUp(container.NewBorder(container.NewBorder(nil, nil, title, copyIt), nil, nil, nil, scroll), below, widgets.Zoomed(500))
}
