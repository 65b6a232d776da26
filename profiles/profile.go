// Package profiles keeps what a person has set up for each hybrid connection:
// it understands pasted connection strings, checks settings with a sentence
// per wrong part, and stores them, secrets included, in the OS keyring.
package profiles

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"strings"

	"relayscope/relayclient"
)

// An ID names a profile for as long as it lives, whatever the person calls it.
type ID string

// NewID returns a fresh random ID.
func NewID() ID { return ID(randomName()) }

// randomName has 80 random bits in lower case letters and digits, because not
// every keyring tells upper from lower case.
func randomName() string { return strings.ToLower(rand.Text()[:16]) }

// maxID bounds what is believed to be an ID in an index page.
const maxID = 40

// valid reports whether id can be part of an entry's name.
func (id ID) valid() bool {
	if id == "" || len(id) > maxID {
		return false
	}
	return strings.Trim(string(id), "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// A Profile is the settings for one hybrid connection. Printing or logging
// one shows no secret, and neither does its JSON, which is therefore no way
// to keep one.
type Profile struct {
	ID               ID
	Name             string             // what the person calls it
	Namespace        string             // host[:port], as relayclient.CleanNamespace returns it
	HybridConnection string             // its name, without outer slashes
	KeyName          string             // SharedAccessKeyName
	Key              relayclient.Secret // SharedAccessKey
	CACertificates   string             // PEM of roots trusted on top of the system's; "" for none
	Proxy            relayclient.Secret // URL of the proxy to use, which may hold a password; empty: as the system says
	LocalRelay       bool               // lives on the built-in local relay, which fills in port and roots when it starts
}

// ConnectionString returns the settings in the service's own form.
func (p Profile) ConnectionString() relayclient.ConnectionString {
	return relayclient.ConnectionString{
		Namespace:        p.Namespace,
		HybridConnection: p.HybridConnection,
		KeyName:          p.KeyName,
		Key:              p.Key,
	}
}

// SameConnection reports whether both profiles connect to the same place in
// the same way, whatever they are called.
func (p Profile) SameConnection(other Profile) bool {
	return p.ConnectionString().Reveal() == other.ConnectionString().Reveal() &&
		p.CACertificates == other.CACertificates && p.Proxy.Reveal() == other.Proxy.Reveal()
}

// Duplicate returns a copy called name, with an ID of its own.
func (p Profile) Duplicate(name string) Profile {
	p.ID, p.Name = NewID(), name
	return p
}

// String describes the profile in one line, certificates by size only: people
// paste private keys into the wrong box.
func (p Profile) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "profile %q (%s): %s/%s", p.Name, p.ID, p.Namespace, p.HybridConnection)
	if p.LocalRelay {
		b.WriteString(" on the local relay")
	}
	fmt.Fprintf(&b, ", policy %q", p.KeyName)
	if !p.Key.Empty() {
		fmt.Fprintf(&b, ", key %s", p.Key)
	}
	if p.CACertificates != "" {
		fmt.Fprintf(&b, ", %d bytes of CA certificates", len(p.CACertificates))
	}
	if !p.Proxy.Empty() {
		fmt.Fprintf(&b, ", proxy %s", p.Proxy)
	}
	return b.String()
}

// GoString keeps %#v redacted too.
func (p Profile) GoString() string { return p.String() }

// LogValue keeps log lines to what identifies the profile.
func (p Profile) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("id", string(p.ID)),
		slog.String("namespace", p.Namespace),
		slog.String("hybrid_connection", p.HybridConnection),
	)
}
