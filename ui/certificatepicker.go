package ui

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient"
	"relayscope/ui/widgets"
)

// A certificatePicker takes a certificate with its key from a file or from the
// clipboard. It tells what it holds but never shows it: nobody reads a private
// key, and nobody types one.
type certificatePicker struct {
	onChange func()

	secret  relayclient.Secret
	words   *widget.Label
	choose  *widgets.Button
	paste   *widgets.Button
	remove  *widgets.Button
	content fyne.CanvasObject
}

// maxCertificateFile is above what a profile keeps, and says so by itself when
// it is saved.
const maxCertificateFile = 256 << 10

func newCertificatePicker(help *formHelp, onChange func()) *certificatePicker {
	c := &certificatePicker{onChange: onChange, words: widget.NewLabel("")}
	c.words.Truncation = fyne.TextTruncateEllipsis
	c.choose = widgets.NewButtonWithIcon("Choose a file…", theme.FolderOpenIcon(), func() {
		help.pickFile("Certificate with its key", []string{".pem", ".pfx", ".p12", ".crt", ".cer", ".key", ".txt"}, maxCertificateFile, func(data []byte) { c.take(data) })
	})
	c.paste = widgets.NewButtonWithIcon("Paste", theme.ContentPasteIcon(), func() { c.take([]byte(help.clipboard())) })
	c.remove = widgets.NewButtonWithIcon("Remove", theme.DeleteIcon(), func() { c.take(nil) })
	c.remove.Importance = widget.LowImportance
	c.content = container.NewBorder(nil, nil, container.NewHBox(c.choose, c.paste), c.remove, c.words)
	c.set(relayclient.Secret{})
	return c
}

// take keeps what a person chose: text as it is, a PFX file in base64.
func (c *certificatePicker) take(data []byte) {
	text := strings.TrimSpace(string(data))
	if bytes.HasPrefix(data, []byte{0x30}) && !bytes.Contains(data, []byte("-----BEGIN")) {
		text = base64.StdEncoding.EncodeToString(data)
	}
	c.set(relayclient.NewSecret(text))
	c.onChange()
}

func (c *certificatePicker) set(s relayclient.Secret) {
	c.secret = s
	text, importance := certificateWords(s.Reveal(), time.Now())
	c.words.Importance = importance
	c.words.SetText(text)
	widgets.SetVisible(c.remove, !s.Empty())
	paste := "Paste"
	if !s.Empty() {
		paste = "Paste another"
	}
	c.paste.SetText(paste)
}

// certificateWords says what a text holds, and nothing that is secret.
func certificateWords(text string, now time.Time) (string, widget.Importance) {
	if text == "" {
		return "PEM with certificate and key, or PFX", widget.LowImportance
	}
	if !strings.Contains(text, "-----BEGIN") {
		raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		if err != nil || len(raw) == 0 || raw[0] != 0x30 {
			return "This is neither PEM nor a PFX file", widget.DangerImportance
		}
		return fmt.Sprintf("PFX file, %.1f kB", float64(len(raw))/1000), widget.MediumImportance
	}
	key := false
	var leaf *x509.Certificate
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		key = key || strings.HasSuffix(block.Type, "PRIVATE KEY")
		if block.Type == "CERTIFICATE" && leaf == nil {
			leaf, _ = x509.ParseCertificate(block.Bytes) // damaged: Validate says so
		}
	}
	switch {
	case leaf == nil:
		return "There is no certificate in this PEM", widget.DangerImportance
	case !key:
		return subjectOf(leaf) + ": its private key is missing", widget.DangerImportance
	case now.After(leaf.NotAfter):
		return subjectOf(leaf) + ": expired on " + day(leaf.NotAfter), widget.DangerImportance
	case now.Before(leaf.NotBefore):
		return subjectOf(leaf) + ": valid only from " + day(leaf.NotBefore), widget.WarningImportance
	}
	return subjectOf(leaf) + ", with its key, until " + day(leaf.NotAfter), widget.MediumImportance
}

func subjectOf(c *x509.Certificate) string {
	if c.Subject.CommonName != "" {
		return c.Subject.CommonName
	}
	if name := c.Subject.String(); name != "" {
		return name
	}
	return "Certificate"
}

func day(t time.Time) string { return t.Local().Format("2 January 2006") }
