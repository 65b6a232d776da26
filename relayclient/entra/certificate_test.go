package entra_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"relayscope/relayclient"
	"relayscope/relayclient/entra"
)

// clientCertificate makes a certificate and its key, as PEM text.
func clientCertificate(t *testing.T, key any, public any) (certificate, private string) {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Relay tester"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
}

func TestClientCertificateReachesTheRelay(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	certificate, private := clientCertificate(t, key, &key.PublicKey)
	a := newAuthority(t)
	passphrase := relayclient.NewSecret("correct horse")
	parsed, err := entra.CheckCertificate(relayclient.NewSecret(certificate+private), relayclient.Secret{})
	if err != nil {
		t.Fatal(err)
	}
	for name, how := range map[string]*pkcs12.Encoder{"today's": pkcs12.Modern, "old": pkcs12.LegacyRC2} {
		pfx, err := how.Encode(key, parsed, nil, passphrase.Reveal())
		if err != nil {
			t.Fatal(err)
		}
		text := relayclient.NewSecret(base64.StdEncoding.EncodeToString(pfx))
		t.Run(name+" PFX", func(t *testing.T) {
			wantMeeting(t, a, ready(t)(entra.ClientCertificate(config(a), text, passphrase)))
		})
		for _, wrong := range []string{"", "another"} {
			_, err := entra.CheckCertificate(text, relayclient.NewSecret(wrong))
			var e *entra.Error
			if !errors.As(err, &e) || !strings.Contains(e.Description, "passphrase") {
				t.Errorf("%s PFX with passphrase %q: %v", name, wrong, err)
			}
		}
	}
	t.Run("PEM", func(t *testing.T) {
		wantMeeting(t, a, ready(t)(entra.ClientCertificate(config(a), relayclient.NewSecret(certificate+private), relayclient.Secret{})))
	})
}

func TestCertificateThatCannotBeUsed(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	certificate, private := clientCertificate(t, key, &key.PublicKey)
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	curved, curvedKey := clientCertificate(t, curve, &curve.PublicKey)
	for name, text := range map[string]string{
		"no key": certificate, "no certificate": private, "elliptic curve": curved + curvedKey, "garbage": "%%%", "base64 of garbage": "AAAA", "nothing": "",
	} {
		t.Run(name, func(t *testing.T) {
			cfg := entra.Config{Tenant: "contoso.example", ClientID: appID}
			_, err := entra.ClientCertificate(cfg, relayclient.NewSecret(text), relayclient.NewSecret("passphrase"))
			var e *entra.Error
			if !errors.As(err, &e) || e.Kind != entra.BadCertificate || e.Description == "" {
				t.Fatalf("error is %v, want a bad certificate and why", err)
			}
			if strings.Contains(e.Error(), "BEGIN") || strings.Contains(e.Error(), "passphrase\"") {
				t.Errorf("the error repeats a secret: %v", e)
			}
		})
	}
}

// A file that would keep its reader busy for minutes is not even begun with.
func TestPFXThatAsksForTooMuchWork(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	certificate, private := clientCertificate(t, key, &key.PublicKey)
	parsed, err := entra.CheckCertificate(relayclient.NewSecret(certificate+private), relayclient.Secret{})
	if err != nil {
		t.Fatal(err)
	}
	check := func(pfx []byte) error {
		_, err := entra.CheckCertificate(relayclient.NewSecret(base64.StdEncoding.EncodeToString(pfx)), relayclient.NewSecret("correct horse"))
		return err
	}
	few, many := []byte{2, 3, 1, 0x11, 0x70}, []byte{2, 3, 0x7f, 0xff, 0xff} // 70,000 and 8,388,607
	for name, how := range map[string]*pkcs12.Encoder{"today's": pkcs12.Modern, "old": pkcs12.LegacyDES} {
		pfx, err := how.WithIterations(70_000).Encode(key, parsed, nil, "correct horse")
		if err != nil {
			t.Fatal(err)
		}
		if err := check(pfx); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		n := bytes.Count(pfx, few)
		if n < 2 {
			t.Fatalf("%s: the number is there %d times, want that of the MAC and those of what it covers", name, n)
		}
		for at, from := 0, 0; at < n; at++ {
			from += bytes.Index(pfx[from:], few)
			bad := slices.Clone(pfx)
			copy(bad[from:], many)
			from += len(few)
			if err := check(bad); err == nil || !strings.Contains(err.Error(), "millions of times") {
				t.Errorf("%s, number %d: error is %v", name, at+1, err)
			}
		}
	}
}
