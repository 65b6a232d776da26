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
	"wait for service":   waitForService,
	"is available":       answers(nil),
	"is locked":          answers(profiles.ErrLocked),
	"is unavailable":     answers(profiles.ErrUnavailable),
	"fill":               withStore(fill),
	"reopen and edit":    withStore(edit),
	"delete":             withStore(deleteAll),
	"nothing is left":    nothingIsLeft,
	"save until killed":  saveUntilKilled,
	"all saved is there": allSavedIsThere,
	"two copies":         twoCopies,
	"locked meanwhile":   lockedMeanwhile,
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

// saveUntilKilled saves profiles and says which, until the keyring goes away.
func saveUntilKilled() error {
	s := profiles.Open("")
	ctx, cancel := scriptContext()
	defer cancel()
	roots, err := os.ReadFile(filepath.Join(os.Getenv("HOME"), "roots.pem"))
	for err == nil {
		p := orders()
		p.CACertificates = string(roots)
		if _, err = s.Save(ctx, p); err == nil {
			fmt.Println(p.ID)
		}
	}
	if !errors.Is(err, profiles.ErrUnavailable) || strings.Contains(err.Error(), secret) {
		return fmt.Errorf("Save while the keyring goes away = %w, want ErrUnavailable", err)
	}
	if entries, err := s.List(ctx); !errors.Is(err, profiles.ErrUnavailable) {
		return fmt.Errorf("List afterwards = %v, %v; want ErrUnavailable", entries, err)
	}
	return s.Close(ctx)
}

// lockedMeanwhile has the keyring locked, as a screen lock may do, between two
// saves.
func lockedMeanwhile() error {
	s := profiles.Open("")
	ctx, cancel := scriptContext()
	defer cancel()
	p, err := s.Save(ctx, orders())
	if err != nil {
		return err
	}
	service, err := secretservice.NewSecretService()
	if err != nil {
		return err
	}
	login := []dbus.ObjectPath{service.GetLoginCollection().Path()}
	manager := service.Object("org.freedesktop.secrets", "/org/freedesktop/secrets")
	if err := manager.CallWithContext(ctx, "org.freedesktop.Secret.Service.Lock", 0, login).Err; err != nil {
		return err
	}
	if _, err := s.Save(ctx, renamed(p)); !errors.Is(err, profiles.ErrLocked) {
		return fmt.Errorf("Save into a locked keyring = %w, want ErrLocked", err)
	}
	if err := s.Arrange(ctx, []profiles.Placement{{ID: p.ID, Group: "g"}}); !errors.Is(err, profiles.ErrLocked) {
		return fmt.Errorf("Arrange in a locked keyring = %w, want ErrLocked", err)
	}
	if err := s.Delete(ctx, p.ID); !errors.Is(err, profiles.ErrLocked) {
		return fmt.Errorf("Delete from a locked keyring = %w, want ErrLocked", err)
	}
	return errors.Join(os.WriteFile(filepath.Join(os.Getenv("HOME"), "saved"), []byte(p.ID), 0o600), s.Close(ctx))
}

// allSavedIsThere looks for every profile that saveUntilKilled named, and goes
// on working with what it finds.
func allSavedIsThere() error {
	saved, err := os.ReadFile(filepath.Join(os.Getenv("HOME"), "saved"))
	if err != nil {
		return err
	}
	return withStore(func(ctx context.Context, s *profiles.Store) error {
		entries, err := s.List(ctx)
		if err != nil {
			return err
		}
		whole := map[profiles.ID]profiles.Profile{}
		for _, e := range entries {
			if e.Fault != nil {
				return fmt.Errorf("%s is faulty: %+v", e.ID, e.Fault)
			}
			whole[e.ID] = e.Profile
		}
		for _, id := range strings.Fields(string(saved)) {
			p, ok := whole[profiles.ID(id)]
			if !ok || p.SignIn.Key.Reveal() != secret {
				return fmt.Errorf("%s was saved and is lost; there are %v", id, entries)
			}
			if err := s.Delete(ctx, p.ID); err != nil {
				return err
			}
		}
		return nil
	})()
}

// twoCopies has two stores in one process; the lock tells them apart, as it
// would two processes.
func twoCopies() error {
	folder := filepath.Join(os.Getenv("HOME"), "data")
	ours, theirs := profiles.Open(folder), profiles.Open(folder)
	ctx, cancel := scriptContext()
	defer cancel()
	p, err := ours.Save(ctx, orders())
	if err != nil {
		return err
	}
	if err := theirs.Arrange(ctx, []profiles.Placement{{ID: p.ID, Group: "theirs", Order: 1}}); err != nil {
		return err
	}
	_, err = ours.Save(ctx, renamed(p))
	changed, ok := errors.AsType[*profiles.ChangedError](err)
	if !ok || changed.Stored.Group != "theirs" {
		return fmt.Errorf("Save over their change = %v, want ErrChanged with it", err)
	}
	result := profiles.Result{At: time.Unix(1e9, 0).UTC(), OK: true, Headline: "fine"}
	if err := ours.SetLastResult(ctx, p.ID, result); err != nil {
		return err
	}
	entries, err := theirs.List(ctx)
	if err != nil || len(entries) != 1 || entries[0].Profile.LastResult != result {
		return fmt.Errorf("List = %v, %v; want one profile with its result", entries, err)
	}
	return errors.Join(theirs.Delete(ctx, p.ID), ours.Close(ctx), theirs.Close(ctx))
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
