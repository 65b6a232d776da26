package profiles

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"relayscope/relayclient"
	"relayscope/relayclient/signin"
)

// version is the version of every entry's format. It rises with any new field:
// an older program that does not know a field would lose it on the next save.
const version = 3 // 1 knew no proxy; 2 knew only a shared access key, for both roles

// listVersion is the version of what names profiles without describing them:
// an older program goes on listing those that it can read.
const listVersion = 2

// errCorrupt is an entry that is not what any version wrote.
var errCorrupt = errors.New("profiles: damaged entry")

// A stored is a profile as it is written, the one place where JSON holds its
// secrets in clear.
type stored struct {
	ID               ID     `json:"id"`
	Name             string `json:"name"`
	Namespace        string `json:"namespace,omitempty"`
	HybridConnection string `json:"hybridConnection,omitempty"`
	CACertificates   string `json:"caCertificates,omitempty"`
	LocalRelay       bool   `json:"localRelay,omitempty"`
	Proxy            string `json:"proxy,omitempty"`

	SignIn     *storedSignIn `json:"signIn,omitempty"` // always there since version 3
	SendSignIn *storedSignIn `json:"sendSignIn,omitempty"`

	KeyName string `json:"keyName,omitempty"` // until version 2
	Key     string `json:"key,omitempty"`     // until version 2
}

// A record is the main entry of a profile: the profile itself, or the name and
// the parts that hold it. Its place in the list is here in either case, so that
// moving a profile writes one entry.
type record struct {
	Version int       `json:"v"`
	Tag     string    `json:"tag,omitempty"` // another one after every change; since version 3
	Group   string    `json:"group,omitempty"`
	Order   int       `json:"order,omitempty"`
	Profile *stored   `json:"profile,omitempty"`
	Name    string    `json:"name,omitempty"`
	Rev     *revision `json:"rev,omitempty"`
	Sum     string    `json:"sum,omitempty"` // SHA-256 of the joined parts, in hex
}

// A revision is one set of parts. The zero revision has none.
type revision struct {
	Name  string `json:"name,omitempty"`
	Parts int    `json:"parts,omitempty"`
}

// maxParts is above what the largest valid profile needs, even if its
// certificates are mostly characters that JSON spells in six bytes, and keeps
// a damaged entry from making the program ask for millions of parts.
const maxParts = 500

func (r revision) valid() bool {
	return ID(r.Name).valid() && r.Parts > 0 && r.Parts <= maxParts
}

// A head is what a main entry says.
type head struct {
	profile Profile  // complete only if rev has no parts; otherwise ID, Name, Group, Order and Revision
	rev     revision // where the profile is, if it is not in the main entry
	sum     string
}

// encode returns the text of p's main entry and of the parts that have to be
// written before it. p.Revision becomes the entry's.
func encode(p Profile) (text string, parts []string, rev revision) {
	s := store(p)
	r := record{Version: version, Tag: p.Revision, Group: p.Group, Order: p.Order, Profile: s}
	if text = marshal(r); len(text) <= maxEntry {
		return text, nil, revision{}
	}
	whole := marshal(s)
	parts = split(whole)
	rev = revision{randomName(), len(parts)}
	return encodeHead(head{profile: p, rev: rev, sum: sum(whole)}), parts, rev
}

// encodeHead returns the text of the main entry of a profile that is in parts.
func encodeHead(h head) string {
	p := h.profile
	return marshal(record{Version: version, Tag: p.Revision, Group: p.Group, Order: p.Order, Name: p.Name, Rev: &h.rev, Sum: h.sum})
}

// split cuts text into entries, between characters: not every keyring keeps
// bytes that are no text.
func split(text string) (parts []string) {
	for len(text) > maxEntry {
		n := maxEntry
		for !utf8.RuneStart(text[n]) {
			n--
		}
		parts, text = append(parts, text[:n]), text[n:]
	}
	return append(parts, text)
}

func sum(text string) string {
	hash := sha256.Sum256([]byte(text))
	return hex.EncodeToString(hash[:])
}

func decodeHead(text string, id ID) (head, error) {
	var r record
	if err := decodeEntry(text, &r); err != nil {
		return head{}, err
	}
	if r.Tag == "" { // version 1 or 2
		r.Tag = sum(text)[:16]
	}
	switch {
	case r.Profile != nil && r.Rev == nil && r.Name == "" && r.Sum == "":
		p, err := r.Profile.profile(id)
		if err != nil {
			return head{}, err
		}
		p.Group, p.Order, p.Revision = r.Group, r.Order, r.Tag
		return head{profile: p}, nil
	case r.Profile == nil && r.Rev != nil && r.Rev.valid() && len(r.Sum) == hex.EncodedLen(sha256.Size):
		return head{profile: Profile{ID: id, Name: r.Name, Group: r.Group, Order: r.Order, Revision: r.Tag}, rev: *r.Rev, sum: r.Sum}, nil
	}
	return head{}, errCorrupt
}

// decodeParts returns the profile that was split into parts.
func decodeParts(h head, parts []string) (Profile, error) {
	text := strings.Join(parts, "")
	if sum(text) != h.sum {
		return Profile{}, errCorrupt
	}
	var s stored
	if err := strict(text, &s); err != nil {
		return Profile{}, err
	}
	p, err := s.profile(h.profile.ID)
	if err != nil {
		return Profile{}, err
	}
	p.Group, p.Order, p.Revision = h.profile.Group, h.profile.Order, h.profile.Revision
	return p, nil
}

func store(p Profile) *stored {
	listen := storeSignIn(p.SignIn)
	s := &stored{
		ID: p.ID, Name: p.Name, Namespace: p.Namespace, HybridConnection: p.HybridConnection,
		SignIn: &listen, CACertificates: p.CACertificates, LocalRelay: p.LocalRelay, Proxy: p.Proxy.Reveal(),
	}
	if p.SendSignIn != nil {
		send := storeSignIn(*p.SendSignIn)
		s.SendSignIn = &send
	}
	return s
}

func (s *stored) profile(id ID) (Profile, error) {
	if s.ID != id {
		return Profile{}, errCorrupt
	}
	p := Profile{
		ID: s.ID, Name: s.Name, Namespace: s.Namespace, HybridConnection: s.HybridConnection,
		CACertificates: s.CACertificates, Proxy: relayclient.NewSecret(s.Proxy), LocalRelay: s.LocalRelay,
	}
	var err error
	switch {
	case s.SignIn == nil && s.SendSignIn == nil:
		p.SignIn = signin.Settings{Way: signin.SharedAccessKey, KeyName: s.KeyName, Key: relayclient.NewSecret(s.Key)}
	case s.SignIn == nil || s.KeyName != "" || s.Key != "":
		return Profile{}, errCorrupt
	default:
		if p.SignIn, err = s.SignIn.settings(); err != nil {
			return Profile{}, err
		}
	}
	if s.SendSignIn != nil {
		send, err := s.SendSignIn.settings()
		if err != nil {
			return Profile{}, err
		}
		p.SendSignIn = &send
	}
	return p, nil
}

// decodeEntry reads a versioned entry into to: ErrNewer if a later version
// wrote it, errCorrupt if none did. What is wrong inside is not repeated,
// since JSON errors quote what they read.
func decodeEntry(text string, to any) error {
	var v struct {
		Version int `json:"v"`
	}
	switch err := json.Unmarshal([]byte(text), &v); {
	case err != nil || v.Version < 1:
		return errCorrupt
	case v.Version > version:
		return ErrNewer
	}
	return strict(text, to)
}

// strict refuses fields that this version does not know and text after the end.
func strict(text string, to any) error {
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if d.Decode(to) != nil {
		return errCorrupt
	}
	if _, err := d.Token(); err != io.EOF {
		return errCorrupt
	}
	return nil
}

// marshal returns v as JSON, without the longer spelling of characters that
// matter in HTML only.
func marshal(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // structs of strings and numbers always encode
	}
	return strings.TrimSuffix(b.String(), "\n")
}
