package ui

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"relayscope/assets"
	"relayscope/profiles"
)

// withoutKeyring opens a window over a store that refuses everything.
func withoutKeyring(t *testing.T, folder string) (*Window, mainQueue) {
	t.Helper()
	store := profiles.NewMemory()
	if err := store.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	q := make(mainQueue, 1024)
	u := New(test.NewTempApp(t), Options{
		Store: store, Folder: folder, Icon: fyne.NewStaticResource("icon.png", assets.Icon), OnMain: q.do,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	q.until(t, "the profiles are read", func() bool { return !u.blank.Visible() })
	return u, q
}

func TestProfilesMoveIntoASealedFile(t *testing.T) {
	folder := t.TempDir()
	u, q := withoutKeyring(t, folder)
	u.save(someProfile("made before"))
	q.until(t, "saved in memory", func() bool { return len(u.entries) == 1 })
	test.Tap(u.sidebar.seal)
	ask := u.asking
	for _, tt := range []struct{ first, second, says string }{
		{"", "", "Type the passphrase"},
		{"short", "short", "at least 12"},
		{"correct horse", "correct hose", "not the same"},
	} {
		ask.first.SetText(tt.first)
		ask.second.SetText(tt.second)
		test.Tap(ask.yes)
		if !ask.wrong.Visible() || !strings.Contains(ask.wrong.Text, tt.says) {
			t.Errorf("%q and %q: it says %q", tt.first, tt.second, ask.wrong.Text)
		}
	}
	ask.second.SetText("correct horse")
	test.Tap(ask.yes)
	q.until(t, "sealed", func() bool { return !u.sidebar.warning.Visible() })
	if !strings.Contains(u.welcome.keeping.Text, sealedName) {
		t.Errorf("it is said to be %q", u.welcome.keeping.Text)
	}
	closeWindow(t, u, q)
	text, err := os.ReadFile(filepath.Join(folder, sealedName))
	if err != nil || strings.Contains(string(text), someKey) || strings.Contains(string(text), "made before") {
		t.Errorf("the file is readable by everybody, or not there: %v", err)
	}

	u, q = withoutKeyring(t, folder)
	u.asking.first.SetText("wrong passphrase")
	test.Tap(u.asking.yes)
	q.until(t, "refused", func() bool { return u.asking.wrong.Visible() })
	u.asking.first.SetText("correct horse")
	test.Tap(u.asking.yes)
	q.until(t, "opened", func() bool { return len(u.entries) == 1 })
	if p := u.entries[0].Profile; p.Name != "made before" || p.SignIn.Key.Reveal() != someKey {
		t.Errorf("the file holds %v", p)
	}
	closeWindow(t, u, q)
}
