package profiles

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"relayscope/relayclient"
	"relayscope/relayclient/signin"
)

func newCertificate(t *testing.T, life time.Duration) (*rsa.PrivateKey, *x509.Certificate) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "application"}, NotAfter: time.Now().Add(life)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return key, c
}

// clientCertificate returns PEM text with a certificate that is good for life,
// and its key.
func clientCertificate(t *testing.T, life time.Duration) string {
	t.Helper()
	key, c := newCertificate(t, life)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})) +
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// withCertificate returns a profile that signs in with one.
func withCertificate(certificate, passphrase string) Profile {
	p := some("id", "principal", 0)
	p.SignIn = signin.Settings{Way: signin.ClientCertificate, Tenant: "contoso.onmicrosoft.com", ClientID: "11111111-2222-3333-4444-555555555555",
		Certificate: relayclient.NewSecret(certificate), Secret: relayclient.NewSecret(passphrase)}
	return p
}

// Certificates of both roles and the CA's fill many entries, none too big.
func TestCertificatesAreStoredInParts(t *testing.T) {
	key, c := newCertificate(t, time.Hour)
	pfx, err := pkcs12.Modern2023.Encode(key, c, nil, "pa ss")
	if err != nil {
		t.Fatal(err)
	}
	p := withCertificate(clientCertificate(t, time.Hour), "")
	send := withCertificate(base64.StdEncoding.EncodeToString(pfx), "pa ss").SignIn
	p.SendSignIn = &send
	p.CACertificates = strings.Repeat(testRoot, 100)
	m, ours, theirs := twoCopies(t)
	saved, err := ours.Save(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	got := listed(t, theirs)
	if plain(got) != plain(saved) || got.SendSignIn.Secret.Reveal() != "pa ss" {
		t.Errorf("listed %v, want %v", got, saved)
	}
	if len(m.entries) < 20 {
		t.Errorf("only %d entries", len(m.entries))
	}
	if err := theirs.Delete(t.Context(), "id"); err != nil {
		t.Fatal(err)
	}
	for name := range m.entries {
		if name != pendingName {
			t.Errorf("left behind: %s", name)
		}
	}
}

// The largest profile that is valid can be read again.
func TestLargestProfile(t *testing.T) {
	padded := func(text string) string { // with what JSON spells longest
		return text + strings.Repeat("\x01", maxCertificate-1-len(text)) + "\n"
	}
	p := withCertificate(padded(clientCertificate(t, time.Hour)), "")
	send := withCertificate(padded(clientCertificate(t, time.Hour)), "").SignIn
	p.SendSignIn, p.CACertificates = &send, padded(testRoot)
	_, s, _ := twoCopies(t)
	saved, err := s.Save(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if got := listed(t, s); plain(got) != plain(saved) {
		t.Errorf("listed %v, want %v", got, saved)
	}
}

func TestCertificateThatCannotBeUsed(t *testing.T) {
	whole := clientCertificate(t, time.Hour)
	key, c := newCertificate(t, time.Hour)
	pfx, err := pkcs12.Modern2023.Encode(key, c, nil, "right")
	if err != nil {
		t.Fatal(err)
	}
	onlyCertificate, _, _ := strings.Cut(whole, "-----BEGIN PRIVATE KEY")
	for name, p := range map[string]Profile{
		"missing":          withCertificate("", ""),
		"no key":           withCertificate(onlyCertificate, ""),
		"no certificate":   withCertificate(strings.TrimPrefix(whole, onlyCertificate), ""),
		"not base64":       withCertificate("hello!", ""),
		"base64 of others": withCertificate("aGVsbG8=", ""),
		"wrong passphrase": withCertificate(base64.StdEncoding.EncodeToString(pfx), "wrong"),
		"no passphrase":    withCertificate(base64.StdEncoding.EncodeToString(pfx), ""),
		"encrypted key":    withCertificate(strings.ReplaceAll(whole, "PRIVATE KEY", "ENCRYPTED PRIVATE KEY"), ""),
		"too large":        withCertificate(strings.Repeat(whole, 40), ""),
	} {
		t.Run(name, func(t *testing.T) {
			err := p.Validate()
			ve, ok := errors.AsType[*ValidationError](err)
			if !ok || len(ve.Problems) != 1 || ve.Problems[0].Field != FieldCertificate {
				t.Fatalf("Validate() = %v, want one problem of the certificate", err)
			}
			message := ve.Message(FieldCertificate)
			if secret := p.SignIn.Secret.Reveal(); secret == "right" || !strings.HasSuffix(message, ".") || strings.Contains(message, "MII") {
				t.Errorf("message = %q, want a sentence without secrets", message)
			}
		})
	}
	if err := withCertificate(base64.StdEncoding.EncodeToString(pfx), "right").Validate(); err != nil {
		t.Errorf("a PFX with its passphrase: %v", err)
	}
}

func TestWarnings(t *testing.T) {
	token := func(text string) signin.Settings {
		return signin.Settings{Way: signin.SharedAccessToken, Token: relayclient.NewSecret(text)}
	}
	for name, tt := range map[string]struct {
		s    signin.Settings
		want Field // 0: no warning
	}{
		"SAS token":           {token("SharedAccessSignature sr=a&sig=b&skn=c&se=1000000001"), 0},
		"expired SAS token":   {token("SharedAccessSignature sr=a&sig=b&skn=c&se=1000000000"), FieldToken},
		"JWT":                 {token("eyJhbGciOiJub25lIn0.eyJleHAiOjEwMDAwMDAwMDF9."), 0},
		"expired JWT":         {token("eyJhbGciOiJub25lIn0.eyJleHAiOjk5OTk5OTk5OX0."), FieldToken},
		"no token":            {token("hello"), 0},
		"certificate":         {withCertificate(clientCertificate(t, time.Hour), "").SignIn, 0},
		"expired certificate": {withCertificate(clientCertificate(t, -time.Since(at(-9))), "").SignIn, FieldCertificate},
		"key":                 {some("id", "n", 0).SignIn, 0},
	} {
		t.Run(name, func(t *testing.T) {
			p := Profile{SendSignIn: &tt.s}
			got := p.Warnings(at(0))
			if tt.want == 0 && got != nil || tt.want != 0 && (len(got) != 1 || got[0].Field != tt.want.Sender() || !strings.Contains(got[0].Message, "September 2001")) {
				t.Errorf("Warnings = %v, want one of the %v, or none", got, tt.want)
			}
			if tt.want != 0 && len((Profile{SignIn: tt.s}).Warnings(at(0))) != 1 {
				t.Error("no warning for the listener")
			}
		})
	}
}
