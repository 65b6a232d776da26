// Package profiles keeps what a person has set up for each hybrid connection:
// it understands pasted connection strings, checks settings with a sentence
// per wrong part, and stores them, secrets included, in the OS keyring.
package profiles

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/signin"
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
	Group            string             // heading in the list; "" for none
	Order            int                // place inside the group, chosen by the person; the name decides between equals
	Namespace        string             // host[:port], as relayclient.CleanNamespace returns it
	HybridConnection string             // its name, without outer slashes
	SignIn           signin.Settings    // of the listener; the zero Way only if the profile just sends
	SendSignIn       *signin.Settings   // of the sender; nil: the same
	CACertificates   string             // PEM of roots trusted on top of the system's; "" for none
	Proxy            relayclient.Secret // URL of the proxy to use, which may hold a password; empty: as the system says
	LocalRelay       bool               // lives on the built-in local relay, which fills in port and roots when it starts
	Revision         string             // of the stored profile that this one came from; "" if it is new. See Store.Save
	LastResult       Result             // of the last connection test; List fills it in, Store.SetLastResult replaces it
}

// A Result says how the last connection test ended.
type Result struct {
	At       time.Time // when; zero if there was no test
	OK       bool      // everything that could be tested worked
	Headline string    // a line for people, without secrets
}

// ConnectionString returns what the service's own form can hold of the
// settings: the listener's key, token or managed identity of the machine.
func (p Profile) ConnectionString() relayclient.ConnectionString {
	return relayclient.ConnectionString{
		Namespace:        p.Namespace,
		HybridConnection: p.HybridConnection,
		KeyName:          p.SignIn.KeyName,
		Key:              p.SignIn.Key,
		Token:            p.SignIn.Token,
		ManagedIdentity:  p.SignIn.Way == signin.ManagedIdentity,
	}
}

// SameConnection reports whether both profiles connect to the same place in
// the same way, whatever they are called.
func (p Profile) SameConnection(other Profile) bool {
	return p.Namespace == other.Namespace && p.HybridConnection == other.HybridConnection && p.LocalRelay == other.LocalRelay &&
		sameSignIn(p.SignIn, other.SignIn) &&
		sameSignIn(p.SignInFor(relayclient.Sending), other.SignInFor(relayclient.Sending)) &&
		p.CACertificates == other.CACertificates && p.Proxy.Reveal() == other.Proxy.Reveal()
}

// sameAs reports whether p and other say the same, whatever their revisions.
func (p Profile) sameAs(other Profile) bool {
	return p.Group == other.Group && p.Order == other.Order && marshal(store(p)) == marshal(store(other))
}

// Duplicate returns a copy called name in the same group, with an ID of its
// own and not tested yet.
func (p Profile) Duplicate(name string) Profile {
	p.ID, p.Name, p.Revision, p.LastResult = NewID(), name, "", Result{}
	if p.SendSignIn != nil {
		send := *p.SendSignIn
		p.SendSignIn = &send
	}
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
	fmt.Fprintf(&b, ", %s", p.SignIn)
	if p.SendSignIn != nil {
		fmt.Fprintf(&b, "; sends with %s", *p.SendSignIn)
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
