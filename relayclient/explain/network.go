package explain

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"syscall"
	"unicode"
	"unicode/utf8"

	"relayscope/relayclient"
)

// network explains a failure below the relay: names, routes, TLS.
func network(err error) Message {
	var dns *net.DNSError
	var header tls.RecordHeaderError
	var late *relayclient.TimeoutError
	var address *relayclient.ProxyAddressError
	switch {
	case errors.As(err, &late):
		return timedOut(late)
	case errors.As(err, &address):
		return Message{
			Title: "The proxy's URL cannot be used",
			Cause: sentence(address.Error()),
			Next:  "Give a URL such as http://user:password@proxy.example:3128.",
		}
	case errors.Is(err, relayclient.ErrProxy):
		return Message{
			Title: "The proxy does not let the connection through",
			Cause: "It was reached, but refused to connect to the namespace; its own words are below. It may want a name and password, or forbid this host.",
			Next:  "Check the proxy's credentials, and allow *.servicebus.windows.net on port 443 there.",
		}
	case errors.Is(err, relayclient.ErrProxyUnreachable):
		return Message{
			Title: "The proxy cannot be reached",
			Cause: "A proxy is set, but no connection to it came about. The namespace was not tried.",
			Next:  "Check the proxy's address and port, and that this network has it. Without a proxy, take it out of the settings or of HTTPS_PROXY.",
		}
	case errors.As(err, &dns) && dns.IsNotFound:
		return Message{
			Title: "The namespace's name is not known",
			Cause: "DNS has no address for " + dns.Name + ". The name is misspelled, the namespace was deleted, or this network resolves private names only.",
			Next:  "Check the endpoint. On another network, look the name up once more.",
		}
	case errors.As(err, &dns):
		return Message{
			Title: "The namespace's name could not be looked up",
			Cause: "The DNS server did not answer properly for " + dns.Name + ".",
			Next:  "Check this computer's network and DNS settings.",
		}
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, wsaeConnRefused):
		return Message{
			Title: "Nothing listens at the endpoint's address",
			Cause: "The computer there answered, but nothing runs on this port. A firewall that rejects looks the same.",
			Next:  "Check host and port of the endpoint. For a local relay: is it running?",
		}
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return Message{
			Title: "There is no route to the endpoint",
			Cause: "This computer's network does not lead there.",
			Next:  "Check the network connection, the VPN and the endpoint.",
		}
	case isCertificate(err):
		return certificate(err)
	case errors.As(err, &header):
		return Message{
			Title: "The endpoint does not speak TLS",
			Cause: "Something answered on this port, but not with TLS.",
			Next:  "Check the port of the endpoint. A captive portal can also be in the way.",
		}
	case errors.Is(err, relayclient.ErrForeignRendezvous):
		return Message{
			Title: "The relay pointed somewhere else",
			Cause: "It asked the listener to connect to an address that is not its own. Relayscope did not go there: a real relay never does that, so the endpoint may not be one, or something in between changes what it says.",
			Next:  "Check the endpoint. If a local relay is behind it, use the host name that the relay itself uses.",
		}
	case errors.Is(err, relayclient.ErrNotRelay):
		return Message{
			Title: "The endpoint is not a relay",
			Cause: "It answered, but not with a WebSocket upgrade.",
			Next:  "Check the endpoint. A proxy or a captive portal can also be in the way.",
		}
	case errors.Is(err, relayclient.ErrProtocol):
		return Message{
			Title: "The other side breaks the rules of WebSocket",
			Cause: "It sent something that the protocol does not allow, so the connection had to be ended.",
			Next:  "Look at the program at the other end. A proxy that meddles with WebSocket can also be in the way.",
		}
	case errors.Is(err, relayclient.ErrPeerSilent):
		return Message{
			Title: "The other end stopped answering",
			Cause: "The connection was open, but keep-alives were not answered in time: the network was cut, or the computer slept.",
			Next:  "Check the network. A listener comes back by itself; a sender has to connect again.",
		}
	case errors.Is(err, relayclient.ErrLost), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, wsaeConnReset):
		return Message{
			Title: "The connection was cut",
			Cause: "It ended without a goodbye: the other program stopped, or something on the way dropped it.",
			Next:  "A listener comes back by itself; a sender has to connect again.",
		}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), isTimeout(err):
		return silence()
	}
	return Message{
		Title: "It did not work",
		Cause: "The reason is not one that Relayscope knows; it is shown below as it came.",
		Next:  "Try again. If it stays, copy the details for whoever runs this network.",
	}
}

// Windows has its own numbers for refused and reset; elsewhere they match
// nothing.
const (
	wsaeConnReset   = syscall.Errno(10054)
	wsaeConnRefused = syscall.Errno(10061)
)

func isTimeout(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && ne.Timeout()
}

func isCertificate(err error) bool {
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var hostname x509.HostnameError
	var invalid x509.CertificateInvalidError
	return errors.As(err, &verification) || errors.As(err, &authority) || errors.As(err, &hostname) || errors.As(err, &invalid)
}

func certificate(err error) Message {
	var hostname x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &hostname):
		return Message{
			Title: "The certificate is for another name",
			Cause: "The endpoint showed a certificate that does not name the host it was asked for" + whose(hostname.Certificate) + ".",
			Next:  "Check the endpoint's host. If it is right, ask the network team who answers in its place.",
		}
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return Message{
			Title: "The certificate is not valid now",
			Cause: "It has expired or is not valid yet; a wrong clock on this computer looks the same.",
			Next:  "Check this computer's date and time first.",
		}
	}
	m := Message{
		Title: "The certificate is not trusted",
		Cause: "It was issued by an authority that this computer does not know. A proxy that inspects TLS does that, and so does a local relay whose CA is not given.",
		Next:  "If that authority can be trusted, give its certificate (PEM) to Relayscope as a CA certificate.",
	}
	var verification *tls.CertificateVerificationError
	if errors.As(err, &verification) && len(verification.UnverifiedCertificates) > 0 {
		if issuer := verification.UnverifiedCertificates[0].Issuer.CommonName; issuer != "" {
			m.Cause = "It was issued by “" + issuer + "”, which this computer does not know. A proxy that inspects TLS does that, and so does a local relay whose CA is not given."
		}
	}
	return m
}

// whose says for whom and by whom a certificate was made.
func whose(c *x509.Certificate) string {
	if c == nil {
		return ""
	}
	text := ""
	if names := append(slices.Clone(c.DNSNames), c.Subject.CommonName); names[0] != "" {
		text = ": it is for " + names[0]
	}
	if c.Issuer.CommonName != "" {
		text += ", issued by “" + c.Issuer.CommonName + "”"
	}
	return text
}

// sentence gives a clause a capital letter and a full stop.
func sentence(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	s = string(unicode.ToUpper(r)) + s[n:]
	if last := s[len(s)-1]; last != '.' && last != '!' && last != '?' {
		s += "."
	}
	return s
}
