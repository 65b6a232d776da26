package messagelog

import (
	"context"
	"io"
	"mime"
	"os"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"

	"relayscope/relayclient/journal"
	"relayscope/relayclient/payload"
)

type fileWriter = io.Writer

// extensionOf is what a file with a row's payload is called.
func extensionOf(r *journal.Row) string {
	if kind, _, err := mime.ParseMediaType(contentType(r)); err == nil {
		if main, sub, _ := strings.Cut(kind, "/"); main == "image" && !strings.ContainsAny(sub, "+.-") {
			return sub
		}
	}
	switch payload.Guess(r.Payload, contentType(r), r.Binary()) {
	case payload.JSON:
		return "json"
	case payload.XML:
		return "xml"
	case payload.MessagePack:
		return "msgpack"
	case payload.CBOR:
		return "cbor"
	case payload.Binary:
		return "bin"
	}
	return "txt"
}

// saveFile asks where a file goes, writes it in the background, and says so.
func (p *Pane) saveFile(title, name string, write func(fileWriter) error, done func(path string)) {
	d := dialog.NewFileSave(func(file fyne.URIWriteCloser, err error) {
		switch {
		case err != nil:
			p.failed("The file cannot be written", err)
		case file != nil:
			p.background(func(context.Context) {
				ownersOnly(file)
				err := write(file)
				if closed := file.Close(); err == nil {
					err = closed
				}
				p.opt.OnMain(func() {
					if err != nil {
						p.failed("“"+file.URI().Name()+"” could not be written", err)
						return
					}
					done(file.URI().Path())
				})
			})
		}
	}, p.window())
	d.SetTitleText(title)
	d.SetFileName(name)
	p.showFileDialog(d)
}

// ownersOnly keeps what other people sent from everybody else on this computer,
// as exports and recordings of every run are; the dialog creates files that
// all may read. Some file systems know no owners; then there is nothing to do.
func ownersOnly(file fyne.URIWriteCloser) { _ = os.Chmod(file.URI().Path(), 0o600) }

// showFileDialog gives a dialog most of the window, and lists whole names.
func (p *Pane) showFileDialog(d *dialog.FileDialog) {
	d.SetView(dialog.ListView)
	p.show(d)
	size := p.window().Canvas().Size()
	d.Resize(fyne.NewSize(min(900, size.Width*0.8), min(620, size.Height*0.85)))
}

// failed says what is wrong with a file.
func (p *Pane) failed(title string, err error) {
	p.tell(title, err.Error()+"\n\nCheck that it exists, that you may use it, and that there is room.")
}
