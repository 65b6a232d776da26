//go:build linux

package windowtest

import (
	"testing"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// A relay of the test stands for one that a person was given the connection
// string of.
type relay struct {
	*localrelay.Relay
	t *testing.T
}

func newRelay(t *testing.T) relay { return relay{localrelaytest.New(t), t} }

// access returns how to use the hybrid connection hyco by one of its policies
// or of the namespace's.
func (r relay) access(policy string) relayclient.ConnectionString {
	r.t.Helper()
	cs, err := r.ConnectionString("hyco", policy)
	if err != nil {
		r.t.Fatal(err)
	}
	return cs
}

// The program trusts this relay only if it is given the certificate.
func (r relay) certificate() string { return string(r.CertificatePEM()) }

// paste makes a profile of a connection string and saves it. An empty
// certificate leaves its field closed.
func (w *window) paste(cs relayclient.ConnectionString, certificate string) {
	w.t.Helper()
	w.click("welcome.paste")
	w.write("form.paste", cs.Reveal())
	w.wait("form filled in", func(p parts) error {
		return want(p["form.endpoint"].Text == cs.Namespace && p["form.hybridConnection"].Text == cs.HybridConnection &&
			p["form.keyName"].Text == cs.KeyName && p["form.key"].Text == cs.Key.Reveal(), "the fields are not filled in")
	})
	if certificate != "" {
		w.click("form.network")
		w.fill("form.certificates", certificate)
	}
	w.click("form.save")
	w.sees("bar.toggle", "Start both")
}
