package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strings"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/cloud"
	"relayscope/relayclient/explain"
)

// secure makes the TLS handshake on the connection there is and looks at the
// certificates, trusted or not.
func (r *run) secure(ctx context.Context, s *Step) {
	host, _, err := net.SplitHostPort(r.route.Namespace)
	if err != nil {
		s.fail(err, relayclient.Sending)
		return
	}
	conn := tls.Client(r.conn, &tls.Config{
		ServerName: host, RootCAs: r.cfg.RootCAs, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
	})
	err = conn.HandshakeContext(ctx)
	if err != nil {
		var untrusted *tls.CertificateVerificationError
		if errors.As(err, &untrusted) {
			s.Seen = certificates(untrusted.UnverifiedCertificates, Failed)
			s.Detail = issuers(untrusted.UnverifiedCertificates)
		}
		s.fail(timeout(ctx, relayclient.SecuringTLS, r.route.Proxy != "", err), relayclient.Sending)
		return
	}
	r.conn = conn
	state := conn.ConnectionState()
	chain := state.PeerCertificates
	if len(state.VerifiedChains) > 0 {
		chain = state.VerifiedChains[0]
	}
	s.Status, s.Seen = Passed, certificates(chain, Passed)
	s.Detail = tls.VersionName(state.Version) + ", " + issuers(chain)
	if _, public := cloud.Of(host); public && !familiar(chain) {
		s.warn(explain.Intercepted(issuers(chain)))
	}
}

// certificates describes a chain from the server's certificate upwards.
func certificates(chain []*x509.Certificate, status Status) []Observation {
	var list []Observation
	for _, c := range chain {
		list = append(list, Observation{Name: nameOf(c.Subject.CommonName, c.Subject.Organization, c.DNSNames), Status: status,
			Detail: "issued by " + nameOf(c.Issuer.CommonName, c.Issuer.Organization, nil) + ", valid until " + c.NotAfter.UTC().Format(time.DateOnly)})
	}
	return list
}

// issuers names who vouches for the first certificate.
func issuers(chain []*x509.Certificate) string {
	var names []string
	for _, c := range chain {
		name := nameOf(c.Issuer.CommonName, c.Issuer.Organization, nil)
		if len(names) == 0 || names[len(names)-1] != name {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "no certificate"
	}
	return "issued by " + strings.Join(names, " ← ")
}

// nameOf is what people call a certificate's subject or issuer. It comes from
// the other side, so it is cut and made printable.
func nameOf(common string, organization, hosts []string) string {
	name := common
	if name == "" && len(organization) > 0 {
		name = organization[0]
	}
	if name == "" && len(hosts) > 0 {
		name = hosts[0]
	}
	if name == "" {
		return "an unnamed authority"
	}
	return plain(name, 100)
}

// familiar reports whether one of the authorities that issue for Azure is in
// the chain.
func familiar(chain []*x509.Certificate) bool {
	for _, c := range chain {
		for _, name := range append([]string{c.Issuer.CommonName}, c.Issuer.Organization...) {
			name = strings.ToLower(name)
			if strings.Contains(name, "microsoft") || strings.Contains(name, "digicert") {
				return true
			}
		}
	}
	return false
}
