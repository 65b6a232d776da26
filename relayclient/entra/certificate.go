package entra

import (
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"software.sslmate.com/src/go-pkcs12"

	"relayscope/relayclient"
)

// ClientCertificate signs in as a service principal with a certificate and its
// RSA key: PEM text, or a PFX file in base64. The passphrase is that of a PFX
// file.
func ClientCertificate(cfg Config, certificate, passphrase relayclient.Secret) (*Provider, error) {
	cfg = cfg.withDefaults()
	if err := cfg.checkPrincipal(); err != nil {
		return nil, err
	}
	certs, key, err := parseCertificate(certificate.Reveal(), passphrase.Reveal())
	if err != nil {
		return nil, badCertificate(err, passphrase)
	}
	c, err := azidentity.NewClientCertificateCredential(cfg.Tenant, cfg.ClientID, certs, key, &azidentity.ClientCertificateCredentialOptions{
		ClientOptions: cfg.authorityOptions(), DisableInstanceDiscovery: true,
		SendCertificateChain: true, // applications may trust an issuer instead of one certificate
	})
	if err != nil {
		if e := refused(err); e.Kind == UnknownTenant || e.Err != nil {
			return nil, e
		}
		return nil, badCertificate(err, passphrase)
	}
	return newProvider(cfg, FromAuthority, c, certificate, passphrase), nil
}

func badCertificate(err error, passphrase relayclient.Secret) *Error {
	return &Error{Kind: BadCertificate, Source: FromAuthority, Description: conceal(printable(err.Error()), passphrase)}
}

// CheckCertificate says what is wrong with a certificate as ClientCertificate
// takes it, or returns its subject and when it ends.
func CheckCertificate(certificate, passphrase relayclient.Secret) (*x509.Certificate, error) {
	certs, _, err := parseCertificate(certificate.Reveal(), passphrase.Reveal())
	if err != nil {
		return nil, badCertificate(err, passphrase)
	}
	return certs[0], nil
}

// parseCertificate returns the chain, the client's certificate first.
func parseCertificate(text, passphrase string) ([]*x509.Certificate, crypto.PrivateKey, error) {
	if strings.Contains(text, "-----BEGIN") {
		return parsePEM(text)
	}
	data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil || len(data) == 0 {
		return nil, nil, errors.New("it is neither PEM text nor base64 of a PFX file")
	}
	if tooMuchWork(data, 20) {
		return nil, nil, errors.New("the PFX file wants its passphrase hashed millions of times, which no usual tool asks for")
	}
	key, first, more, err := pkcs12.DecodeChain(data, passphrase)
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword) && passphrase == "":
		return nil, nil, errors.New("the PFX file has a passphrase, and none is given")
	case errors.Is(err, pkcs12.ErrIncorrectPassword):
		return nil, nil, errors.New("the passphrase of the PFX file is wrong")
	case err != nil:
		return nil, nil, errors.New("the PFX file cannot be read; it must hold one certificate with its key")
	}
	return append([]*x509.Certificate{first}, more...), key, nil
}

func parsePEM(text string) ([]*x509.Certificate, crypto.PrivateKey, error) {
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "" {
			return nil, nil, errors.New("the key in the PEM text is encrypted; give it in clear, or a PFX file with a passphrase")
		}
		if block.Type == "EC PRIVATE KEY" {
			return nil, nil, errors.New("the key must be an RSA key; Microsoft Entra ID takes no other")
		}
	}
	return azidentity.ParseCertificates([]byte(text), nil)
}
