package ui

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2/storage"

	"relayscope/profiles"
	"relayscope/relayclient"
)

// Another program can use the window's relay with what the menu gives.
func TestOthersCanUseTheLocalRelay(t *testing.T) {
	u, q := newWindow(t, profiles.NewMemory())
	p := demoProfile()
	u.entries = []profiles.Entry{{ID: p.ID, Profile: p}}
	u.copyRelayAccess(p.ID)
	q.until(t, "the connection string is copied", func() bool { return u.app.Clipboard().Content() != "" })
	text := u.app.Clipboard().Content()
	cs, err := relayclient.ParseConnectionString(text)
	if err != nil || cs.HybridConnection != p.HybridConnection {
		t.Fatalf("%v, %v", cs, err)
	}

	path := filepath.Join(t.TempDir(), "ca.pem")
	file, err := storage.Writer(storage.NewFileURI(path))
	if err != nil {
		t.Fatal(err)
	}
	if err := writeAll(file, u.host.relay.CertificatePEM()); err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	roots, err := relayclient.Roots(pem)
	if err != nil {
		t.Fatal(err)
	}
	cfg := relayclient.Config{
		Namespace: cs.Namespace, HybridConnection: cs.HybridConnection, RootCAs: roots,
		Token:   relayclient.SharedAccessKey{KeyName: cs.KeyName, Key: cs.Key},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "here") }),
	}
	l, err := relayclient.Listen(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	transport, err := relayclient.NewTransport(cfg)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: transport}
	resp, err := client.Get("https://any/")
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	client.CloseIdleConnections()
	if err != nil || string(got) != "here" {
		t.Errorf("%q, %v", got, err)
	}
	l.Close()
	if bytes.Contains(pem, []byte("PRIVATE")) || !strings.Contains(text, cs.Key.Reveal()) {
		t.Error("the file has a private key, or the text has none")
	}
	closeWindow(t, u, q)
	if left := u.app.Clipboard().Content(); left != "" {
		t.Error("the key is still on the clipboard when the window has closed")
	}
}
