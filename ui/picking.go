package ui

import (
	"context"
	"errors"
	"fmt"
	"io"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"

	"relayscope/ui/widgets"
)

// errTooLarge is a file that cannot be what was asked for.
var errTooLarge = errors.New("the file is too large")

// pickFile lets the person choose a file, reads it in the background and gives
// its content to done.
func (u *Window) pickFile(title string, extensions []string, most int64, done func(data []byte)) {
	u.pickNamed(title, extensions, most, func(_ string, data []byte) { done(data) })
}

func (u *Window) pickNamed(title string, extensions []string, most int64, done func(name string, data []byte)) {
	d := dialog.NewFileOpen(func(file fyne.URIReadCloser, err error) {
		switch {
		case err != nil:
			u.explainFile("The file cannot be opened", err)
		case file != nil:
			u.background(func(context.Context) {
				data, err := readAtMost(file, most)
				u.onMain(func() {
					if err != nil {
						u.explainFile("“"+file.URI().Name()+"” cannot be read", err)
						return
					}
					done(file.URI().Name(), data)
				})
			})
		}
	}, u.win)
	d.SetTitleText(title)
	if extensions != nil {
		d.SetFilter(storage.NewExtensionFileFilter(extensions))
	}
	u.showFileDialog(d)
}

// showFileDialog gives a dialog most of the window, and lists whole names. Fyne
// cannot size one that is not shown yet.
func (u *Window) showFileDialog(d *dialog.FileDialog) {
	size := u.win.Canvas().Size()
	d.SetView(dialog.ListView)
	u.showDialog(d)
	d.Resize(fyne.NewSize(min(widgets.Zoomed(900), size.Width*0.8), min(widgets.Zoomed(620), size.Height*0.85)))
}

func readAtMost(file io.ReadCloser, most int64) ([]byte, error) {
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(data)) > most {
		err = fmt.Errorf("%w: it has more than %d kB", errTooLarge, most>>10)
	}
	return data, err
}

// explainFile says what is wrong with a file.
func (u *Window) explainFile(title string, err error) {
	f := widgets.Failure{Title: title, Next: "Check that it exists, that you may use it, and that there is room.", Raw: err.Error()}
	if errors.Is(err, errTooLarge) {
		f.Cause, f.Next = "It is much larger than any file of this kind.", "Choose another file."
	}
	u.explain(f, u.copyText)
}
