package profiles

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"filippo.io/age"

	"relayscope/relayclient"
)

// A sealedFile is a file with entries that a passphrase opens. Opening it by
// passphrase is slow on purpose, so that guessing is, too; therefore the
// passphrase seals a key, and the key seals the entries, anew at every change.
type sealedFile struct {
	Version int    `json:"v"`
	About   string `json:"about"`
	Key     []byte `json:"key"`     // an age identity, sealed by the passphrase
	Entries []byte `json:"entries"` // JSON of names and values, sealed for the identity
}

const sealedAbout = "Profiles of Relayscope. key is an age identity sealed by a passphrase, entries are sealed for it."

// maxSealed bounds the file, which is read whole.
const maxSealed = 64 << 20

// sealed is a backend over such a file. Other running copies may use the same
// file, so that it looks whether the file is still the one it knows.
type sealed struct {
	path     string
	key      []byte // as in the file
	identity *age.X25519Identity
	seen     fs.FileInfo // the file that entries were read from
	entries  map[string]string
}

// OpenSealed returns a Store over the file at path, for machines without a
// keyring. If there is no file it makes one, with its folder, that passphrase
// opens from then on. ErrPassphrase means that passphrase does not open it,
// ErrDamaged that nothing can, ErrNewer that a newer version wrote it, ErrFile
// that it cannot be read or written. It takes about a second. The caller must
// Close the Store.
func OpenSealed(path string, passphrase relayclient.Secret) (*Store, error) {
	b, err := openSealed(path, passphrase, sealedWork)
	if err != nil {
		return nil, fmt.Errorf("open sealed profiles: %w", err)
	}
	return start(b, "file "+path+", sealed by your passphrase", filepath.Dir(path)), nil
}

// sealedWork is the base-2 logarithm of what one guess costs: about a second
// and 256 MB.
const sealedWork = 18

func openSealed(path string, passphrase relayclient.Secret, work int) (*sealed, error) {
	if passphrase.Empty() {
		return nil, fmt.Errorf("%w: it is empty", ErrPassphrase)
	}
	s := &sealed{path: path}
	file, err := s.load()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s, s.create(passphrase, work)
	case err != nil:
		return nil, err
	}
	opener, err := age.NewScryptIdentity(passphrase.Reveal())
	if err != nil {
		return nil, err
	}
	opener.SetMaxWorkFactor(sealedWork + 2) // or a file from somebody else could take all memory
	text, err := unseal(file.Key, opener)
	if err != nil {
		return nil, err
	}
	if s.identity, err = age.ParseX25519Identity(string(text)); err != nil {
		return nil, ErrDamaged // and what it says is not repeated: it may quote the key
	}
	s.key = file.Key
	return s, s.refresh()
}

// create makes the file, empty.
func (s *sealed) create(passphrase relayclient.Secret, work int) error {
	sealer, err := age.NewScryptRecipient(passphrase.Reveal())
	if err != nil {
		return err
	}
	sealer.SetWorkFactor(work)
	if s.identity, err = age.GenerateX25519Identity(); err != nil {
		return err
	}
	if s.key, err = seal([]byte(s.identity.String()), sealer); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
		return classifyFile(err)
	}
	return s.write(map[string]string{})
}

func (s *sealed) Set(name, value string) error {
	return s.change(func(entries map[string]string) error {
		entries[name] = value
		return nil
	})
}

func (s *sealed) Get(name string) (string, error) {
	if err := s.refresh(); err != nil {
		return "", err
	}
	value, ok := s.entries[name]
	if !ok {
		return "", errNoEntry
	}
	return value, nil
}

func (s *sealed) Delete(name string) error {
	return s.change(func(entries map[string]string) error {
		if _, ok := entries[name]; !ok {
			return errNoEntry
		}
		delete(entries, name)
		return nil
	})
}

// change edits the entries; those in memory change once the file has.
func (s *sealed) change(edit func(map[string]string) error) error {
	if err := s.refresh(); err != nil {
		return err
	}
	entries := make(map[string]string, len(s.entries)+1)
	for name, value := range s.entries {
		entries[name] = value
	}
	if err := edit(entries); err != nil {
		return err
	}
	return s.write(entries)
}

func (s *sealed) write(entries map[string]string) error {
	body, err := seal([]byte(marshal(entries)), s.identity.Recipient())
	if err != nil {
		return err
	}
	text := marshal(sealedFile{1, sealedAbout, s.key, body})
	seen, err := writeInOneStep(s.path, []byte(text))
	if err != nil {
		return err
	}
	s.entries, s.seen = entries, seen
	return nil
}

// refresh reads the file if it is not the one that was read last.
func (s *sealed) refresh() error {
	now, err := os.Stat(s.path)
	if err != nil {
		return classifyFile(err)
	}
	if s.seen != nil && os.SameFile(s.seen, now) && s.seen.ModTime().Equal(now.ModTime()) && s.seen.Size() == now.Size() {
		return nil
	}
	file, err := s.load()
	if err != nil {
		return err
	}
	if !bytes.Equal(file.Key, s.key) {
		return fmt.Errorf("%w: the file was sealed anew meanwhile", ErrPassphrase)
	}
	text, err := unseal(file.Entries, s.identity)
	if err != nil {
		return fmt.Errorf("%w: its entries do not open", ErrDamaged)
	}
	entries := map[string]string{}
	if json.Unmarshal(text, &entries) != nil {
		return ErrDamaged
	}
	s.seen, s.entries = now, entries
	return nil
}

// load reads the file without opening what is sealed in it.
func (s *sealed) load() (file sealedFile, err error) {
	f, err := os.Open(s.path)
	if err != nil {
		return file, classifyFile(err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSealed+1))
	switch {
	case err != nil:
		return file, classifyFile(err)
	case len(text) > maxSealed || json.Unmarshal(text, &file) != nil || file.Version < 1:
		return file, ErrDamaged
	case file.Version > 1:
		return file, ErrNewer
	}
	return file, nil
}

func seal(text []byte, to age.Recipient) ([]byte, error) {
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to)
	if err != nil {
		return nil, fmt.Errorf("seal profiles: %w", err)
	}
	if _, err := w.Write(text); err != nil {
		return nil, fmt.Errorf("seal profiles: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("seal profiles: %w", err)
	}
	return b.Bytes(), nil
}

func unseal(text []byte, with age.Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(text), with)
	if _, wrong := errors.AsType[*age.NoIdentityMatchError](err); wrong {
		return nil, ErrPassphrase
	}
	if err != nil {
		return nil, ErrDamaged
	}
	plain, err := io.ReadAll(io.LimitReader(r, maxSealed+1))
	if err != nil || len(plain) > maxSealed {
		return nil, ErrDamaged
	}
	return plain, nil
}
