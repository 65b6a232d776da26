package profiles

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"unicode/utf8"

	"filippo.io/age"
	"filippo.io/age/armor"

	"relayscope/relayclient"
	"relayscope/relayclient/signin"
)

// MinPassphrase is how many characters the passphrase of an export needs. The
// file leaves the machine, so that it can be guessed at without end.
const MinPassphrase = 12

// ErrWeakPassphrase refuses a passphrase shorter than MinPassphrase.
var ErrWeakPassphrase = fmt.Errorf("profiles: a passphrase for an export has at least %d characters", MinPassphrase)

// CheckPassphrase returns what is wrong with the passphrase of an export, in a
// sentence for people, or "".
func CheckPassphrase(passphrase relayclient.Secret) string {
	if utf8.RuneCountInString(strings.TrimSpace(passphrase.Reveal())) < MinPassphrase {
		return fmt.Sprintf("The passphrase needs at least %d characters: whoever gets the file can try as often as they like. Five or six words that do not belong together are good.", MinPassphrase)
	}
	return ""
}

// ExportOptions say what goes into an export.
type ExportOptions struct {
	Passphrase relayclient.Secret // seals the export, which then has the secrets; empty: neither
}

// An Exported is a profile from an export.
type Exported struct {
	Profile Profile // with the ID that it was exported with; without Revision and LastResult
	Missing []Field // secrets that were left out and have to be entered
}

// exportVersion rises with any new field: see version.
const exportVersion = 1

const exportFormat = "relayscope profiles"

// An exportFile is an export in clear.
type exportFile struct {
	Format   string          `json:"format"`
	Version  int             `json:"v"`
	Profiles []exportProfile `json:"profiles"`
}

type exportProfile struct {
	Group   string   `json:"group,omitempty"`
	Order   int      `json:"order,omitempty"`
	Profile *stored  `json:"profile"`
	Missing []string `json:"missing,omitempty"`
}

// exportWords are the fields that an export may leave out.
var exportWords = map[Field]string{
	FieldNamespace:            "endpoint",
	FieldKey:                  "key",
	FieldToken:                "token",
	FieldSecret:               "secret",
	FieldCertificate:          "certificate",
	FieldKey.Sender():         "sender.key",
	FieldToken.Sender():       "sender.token",
	FieldSecret.Sender():      "sender.secret",
	FieldCertificate.Sender(): "sender.certificate",
	FieldCACertificates:       "caCertificates",
	FieldProxy:                "proxy",
}

// Export returns list as a file for another computer. Without a passphrase it
// is JSON without any secret, which names what was left out. With one, it is
// that JSON with the secrets, sealed by age, as text: a passphrase that is too
// short is ErrWeakPassphrase. Sealing takes about a second.
func Export(list []Profile, o ExportOptions) ([]byte, error) {
	open := !o.Passphrase.Empty()
	if open && CheckPassphrase(o.Passphrase) != "" {
		return nil, ErrWeakPassphrase
	}
	file := exportFile{exportFormat, exportVersion, []exportProfile{}}
	for _, p := range list {
		var missing []string
		if !open {
			var fields []Field
			p, fields = withoutSecrets(p)
			for _, f := range fields {
				missing = append(missing, exportWords[f])
			}
		}
		file.Profiles = append(file.Profiles, exportProfile{p.Group, p.Order, store(p), missing})
	}
	var text bytes.Buffer
	if err := json.Indent(&text, []byte(marshal(file)), "", "  "); err != nil {
		return nil, fmt.Errorf("export profiles: %w", err)
	}
	text.WriteByte('\n')
	if !open {
		return text.Bytes(), nil
	}
	return sealExport(text.Bytes(), o.Passphrase)
}

func sealExport(text []byte, passphrase relayclient.Secret) ([]byte, error) {
	to, err := age.NewScryptRecipient(passphrase.Reveal())
	if err != nil {
		return nil, errors.New("export profiles: the passphrase cannot seal")
	}
	to.SetWorkFactor(sealedWork)
	body, err := seal(text, to)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w := armor.NewWriter(&b)
	if _, err := w.Write(body); err != nil {
		return nil, fmt.Errorf("export profiles: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("export profiles: %w", err)
	}
	return b.Bytes(), nil
}

// withoutSecrets empties every secret of p and says which there were. It goes
// by the fields and not by the way to sign in, so that a leftover goes too.
func withoutSecrets(p Profile) (Profile, []Field) {
	var missing []Field
	empty := func(s *signin.Settings, as func(Field) Field) {
		for _, secret := range []struct {
			field Field
			text  *relayclient.Secret
		}{{FieldKey, &s.Key}, {FieldToken, &s.Token}, {FieldSecret, &s.Secret}, {FieldCertificate, &s.Certificate}} {
			if !secret.text.Empty() {
				missing = append(missing, as(secret.field))
			}
			*secret.text = relayclient.Secret{}
		}
	}
	empty(&p.SignIn, func(f Field) Field { return f })
	if p.SendSignIn != nil {
		send := *p.SendSignIn
		empty(&send, Field.Sender)
		p.SendSignIn = &send
	}
	if checkNamespace(p.Namespace, true) != "" { // it may be a whole connection string
		p.Namespace, missing = "", append(missing, FieldNamespace)
	}
	if strings.Contains(p.CACertificates, "PRIVATE KEY") {
		p.CACertificates, missing = "", append(missing, FieldCACertificates)
	}
	if proxy, left := publicProxy(p.Proxy.Reveal()); left {
		p.Proxy, missing = relayclient.NewSecret(proxy), append(missing, FieldProxy)
	}
	return p, missing
}

// publicProxy returns address without user and password, and whether there
// were any. What is no address is not shown at all.
func publicProxy(address string) (public string, left bool) {
	if address == "" {
		return "", false
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || strings.Contains(u.Host, "@") || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return "", true
	}
	left = u.User != nil
	u.User = nil
	return u.String(), left
}

// SealedExport reports whether content is sealed, so that OpenExport needs a
// passphrase. Other programs seal in the same form.
func SealedExport(content []byte) bool {
	return bytes.HasPrefix(bytes.TrimSpace(content), []byte(armor.Header))
}

// OpenExport returns the profiles in what Export made, sealed or not. Of a
// sealed one, ErrPassphrase means that passphrase does not open it. ErrDamaged
// means that content is not what any version exported, ErrNewer that a newer
// one did. Opening a sealed one takes about a second.
func OpenExport(content []byte, passphrase relayclient.Secret) ([]Exported, error) {
	if len(content) > maxSealed {
		return nil, ErrDamaged
	}
	if SealedExport(content) {
		var err error
		if content, err = unsealExport(content, passphrase); err != nil {
			return nil, fmt.Errorf("open export: %w", err)
		}
	}
	list, err := readExport(content)
	if err != nil {
		return nil, fmt.Errorf("open export: %w", err)
	}
	return list, nil
}

func unsealExport(content []byte, passphrase relayclient.Secret) ([]byte, error) {
	if passphrase.Empty() {
		return nil, ErrPassphrase
	}
	with, err := age.NewScryptIdentity(passphrase.Reveal())
	if err != nil {
		return nil, ErrPassphrase
	}
	with.SetMaxWorkFactor(sealedWork + 2) // or a file from somebody else could take all memory
	body, err := io.ReadAll(io.LimitReader(armor.NewReader(bytes.NewReader(bytes.TrimSpace(content))), maxSealed+1))
	if err != nil || len(body) > maxSealed {
		return nil, ErrDamaged
	}
	return unseal(body, with)
}

func readExport(content []byte) ([]Exported, error) {
	var head struct {
		Format  string `json:"format"`
		Version int    `json:"v"`
	}
	switch err := json.Unmarshal(content, &head); {
	case err != nil || head.Format != exportFormat || head.Version < 1:
		return nil, ErrDamaged
	case head.Version > exportVersion:
		return nil, ErrNewer
	}
	var file exportFile
	if strict(string(content), &file) != nil {
		return nil, ErrDamaged
	}
	list := make([]Exported, 0, len(file.Profiles))
	seen := map[ID]bool{}
	for _, e := range file.Profiles {
		if e.Profile == nil || !e.Profile.ID.valid() || seen[e.Profile.ID] {
			return nil, ErrDamaged
		}
		seen[e.Profile.ID] = true
		p, err := e.Profile.profile(e.Profile.ID)
		if err != nil {
			return nil, ErrDamaged
		}
		p.Group, p.Order = e.Group, e.Order
		missing := make([]Field, 0, len(e.Missing))
		for _, word := range e.Missing {
			f, known := wordOf(exportWords, word)
			if !known {
				return nil, ErrDamaged
			}
			missing = append(missing, f)
		}
		list = append(list, Exported{p, missing})
	}
	return list, nil
}
