package live

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/ui/widgets"
)

// maxReason is how long the reason of a Close may be, in bytes.
const maxReason = 123

// closeCodes are the codes that people close with most often.
var closeCodes = []string{"1000 – done", "1001 – going away", "1008 – against the rules", "1011 – trouble inside", "4000 – our own"}

// checkClose returns the code of a Close, or what is wrong with it. The error
// is a sentence but for its capital and its full stop.
func checkClose(code, reason string) (int, error) {
	digits, _, _ := strings.Cut(strings.TrimSpace(code), " ")
	n, err := strconv.Atoi(digits)
	switch {
	case err != nil:
		return 0, errors.New("give a code, such as 1000")
	case n == 1004 || n == 1005 || n == 1006 || n == 1015:
		return 0, fmt.Errorf("%d never goes over the wire: it only says what was not received", n)
	case n < 1000 || n > 4999 || n > 1014 && n < 3000:
		return 0, errors.New("give a code from 1000 to 1014, or 3000 to 4999")
	case !utf8.ValidString(reason):
		return 0, errors.New("the reason is not UTF-8")
	case len(reason) > maxReason:
		return 0, fmt.Errorf("the reason has %d bytes, and a Close has room for %d", len(reason), maxReason)
	}
	return n, nil
}

// A closeBox asks for the code and the reason of a Close.
type closeBox struct {
	code   *widgets.Entry
	reason *widgets.Entry
	half   *widgets.Check
	wrong  *widget.Label
	do     *widgets.Button
	body   fyne.CanvasObject
	popup  *widget.PopUp

	onClose func(code int, reason string, half bool)
}

func newCloseBox(onClose func(code int, reason string, half bool)) *closeBox {
	b := &closeBox{onClose: onClose, reason: widgets.NewEntry(), wrong: caption("")}
	b.code = widgets.NewSuggestEntry(func() []string { return closeCodes })
	b.code.Text = closeCodes[0]
	b.reason.SetPlaceHolder("What the other side is told")
	for _, e := range []*widgets.Entry{b.code, b.reason} {
		e.OnChanged = func(string) { b.review() }
		e.OnSubmitted = func(string) { b.submit() }
	}
	b.half = widgets.NewCheck("Go on receiving until the other side closes", nil)
	b.wrong.Wrapping = fyne.TextWrapWord
	b.do = widgets.NewButtonWithIcon("Send Close", theme.LogoutIcon(), b.submit)
	b.do.Importance = widget.HighImportance
	title := widget.NewLabel("Close with code and reason")
	title.TextStyle.Bold = true
	b.body = container.NewVBox(title,
		container.New(layout.NewFormLayout(), caption("Code"), b.code, caption("Reason"), b.reason),
		b.half, container.NewBorder(nil, nil, nil, b.do, b.wrong))
	b.review()
	return b
}

func (b *closeBox) review() {
	_, err := checkClose(b.code.Text, b.reason.Text)
	text, importance := fmt.Sprintf("%d of %d bytes", len(b.reason.Text), maxReason), widget.LowImportance
	if err != nil {
		text, importance = upperFirst(err.Error()), widget.DangerImportance
	}
	b.wrong.Importance = importance
	widgets.SetText(b.wrong, text)
	setEnabled(b.do, err == nil)
}

func (b *closeBox) submit() {
	code, err := checkClose(b.code.Text, b.reason.Text)
	if err != nil {
		return
	}
	b.popup.Hide()
	b.onClose(code, b.reason.Text, b.half.Checked)
}

// open shows the box below an object.
func (b *closeBox) open(below fyne.CanvasObject) {
	b.popup = popUp(b.body, below, 400)
	if b.popup != nil {
		b.popup.Canvas.Focus(b.code)
	}
}

// popUp shows content below an object, as far as the window goes; nil if the
// object is in no window.
func popUp(content, below fyne.CanvasObject, width float32) *widget.PopUp {
	driver := fyne.CurrentApp().Driver()
	c := driver.CanvasForObject(below)
	if c == nil {
		return nil
	}
	p := widget.NewPopUp(container.NewPadded(content), c)
	p.Resize(fyne.NewSize(width, p.MinSize().Height))
	size := p.MinSize().Max(fyne.NewSize(width, 0))
	at := driver.AbsolutePositionForObject(below).AddXY(below.Size().Width-size.Width, below.Size().Height)
	at.X = max(0, min(at.X, c.Size().Width-size.Width))
	at.Y = max(0, min(at.Y, c.Size().Height-size.Height))
	p.ShowAtPosition(at)
	p.Resize(size)
	return p
}
