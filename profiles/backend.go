package profiles

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/zalando/go-keyring"
)

// Service is what Relayscope's entries are called in a keyring: the service
// on Linux and macOS, the first half of the name ("Relayscope:…") on Windows.
// Removing every entry of that service removes every profile.
const Service = "Relayscope"

// maxEntry bounds an entry's value, in bytes. Windows Credential Manager takes
// 2,560, and macOS a command line of 4,096 that carries the value in base64.
// https://learn.microsoft.com/windows/win32/api/wincred/ns-wincred-credentialw
const maxEntry = 2500

// A backend holds short texts under names. It answers errNoEntry for a name it
// does not hold, and has no way to list names. Calls do not overlap.
type backend interface {
	Set(name, value string) error
	Get(name string) (string, error)
	Delete(name string) error
}

// osKeyring is the keyring of the person who is logged in.
type osKeyring struct{}

// Set reads back what it wrote: a prompt that a person dismissed and a helper
// program that failed quietly both look like success to go-keyring.
func (k osKeyring) Set(name, value string) error {
	if err := classify(keyring.Set(Service, name, value)); err != nil {
		return err
	}
	kept, err := k.Get(name)
	if err == errNoEntry || err == nil && kept != value {
		return fmt.Errorf("%w: the keyring did not keep what it was given", ErrLocked)
	}
	return err
}

func (osKeyring) Get(name string) (string, error) {
	value, err := keyring.Get(Service, name)
	return value, classify(err)
}

func (osKeyring) Delete(name string) error {
	return classify(keyring.Delete(Service, name))
}

// where names the keyring as its owner knows it.
func (osKeyring) where() string {
	switch runtime.GOOS {
	case "windows":
		return "Windows Credential Manager"
	case "darwin":
		return "macOS Keychain"
	}
	return "Secret Service keyring (GNOME Keyring, KWallet or the like)"
}

// memory is a backend that ends with the program.
type memory struct {
	mu      sync.Mutex // tests look in from outside
	entries map[string]string
}

func newMemory() *memory { return &memory{entries: map[string]string{}} }

func (m *memory) Set(name, value string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.entries[name] = value
	return nil
}

func (m *memory) Get(name string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	value, ok := m.entries[name]
	if !ok {
		return "", errNoEntry
	}
	return value, nil
}

func (m *memory) Delete(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.entries[name]; !ok {
		return errNoEntry
	}
	delete(m.entries, name)
	return nil
}
