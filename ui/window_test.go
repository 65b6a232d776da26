package ui

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"relayscope/assets"
	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/signin"
	"relayscope/ui/live"
)

// In these tests the test's goroutine plays the main goroutine: it alone runs
// what the background hands over.
type mainQueue chan func()

func (q mainQueue) do(f func()) { q <- f }

// until plays the main goroutine until what has happened.
func (q mainQueue) until(t testing.TB, what string, happened func() bool) {
	t.Helper()
	timeout := time.NewTimer(20 * time.Second)
	defer timeout.Stop()
	for !happened() {
		select {
		case f := <-q:
			f()
		case <-timeout.C:
			buf := make([]byte, 1<<20)
			t.Fatalf("did not happen: %s\n%s", what, buf[:runtime.Stack(buf, true)])
		}
	}
}

func newWindow(t testing.TB, store *profiles.Store) (*Window, mainQueue) {
	t.Helper()
	q := make(mainQueue, 1024)
	app := test.NewTempApp(t)
	u := New(app, Options{
		Store: store, Icon: fyne.NewStaticResource("icon.png", assets.Icon), OnMain: q.do,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	q.until(t, "the profiles are read", func() bool { return !u.blank.Visible() })
	return u, q
}

// closeWindow closes u and checks that nothing of it is left behind.
func closeWindow(t *testing.T, u *Window, q mainQueue) {
	t.Helper()
	u.Close()
	q.until(t, "closed", func() bool {
		select {
		case <-u.Closed():
			return true
		default:
			return false
		}
	})
	if left := goroutinesLeft(); left != "" {
		t.Errorf("goroutines left behind:\n%s", left)
	}
}

func goroutinesLeft() string {
	deadline := time.Now().Add(3 * time.Second)
	for {
		buf := make([]byte, 1<<20)
		stacks := strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n")[1:]
		left := slices.DeleteFunc(stacks, func(s string) bool {
			return !strings.Contains(s, "relayscope/") || strings.Contains(s, "testing.(*T).Run(") // of a test with parts
		})
		if len(left) == 0 || time.Now().After(deadline) {
			return strings.Join(left, "\n\n")
		}
		runtime.Gosched()
	}
}

func TestTryTheLocalRelayAndCloseConnected(t *testing.T) {
	u, q := newWindow(t, profiles.NewMemory())
	if !u.welcome.content.Visible() {
		t.Fatal("a first start does not show the welcome page")
	}
	test.Tap(u.welcome.try)
	s := u.sessions[u.current]
	q.until(t, "the sender is connected", func() bool { return s.Sender().State == live.SenderConnected })
	address := u.host.namespace()
	if err := s.Send(relayclient.Message{Data: []byte("hello")}); err != nil {
		t.Fatal(err)
	}
	q.until(t, "the echo is back", func() bool { return s.Sender().Received == 1 })
	closeWindow(t, u, q)
	if conn, err := net.Dial("tcp", address); err == nil {
		conn.Close()
		t.Errorf("the local relay still takes connections at %s", address)
	}
}

func TestDemo(t *testing.T) {
	u, q := newWindow(t, profiles.NewMemory())
	var sent, received int
	var failed error
	done := false
	u.PlayDemo(20, 20*time.Second, func(s, r int, err error) { sent, received, failed, done = s, r, err, true })
	q.until(t, "the demo is done", func() bool { return done })
	if sent != 20 || received != 20 || failed != nil {
		t.Errorf("sent %d, received %d, error %v; want 20, 20 and none", sent, received, failed)
	}
	closeWindow(t, u, q)
}

func TestWithoutKeyringProfilesAreKeptForThisRun(t *testing.T) {
	store := profiles.NewMemory()
	if err := store.Close(context.Background()); err != nil { // a store that refuses everything
		t.Fatal(err)
	}
	u, q := newWindow(t, store)
	notice := u.sidebar.notice
	if !u.sidebar.warning.Visible() || !strings.Contains(notice.Text, "for this run only") {
		t.Errorf("notice = %q", notice.Text)
	}
	test.Tap(u.sidebar.why)
	if u.win.Canvas().Overlays().Top() == nil || u.sidebar.failure.Raw == "" {
		t.Error("the raw answer is not one click away")
	}
	u.TryLocalRelay()
	s := u.sessions[u.current]
	q.until(t, "the sender is connected", func() bool { return s.Sender().State == live.SenderConnected })
	closeWindow(t, u, q)
}

const someKey = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="

func fillForm(u *Window, texts map[profiles.Field]string) {
	for field, text := range texts {
		u.form.fields[field].entry.SetText(text)
	}
}

func TestFormNamesTheWrongPartAndLosesNothing(t *testing.T) {
	u, q := newWindow(t, profiles.NewMemory())
	test.Tap(u.welcome.fill)
	fillForm(u, map[profiles.Field]string{
		profiles.FieldName: "mine", profiles.FieldNamespace: "not a host", profiles.FieldHybridConnection: "orders",
		profiles.FieldKeyName: "listen", profiles.FieldKey: "",
	})
	test.Tap(u.form.save)
	for field, wrong := range map[profiles.Field]bool{
		profiles.FieldName: false, profiles.FieldNamespace: true, profiles.FieldHybridConnection: false, profiles.FieldKeyName: false, profiles.FieldKey: true,
	} {
		if got := u.form.fields[field].wrong.Visible(); got != wrong {
			t.Errorf("%v is marked wrong: %v, want %v", field, got, wrong)
		}
	}
	if got := u.form.fields[profiles.FieldNamespace].entry.Text; got != "not a host" {
		t.Errorf("the endpoint is now %q", got)
	}
	fillForm(u, map[profiles.Field]string{profiles.FieldNamespace: "sb://contoso.servicebus.windows.net/", profiles.FieldKey: someKey})
	test.Tap(u.form.save)
	q.until(t, "saved", func() bool { return len(u.entries) == 1 && u.live.Visible() })
	p := u.entries[0].Profile
	if p.Name != "mine" || p.Namespace != "contoso.servicebus.windows.net" || p.SignIn.Key.Reveal() != someKey {
		t.Errorf("stored %v", p)
	}
	closeWindow(t, u, q)
}

func TestPastedConnectionStringFillsTheForm(t *testing.T) {
	u, q := newWindow(t, profiles.NewMemory())
	test.Tap(u.welcome.paste)
	fillForm(u, map[profiles.Field]string{profiles.FieldHybridConnection: "typed before"})
	u.form.paste.SetText("Endpoint=sb://contoso.servicebus.windows.net/;SharedAccessKeyName;SharedAccessKey=" + someKey)
	if text := u.form.pasted.Text; text == "" || strings.Contains(text, someKey) || u.form.fields[profiles.FieldHybridConnection].entry.Text != "typed before" {
		t.Errorf("a mistyped string says %q, and the form holds %q", text, u.form.fields[profiles.FieldHybridConnection].entry.Text)
	}
	u.form.paste.SetText("Endpoint=sb://contoso.servicebus.windows.net/;SharedAccessKeyName=listen;SharedAccessKey=" + someKey + ";EntityPath=orders")
	test.Tap(u.form.save)
	q.until(t, "saved", func() bool { return len(u.entries) == 1 })
	if p := u.entries[0].Profile; p.Name != "orders @ contoso" || p.HybridConnection != "orders" || p.SignIn.KeyName != "listen" {
		t.Errorf("stored %v", p)
	}
	closeWindow(t, u, q)
}

func TestDuplicateEditDelete(t *testing.T) {
	u, q := newWindow(t, profiles.NewMemory())
	p := profiles.Profile{ID: profiles.NewID(), Name: "orders", Namespace: "contoso.servicebus.windows.net", HybridConnection: "orders", SignIn: signin.Settings{Way: signin.SharedAccessKey, KeyName: "listen", Key: relayclient.NewSecret(someKey)}}
	u.save(p)
	q.until(t, "saved", func() bool { return len(u.entries) == 1 })
	u.duplicate(p.ID)
	if got := u.form.fields[profiles.FieldName].entry.Text; got != "orders copy" {
		t.Errorf("the copy is called %q", got)
	}
	test.Tap(u.form.save)
	q.until(t, "two profiles", func() bool { return len(u.entries) == 2 })
	u.edit(p.ID)
	fillForm(u, map[profiles.Field]string{profiles.FieldName: "renamed"})
	test.Tap(u.form.save)
	q.until(t, "renamed", func() bool {
		e, ok := u.entry(p.ID)
		return ok && e.Profile.Name == "renamed"
	})
	for len(u.entries) > 0 {
		n := len(u.entries)
		u.remove(u.entries[0].ID)
		q.until(t, "deleted", func() bool { return len(u.entries) < n })
	}
	if !u.welcome.content.Visible() {
		t.Error("without profiles the welcome page is not shown")
	}
	closeWindow(t, u, q)
}

func TestWhatIsTypedIsNotDiscardedUnasked(t *testing.T) {
	u, q := newWindow(t, profiles.NewMemory())
	p := profiles.Profile{ID: profiles.NewID(), Name: "orders", Namespace: "contoso.servicebus.windows.net", HybridConnection: "orders", SignIn: signin.Settings{Way: signin.SharedAccessKey, KeyName: "listen", Key: relayclient.NewSecret(someKey)}}
	u.save(p)
	q.until(t, "saved", func() bool { return len(u.entries) == 1 })
	u.fillNew()
	fillForm(u, map[profiles.Field]string{profiles.FieldName: "half typed"})
	u.choose(p.ID)
	if !u.form.content.Visible() || u.form.fields[profiles.FieldName].entry.Text != "half typed" {
		t.Error("choosing a profile threw the form away")
	}
	if u.win.Canvas().Overlays().Top() == nil {
		t.Error("nobody was asked")
	}
	closeWindow(t, u, q)
}

func TestNoSecretInTheLog(t *testing.T) {
	var log bytes.Buffer
	q := make(mainQueue, 1024)
	u := New(test.NewTempApp(t), Options{
		Store: profiles.NewMemory(), Icon: fyne.NewStaticResource("icon.png", assets.Icon), OnMain: q.do,
		Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	q.until(t, "the profiles are read", func() bool { return !u.blank.Visible() })
	u.TryLocalRelay()
	s := u.sessions[u.current]
	q.until(t, "the sender is connected", func() bool { return s.Sender().State == live.SenderConnected })
	key := s.Profile().SignIn.Key.Reveal()
	rows := ""
	first, last := s.Journal().Bounds()
	for r := range s.Journal().Range(first, last) {
		rows += r.Export()
	}
	closeWindow(t, u, q)
	if log.Len() == 0 || rows == "" {
		t.Fatal("nothing was logged, so nothing was checked")
	}
	for name, text := range map[string]string{"log": log.String(), "message log": rows} {
		if strings.Contains(text, key) || strings.Contains(text, "SharedAccessSignature") {
			t.Errorf("the %s holds a secret:\n%s", name, text)
		}
	}
}
