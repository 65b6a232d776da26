package identity_test

import (
	"context"
	"errors"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/signin"
	"relayscope/ui/identity"
	"relayscope/ui/widgets"
)

const key = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I="

func profile() profiles.Profile {
	return profiles.Profile{
		ID: profiles.NewID(), Namespace: "contoso.servicebus.windows.net", HybridConnection: "orders",
		SignIn: signin.Settings{Way: signin.SharedAccessKey, KeyName: "listen", Key: relayclient.NewSecret(key)},
	}
}

// sas makes a token for a hybrid connection.
func sas(t *testing.T, name string, lifetime time.Duration) relayclient.Token {
	t.Helper()
	k := relayclient.SharedAccessKey{KeyName: "listen", Key: relayclient.NewSecret(key), Lifetime: lifetime}
	got, err := k.Token(t.Context(), relayclient.Audience("contoso.servicebus.windows.net", name))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// A bench is a page on the test's goroutine, which plays the main goroutine.
type bench struct {
	t      *testing.T
	page   *identity.Page
	window fyne.Window
	main   chan func()
	copied string

	mu  sync.Mutex
	now time.Time
	get func(ctx context.Context, role relayclient.Role) (relayclient.Token, string, error)
}

func newBench(t *testing.T, p profiles.Profile) *bench {
	t.Helper()
	test.NewTempApp(t)
	b := &bench{t: t, main: make(chan func(), 1024), now: time.Now()}
	ctx, cancel := context.WithCancel(t.Context())
	var work sync.WaitGroup
	b.page = identity.New(identity.Options{
		Do:   func(f func()) { b.main <- f },
		Work: func(f func(context.Context)) { work.Go(func() { f(ctx) }) },
		Copy: func(text string) { b.copied = text },
		Now: func() time.Time {
			b.mu.Lock()
			defer b.mu.Unlock()
			return b.now
		},
		Get: func(ctx context.Context, of profiles.Profile, role relayclient.Role) (relayclient.Token, string, error) {
			if of.ID != p.ID {
				t.Errorf("a token of profile %q was asked for", of.ID)
			}
			return b.get(ctx, role)
		},
	})
	t.Cleanup(func() {
		b.page.Close() // which ends what it does by itself
		work.Wait()
		cancel()
	})
	b.window = test.NewTempWindow(t, b.page.Content())
	b.window.SetPadded(false)
	b.window.Resize(fyne.NewSize(1036, 680))
	b.page.Show(p)
	return b
}

// until plays the main goroutine until what has happened.
func (b *bench) until(what string, happened func() bool) {
	b.t.Helper()
	timeout := time.NewTimer(20 * time.Second)
	defer timeout.Stop()
	for !happened() {
		select {
		case f := <-b.main:
			f()
		case <-timeout.C:
			b.t.Fatalf("did not happen: %s; on the page is:\n%s", what, b.text())
		}
	}
}

func (b *bench) object(name string) fyne.CanvasObject {
	b.t.Helper()
	o := b.page.Objects()[name]
	if o == nil {
		b.t.Fatalf("no object is called %s", name)
	}
	return o
}

func (b *bench) tap(name string) { b.t.Helper(); test.Tap(b.object(name).(fyne.Tappable)) }

func (b *bench) paste(text string) {
	b.t.Helper()
	e := b.object("identity.paste").(*widgets.Entry)
	b.window.Canvas().Focus(e)
	fyne.CurrentApp().Clipboard().SetContent(text)
	e.TypedShortcut(&fyne.ShortcutPaste{Clipboard: fyne.CurrentApp().Clipboard()})
}

func (b *bench) status() string { return b.object("identity.status").(*widgets.Status).Text() }
func (b *bench) problem() widgets.Failure {
	p := b.object("identity.problem").(*widgets.Problem)
	if !p.Visible() {
		return widgets.Failure{}
	}
	return p.Failure()
}

// text is all that can be read on the page.
func (b *bench) text() string {
	var text strings.Builder
	for _, o := range test.LaidOutObjects(b.page.Content()) {
		if s, ok := o.(*widgets.Status); ok && s.Visible() {
			text.WriteString("[" + s.Text() + "] ")
		}
		if l, ok := o.(*widget.Label); ok && l.Visible() {
			text.WriteString(l.Text + "\n")
		}
	}
	return text.String()
}

func (b *bench) wantText(parts ...string) {
	b.t.Helper()
	text := b.text()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			b.t.Errorf("%q is not on the page:\n%s", part, text)
		}
	}
}

// keep writes what is on the screen for people to look at, if a folder is
// named for it.
func (b *bench) keep(name string) {
	b.t.Helper()
	folder := os.Getenv("RELAYSCOPE_SCREENSHOTS")
	if folder == "" {
		return
	}
	f, err := os.Create(filepath.Join(folder, name+".png"))
	if err != nil {
		b.t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, b.window.Canvas().Capture()); err != nil {
		b.t.Fatal(err)
	}
}

func TestNoTokenYet(t *testing.T) {
	b := newBench(t, profile())
	b.wantText("No token yet", "As policy listen", "Read on this computer, sent nowhere.")
	b.keep("empty")
}

func TestListenersTokenFits(t *testing.T) {
	b := newBench(t, profile())
	token := sas(t, "orders", time.Hour)
	b.get = func(_ context.Context, role relayclient.Role) (relayclient.Token, string, error) {
		if role != relayclient.Listening {
			t.Errorf("a token for role %v was asked for", role)
		}
		return token, "policy listen", nil
	}
	b.tap("identity.listener")
	b.until("a verdict", func() bool { return b.status() == "Nothing wrong found" })
	b.wantText("SAS token of the policy listen", "For policy listen", "left", "this profile's key of listen")
	if strings.Contains(b.text(), "Wrong") || strings.Contains(b.text(), "sig=") {
		t.Errorf("the page says\n%s", b.text())
	}
	b.keep("right")
}

func TestTokenForAnotherHybridConnection(t *testing.T) {
	b := newBench(t, profile())
	b.paste(sas(t, "invoices", time.Hour).Value.Reveal())
	if got := b.status(); got != "Does not fit: Scope" {
		t.Errorf("the verdict is %q", got)
	}
	b.wantText("[Wrong] Scope", "another hybrid connection")
	if left := b.object("identity.paste").(*widgets.Entry).Text; left != "" {
		t.Error("the token is still in the entry")
	}
	b.keep("wrong")
}

func TestSignatureOfAnotherKey(t *testing.T) {
	p := profile()
	p.SignIn.Key = relayclient.NewSecret("another")
	b := newBench(t, p)
	b.paste(sas(t, "orders", time.Hour).Value.Reveal())
	b.wantText("[Wrong] Signature")
	b.object("identity.key").(*widgets.Entry).SetText(key)
	b.wantText("[Right] Signature")
}

func TestPasteNoToken(t *testing.T) {
	b := newBench(t, profile())
	b.paste("hunter2 is my password, honestly")
	f := b.problem()
	if f.Title != "This is not a token" || f.Next == "" {
		t.Errorf("the problem is %+v", f)
	}
	if strings.Contains(f.Text()+b.text(), "hunter2") {
		t.Error("what was pasted is on the page")
	}
	b.keep("garbage")
	b.paste(sas(t, "orders", time.Hour).Value.Reveal())
	if b.problem() != (widgets.Failure{}) || b.status() != "Nothing wrong found" {
		t.Errorf("a good token after it: %q, %+v", b.status(), b.problem())
	}
}

func TestCountdown(t *testing.T) {
	b := newBench(t, profile())
	end := time.Now().Add(time.Hour).Truncate(time.Second)
	b.now = end.Add(-61 * time.Second)
	b.paste(sas(t, "orders", time.Hour).Value.Reveal())
	until := b.object("identity.until").(*widget.Label)
	first := until.Text
	if !strings.Contains(first, "left") {
		t.Fatalf("until when: %q", first)
	}
	b.mu.Lock()
	b.now = b.now.Add(10 * time.Second)
	b.mu.Unlock()
	b.until("the countdown goes on", func() bool { return until.Text != first })
	b.mu.Lock()
	b.now = end.Add(time.Minute)
	b.mu.Unlock()
	b.until("it has expired", func() bool { return b.status() == "Does not fit: Expires" })
	b.wantText("Expired on", "ago", "[Wrong] Expires")
}

func TestGettingFails(t *testing.T) {
	b := newBench(t, profile())
	b.get = func(context.Context, relayclient.Role) (relayclient.Token, string, error) {
		return relayclient.Token{}, "", errors.New("sign token: the shared access policy has no name or no key")
	}
	b.tap("identity.sender")
	b.until("a problem", func() bool { return b.problem().Title != "" })
	if b.object("identity.sender").(*widgets.Button).Disabled() {
		t.Error("nobody can try again")
	}
}

func TestStopGetting(t *testing.T) {
	b := newBench(t, profile())
	ended := make(chan struct{})
	b.get = func(ctx context.Context, _ relayclient.Role) (relayclient.Token, string, error) {
		<-ctx.Done()
		close(ended)
		return relayclient.Token{}, "", context.Cause(ctx)
	}
	b.tap("identity.listener")
	if !b.object("identity.listener").(*widgets.Button).Disabled() {
		t.Error("it can be asked for twice at once")
	}
	b.tap("identity.cancel")
	<-ended
	if b.object("identity.listener").(*widgets.Button).Disabled() || b.problem().Title != "" {
		t.Errorf("after Stop the problem is %+v", b.problem())
	}
}

func TestAnotherProfileDropsTheToken(t *testing.T) {
	p := profile()
	b := newBench(t, p)
	b.paste(sas(t, "orders", time.Hour).Value.Reveal())
	p.Name = "renamed"
	b.page.Show(p)
	b.wantText("SAS token of the policy listen")
	b.page.Show(profile())
	b.wantText("No token yet")
}

func TestControlCharactersAreVisible(t *testing.T) {
	b := newBench(t, profile())
	k := relayclient.SharedAccessKey{KeyName: "listen\u202e\x1b[2J", Key: relayclient.NewSecret(key)}
	got, err := k.Token(t.Context(), "http://contoso.servicebus.windows.net/orders")
	if err != nil {
		t.Fatal(err)
	}
	b.paste(got.Value.Reveal())
	if strings.ContainsAny(b.text(), "\u202e\x1b") {
		t.Errorf("the page has %q", b.text())
	}
	b.wantText(`listen\u202e\x1b[2J`)
}

func TestCopyAll(t *testing.T) {
	b := newBench(t, profile())
	made := sas(t, "invoices", time.Hour)
	b.paste(made.Value.Reveal())
	b.tap("identity.copy")
	for _, part := range []string{"SAS token of the policy listen", "Does not fit: Scope", "Good until", "Wrong: Scope hybrid connection invoices (The token is for another"} {
		if !strings.Contains(b.copied, part) {
			t.Errorf("the report lacks %q:\n%s", part, b.copied)
		}
	}
	_, signature, _ := strings.Cut(made.Value.Reveal(), "sig=")
	signature, _, _ = strings.Cut(signature, "&")
	if strings.Contains(b.copied, signature) || strings.Contains(b.copied, key) {
		t.Error("the report holds a secret")
	}
}

// A value that is too long to show is copied whole.
func TestCopyOfALongValue(t *testing.T) {
	b := newBench(t, profile())
	name := strings.Repeat("0123456789", 25)
	k := relayclient.SharedAccessKey{KeyName: name, Key: relayclient.NewSecret(key)}
	got, err := k.Token(t.Context(), "http://contoso.servicebus.windows.net/orders")
	if err != nil {
		t.Fatal(err)
	}
	b.paste(got.Value.Reveal())
	if strings.Contains(b.text(), name) {
		t.Error("all of the value is on the page")
	}
	b.focusUntil("the whole value", func() bool {
		return b.pressCopy() == name
	})
}

// pressCopy presses the space bar if a row's Copy has the focus, and returns
// what was copied.
func (b *bench) pressCopy() string {
	b.copied = ""
	if f := b.window.Canvas().Focused(); fmt.Sprintf("%T", f) == "*identity.rowButton" {
		f.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	}
	return b.copied
}

// focusUntil moves on by Tab until what has happened.
func (b *bench) focusUntil(what string, happened func() bool) {
	b.t.Helper()
	for range 60 {
		b.window.Canvas().FocusNext()
		if happened() {
			return
		}
	}
	b.t.Fatalf("Tab does not lead to %s", what)
}

func TestTabScrollsToTheRow(t *testing.T) {
	b := newBench(t, profile())
	b.window.Resize(fyne.NewSize(1036, 300))
	b.paste(sas(t, "orders", time.Hour).Value.Reveal())
	b.focusUntil("the last row", func() bool { return b.pressCopy() == "sr, sig, se, skn" })
	last := b.window.Canvas().Focused().(fyne.CanvasObject)
	y := fyne.CurrentApp().Driver().AbsolutePositionForObject(last).Y
	if y < 0 || y+last.Size().Height > 300 {
		t.Errorf("the row that has the focus is at %v, out of sight", y)
	}
}
