package localrelay

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"net"
	"time"
)

const (
	hostName        = "localhost"
	authorityName   = "Relayscope local relay CA"
	certificateAge  = time.Hour            // clocks of other programs may run late
	certificateLife = 396 * 24 * time.Hour // platforms refuse more than 397 days
)

// newCertificate makes a private authority and one certificate for the
// loopback names. The authority's key is dropped on return: whoever comes to
// trust the authority trusts this one certificate and no later one.
func newCertificate(now time.Time) (authority *x509.Certificate, server tls.Certificate, err error) {
	fail := func(err error) (*x509.Certificate, tls.Certificate, error) {
		return nil, tls.Certificate{}, fmt.Errorf("make certificate: %w", err)
	}
	authorityKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fail(err)
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: authorityName},
		NotBefore:             now.Add(-certificateAge),
		NotAfter:              now.Add(certificateLife),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &authorityKey.PublicKey, authorityKey)
	if err != nil {
		return fail(err)
	}
	if authority, err = x509.ParseCertificate(der); err != nil {
		return fail(err)
	}

	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fail(err)
	}
	der, err = x509.CreateCertificate(rand.Reader, &x509.Certificate{
		Subject:               pkix.Name{CommonName: hostName},
		NotBefore:             template.NotBefore,
		NotAfter:              template.NotAfter,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		DNSNames:              []string{hostName},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}, authority, &key.PublicKey, authorityKey)
	if err != nil {
		return fail(err)
	}
	return authority, tls.Certificate{Certificate: [][]byte{der, authority.Raw}, PrivateKey: key}, nil
}

// CertificatePEM returns the certificate of the relay's private authority,
// for other clients to trust. It is made anew at every Start.
func (r *Relay) CertificatePEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: r.authority.Raw})
}

// RootCAs returns a pool that holds the relay's private authority alone.
func (r *Relay) RootCAs() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(r.authority)
	return pool
}
