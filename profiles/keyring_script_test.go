//go:build linux

package profiles_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
	secretservice "github.com/zalando/go-keyring/secret_service"

	"relayscope/profiles"
)

// keyringScripts run in processes of their own, in this order where it matters.
var keyringScripts = map[string]func() error{
	"wait for service": waitForService,
	"is available":     answers(nil),
	"is locked":        answers(profiles.ErrLocked),
	"is unavailable":   answers(profiles.ErrUnavailable),
	"fill":             withStore(fill),
	"reopen and edit":  withStore(edit),
	"delete":           withStore(deleteAll),
	"nothing is left":  nothingIsLeft,
}

func scriptContext() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), 30*time.Second)
}

// waitForService returns once somebody owns the Secret Service's name.
func waitForService() error {
	const name = "org.freedesktop.secrets"
	bus, err := dbus.SessionBus()
	if err != nil {
		return err
	}
	changes := make(chan *dbus.Signal, 10)
	bus.Signal(changes)
	if err := bus.AddMatchSignal(dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, name)); err != nil {
		return err
	}
	ctx, cancel := scriptContext()
	defer cancel()
	for {
		var owned bool
		if err := bus.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, name).Store(&owned); err != nil || owned {
			return err
		}
		select {
		case <-changes:
		case <-ctx.Done():
			return errors.New("gnome-keyring-daemon does not offer the Secret Service")
		}
	}
}

func withStore(f func(context.Context, *profiles.Store) error) func() error {
	return func() error {
		s := profiles.Open(filepath.Join(os.Getenv("HOME"), "data"))
		ctx, cancel := scriptContext()
		defer cancel()
		return errors.Join(s.Probe(ctx), f(ctx, s), s.Close(ctx))
	}
}

// scripted returns the profiles that fill saves. "big" needs several entries.
func scripted() (small, big profiles.Profile, err error) {
	roots, err := os.ReadFile(filepath.Join(os.Getenv("HOME"), "roots.pem"))
	small, big = orders(), orders()
	small.ID, small.Name, small.HybridConnection = "small", "zamówienia 📦 訂單", "zamówienia/訂單"
	big.ID, big.Name, big.CACertificates = "big", "big", string(roots)
	if err == nil && len(roots) < 3000 {
		err = fmt.Errorf("only %d bytes of certificates", len(roots))
	}
	return small, big, err
}

func renamed(p profiles.Profile) profiles.Profile {
	p.Name += ", changed"
	return p
}

// save stores p and takes on its new revision.
func save(ctx context.Context, s *profiles.Store, p *profiles.Profile) error {
	saved, err := s.Save(ctx, *p)
	if err == nil {
		*p = saved
	}
	return err
}

func expect(ctx context.Context, s *profiles.Store, want ...profiles.Profile) error {
	entries, err := s.List(ctx)
	if err != nil || len(entries) != len(want) {
		return fmt.Errorf("List = %v, %v; want %v", entries, err, want)
	}
	for i, e := range entries {
		if e.Fault != nil || reveal(e.Profile) != reveal(want[i]) {
			return fmt.Errorf("entry %d = %+v, want %v", i, e, want[i])
		}
	}
	return nil
}

func fill(ctx context.Context, s *profiles.Store) error {
	if got := s.Where(); !strings.Contains(got, "Secret Service") {
		return fmt.Errorf("Where() = %q", got)
	}
	small, big, err := scripted()
	return errors.Join(err, items(0), expect(ctx, s), save(ctx, s, &small), save(ctx, s, &big), expect(ctx, s, big, small))
}

func edit(ctx context.Context, s *profiles.Store) error {
	small, big, err := scripted()
	if err = errors.Join(err, expect(ctx, s, big, small)); err != nil {
		return err
	}
	if _, err := s.Save(ctx, renamed(small)); !errors.Is(err, profiles.ErrChanged) {
		return fmt.Errorf("Save over a profile that was never read = %v, want ErrChanged", err)
	}
	entries, err := s.List(ctx)
	if err != nil {
		return err
	}
	big, small = entries[0].Profile, entries[1].Profile
	copied := big.Duplicate("copy of big")
	if err := errors.Join(save(ctx, s, &copied), expect(ctx, s, big, copied, small)); err != nil {
		return err
	}
	big.SignIn.KeyName, small.LocalRelay = "listen-only", true
	if err := errors.Join(save(ctx, s, &big), save(ctx, s, &small), expect(ctx, s, big, copied, small)); err != nil {
		return err
	}
	big.CACertificates = ""
	return errors.Join(save(ctx, s, &big), expect(ctx, s, big, copied, small))
}

func deleteAll(ctx context.Context, s *profiles.Store) error {
	entries, err := s.List(ctx)
	if err != nil || len(entries) != 3 {
		return fmt.Errorf("List = %v, %v; want three profiles", entries, err)
	}
	for _, e := range entries {
		if err := s.Delete(ctx, e.ID); err != nil {
			return err
		}
	}
	if err := s.Delete(ctx, "big"); !errors.Is(err, profiles.ErrNotFound) {
		return fmt.Errorf("second Delete = %v, want ErrNotFound", err)
	}
	return expect(ctx, s)
}

func nothingIsLeft() error { return items(0) }

// items asks the Secret Service itself how many entries Relayscope has.
func items(want int) error {
	service, err := secretservice.NewSecretService()
	if err != nil {
		return err
	}
	found, err := service.SearchItems(service.GetLoginCollection(), map[string]string{"service": profiles.Service})
	if err != nil || len(found) != want {
		return fmt.Errorf("the keyring has %d entries of ours, %v; want %d", len(found), err, want)
	}
	return nil
}
