package profiles

import (
	"net/url"
	"strings"
	"unicode"

	"relayscope/relayclient"
)

// Normalize returns the profile with what people paste brought into shape:
// outer white space goes, an address such as sb://NS/ or wss://NS/$hc/NAME
// becomes its host, and the name in an address fills an empty
// HybridConnection. What a way to sign in does not use goes too, so that no
// secret is kept for nothing. What it does not understand it leaves for
// Validate to name. Normalizing twice changes nothing more.
func (p Profile) Normalize() Profile {
	p.Name, p.Group = strings.TrimSpace(p.Name), strings.TrimSpace(p.Group)
	p.HybridConnection = cleanHybridConnection(p.HybridConnection)
	p.Namespace, p.HybridConnection = splitAddress(p.Namespace, p.HybridConnection)
	if clean, err := relayclient.CleanNamespace(p.Namespace); err == nil {
		p.Namespace = clean
	}
	p.SignIn = cleanSignIn(p.SignIn)
	if p.SendSignIn != nil {
		send := cleanSignIn(*p.SendSignIn)
		if p.SendSignIn = &send; sameSignIn(send, p.SignIn) {
			p.SendSignIn = nil
		}
	}
	p.CACertificates = cleanPEM(p.CACertificates)
	p.Proxy = relayclient.NewSecret(cleanProxy(p.Proxy.Reveal()))
	return p
}

// cleanProxy adds the scheme that people leave out.
func cleanProxy(address string) string {
	address = strings.TrimSpace(address)
	if address == "" || strings.Contains(address, "://") {
		return address
	}
	return "http://" + address
}

// cleanHybridConnection drops the outer slashes and the path prefix that
// WebSocket addresses have before the name.
func cleanHybridConnection(name string) string {
	for {
		name = strings.TrimFunc(name, func(r rune) bool { return r == '/' || unicode.IsSpace(r) })
		rest, ok := strings.CutPrefix(name, "$hc/")
		if !ok {
			return name
		}
		name = rest
	}
}

// splitAddress takes the host out of text. The query of an address is dropped:
// it may hold a token. An address that contradicts hybridConnection is left
// whole, so that nobody is connected to a place they did not choose.
func splitAddress(text, hybridConnection string) (namespace, name string) {
	text = strings.TrimFunc(text, func(r rune) bool { return r == '"' || r == '\'' || unicode.IsSpace(r) })
	address := text
	if !strings.Contains(address, "://") {
		address = "sb://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || strings.ContainsAny(u.Host, `"'`) {
		return text, hybridConnection
	}
	switch strings.ToLower(u.Scheme) {
	case "sb", "https", "wss":
	default:
		return text, hybridConnection
	}
	switch path := cleanHybridConnection(u.Path); {
	case path == "" || path == "$hc" || strings.EqualFold(path, hybridConnection):
		return u.Host, hybridConnection
	case hybridConnection == "":
		return u.Host, path
	}
	return text, hybridConnection
}
