package ui

import (
	"context"
	"io"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
	"relayscope/ui/widgets"
)

// keyOnClipboard is how long a key that was copied stays on the clipboard.
const keyOnClipboard = 30 * time.Second

// copyRelayAccess puts what another program needs to use a profile's hybrid
// connection on the local relay onto the clipboard, key included, for a while.
func (u *Window) copyRelayAccess(id profiles.ID) {
	u.withRelay(id, func(relay *localrelay.Relay, p profiles.Profile) {
		text := relayclient.ConnectionString{
			Namespace: relay.Namespace(), HybridConnection: p.HybridConnection, KeyName: p.SignIn.KeyName, Key: p.SignIn.Key,
		}.Reveal()
		u.copyText(text)
		u.keyCopied = text
		u.background(func(ctx context.Context) {
			wait := time.NewTimer(keyOnClipboard)
			defer wait.Stop()
			select {
			case <-wait.C:
				u.onMain(func() {
					if u.keyCopied == text {
						u.clearKey()
					}
				})
			case <-ctx.Done():
			}
		})
		u.showDialog(dialog.NewInformation("Copied", "The connection string is on the clipboard, with its key, for 30 seconds.\nIt is good as long as this program runs. Other programs must also\ntrust the relay's certificate, which the same menu saves.", u.win))
	})
}

// clearKey takes a key off the clipboard that was put there.
func (u *Window) clearKey() {
	if u.keyCopied != "" && u.app.Clipboard().Content() == u.keyCopied {
		u.copyText("")
	}
	u.keyCopied = ""
}

// saveRelayCertificate writes the authority of the local relay's certificate to
// a file, for other programs to trust.
func (u *Window) saveRelayCertificate(id profiles.ID) {
	u.withRelay(id, func(relay *localrelay.Relay, _ profiles.Profile) {
		d := dialog.NewFileSave(func(file fyne.URIWriteCloser, err error) {
			switch {
			case err != nil:
				u.explainFile("The file cannot be written", err)
			case file != nil:
				u.background(func(context.Context) {
					if err := writeAll(file, relay.CertificatePEM()); err != nil {
						u.onMain(func() { u.explainFile("“"+widgets.ShownLine(file.URI().Name())+"” could not be written", err) })
					}
				})
			}
		}, u.win)
		d.SetTitleText("Save the certificate to")
		d.SetFileName("relayscope-local-relay.pem")
		u.showFileDialog(d)
	})
}

func writeAll(file io.WriteCloser, text []byte) error {
	_, err := file.Write(text)
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}

// withRelay starts the local relay for a profile, unless it runs, and then does
// something with it.
func (u *Window) withRelay(id profiles.ID, do func(*localrelay.Relay, profiles.Profile)) {
	e, ok := u.entry(id)
	if !ok || !e.Profile.LocalRelay {
		return
	}
	u.background(func(context.Context) {
		relay, err := u.host.serve(e.Profile)
		u.onMain(func() {
			if err != nil {
				u.explain(widgets.Failure{Title: "The local relay did not start", Next: "Close what uses its port, or start this program again.", Raw: err.Error()}, u.copyText)
				return
			}
			do(relay, e.Profile)
		})
	})
}
