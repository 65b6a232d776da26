package ui

import (
	"context"
	"errors"
	"strings"
	"testing"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/entra"
	"relayscope/relayclient/signin"
)

func TestDeviceCodeIsShownUntilNobodyWaitsForIt(t *testing.T) {
	store := profiles.NewMemory()
	p := someProfile("orders")
	p.SignIn = signin.Settings{Way: signin.DeviceCode}
	p, err := store.Save(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	u, q := newWindow(t, store)
	u.host.identities.prompt(p.ID, entra.Prompt{URL: "https://login.example/device", Code: "ABCD-1234", Message: "Sign in."})
	q.until(t, "the code is shown", func() bool { return u.prompt != nil })
	if text := overText(u); !strings.Contains(text, "ABCD-1234") || !strings.Contains(text, "https://login.example/device") {
		t.Errorf("it says %q", text)
	}
	u.followPrompt() // nothing runs that would wait
	if u.prompt != nil || u.win.Canvas().Overlays().Top() != nil {
		t.Error("the code is still shown although nothing waits for it")
	}
	closeWindow(t, u, q)
}

// An authority that somebody else chose cannot have a program started.
func TestOnlyPagesAreOpened(t *testing.T) {
	u, q := newWindow(t, profiles.NewMemory())
	for address, want := range map[string]bool{"https://login.example/device": true, "file:///c:/windows/notepad.exe": false, "javascript:alert(1)": false, "https:": false} {
		u.askSignIn("some", entra.Prompt{URL: address, Code: "ABCD-1234", Message: "Sign in."})
		if got := overButton(u, "Open the page") != nil; got != want {
			t.Errorf("%s can be opened: %v", address, got)
		}
	}
	u.endPrompt()
	closeWindow(t, u, q)
}

// Listener and sender of a profile share one provider, and so their tokens,
// until the profile signs in otherwise.
func TestRolesShareTheirIdentity(t *testing.T) {
	var i identities
	p := someProfile("orders")
	p.SignIn = signin.Settings{Way: signin.ManagedIdentity}
	provider := func(role relayclient.Role) relayclient.TokenProvider {
		t.Helper()
		provider, err := i.provider(p, role, relayclient.Config{})
		if err != nil {
			t.Fatal(err)
		}
		return provider
	}
	listens, sends := provider(relayclient.Listening), provider(relayclient.Sending)
	if listens != sends {
		t.Error("listener and sender each sign in")
	}
	p.Name = "renamed"
	if provider(relayclient.Listening) != listens {
		t.Error("another name makes another identity")
	}
	p.SendSignIn = &signin.Settings{Way: signin.Anonymous}
	if got := provider(relayclient.Sending); got != nil {
		t.Errorf("a sender that does not sign in has %T", got)
	}
	p.SignIn = signin.Settings{}
	if _, err := i.provider(p, relayclient.Listening, relayclient.Config{}); err == nil {
		t.Error("a profile that only sends has something to listen with")
	}
}

// A person who calls the sign-in off does so for everything that waits.
func TestSignInIsCalledOffForAll(t *testing.T) {
	var i identities
	p := someProfile("orders")
	p.SignIn = signin.Settings{Way: signin.DeviceCode, Authority: "https://127.0.0.1:1"}
	i.prompt = func(profiles.ID, entra.Prompt) {}
	provider, err := i.provider(p, relayclient.Listening, relayclient.Config{})
	if err != nil {
		t.Fatal(err)
	}
	held := &holding{asked: make(chan struct{}, 2)}
	provider.(*person).Provider = held
	ended := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := provider.Token(t.Context(), "")
			ended <- err
		}()
		<-held.asked
	}
	if !i.awaited(p.ID) || i.awaited("another") {
		t.Error("it is not known what waits")
	}
	i.decline("another")
	i.decline(p.ID)
	for range 2 {
		var e *entra.Error
		if err := <-ended; !errors.As(err, &e) || e.Kind != entra.LoginDeclined {
			t.Errorf("error is %v, want that the sign-in was declined", err)
		}
	}
	if i.awaited(p.ID) {
		t.Error("something still waits")
	}
}

// A holding provider never has a token.
type holding struct {
	signin.Provider
	asked chan struct{}
}

func (h *holding) Token(ctx context.Context, _ string) (relayclient.Token, error) {
	h.asked <- struct{}{}
	<-ctx.Done()
	return relayclient.Token{}, context.Cause(ctx)
}
