package profiles

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"relayscope/relayclient"
	"relayscope/relayclient/entra"
	"relayscope/relayclient/signin"
)

// A Problem is one wrong field of a Profile.
type Problem struct {
	Field   Field
	Message string // sentences: what is wrong and what it should look like; quotes no value
}

// A ValidationError lists everything wrong with a Profile, at most one problem
// per field, in the order of the fields.
type ValidationError struct{ Problems []Problem }

// Error joins the messages.
func (e *ValidationError) Error() string {
	messages := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		messages[i] = p.Message
	}
	return "profile is not complete: " + strings.Join(messages, " ")
}

// Message returns what is wrong with f, or "" if nothing is.
func (e *ValidationError) Message(f Field) string {
	for _, p := range e.Problems {
		if p.Field == f {
			return p.Message
		}
	}
	return ""
}

// Limits of what a profile holds. Certificates are bounded because a keyring
// keeps them in many small entries.
const (
	maxName           = 100 // characters
	maxCACertificates = 64 << 10
	maxProxy          = 2 << 10
)

// Validate reports what is wrong with the profile as Normalize leaves it. The
// error is a *ValidationError.
func (p Profile) Validate() error {
	p = p.Normalize()
	var e ValidationError
	note := func(field Field, message string) {
		if message != "" {
			e.Problems = append(e.Problems, Problem{field, message})
		}
	}
	note(FieldName, checkName(p.Name))
	note(FieldGroup, checkGroup(p.Group))
	note(FieldNamespace, checkNamespace(p.Namespace, p.LocalRelay))
	note(FieldHybridConnection, checkHybridConnection(p.HybridConnection))
	switch {
	case p.SignIn.Way == signin.Anonymous:
		note(FieldWay, "A listener cannot do without signing in: only senders can. Choose another way for it, or a way for the sender alone.")
	case p.SignIn.Way != 0 || p.SendSignIn == nil: // otherwise the profile only sends
		checkSignIn(p.SignIn, note)
	}
	if p.SendSignIn != nil {
		checkSignIn(*p.SendSignIn, func(field Field, message string) { note(field.Sender(), message) })
	}
	note(FieldCACertificates, checkCACertificates(p.CACertificates))
	note(FieldProxy, checkProxy(p.Proxy.Reveal()))
	if e.Problems == nil {
		return nil
	}
	return &e
}

// Warnings lists what will not work at the time now, though it may be saved: a
// ready-made token or a client certificate that has expired.
func (p Profile) Warnings(now time.Time) []Problem {
	list := expired(p.SignIn, now)
	if p.SendSignIn != nil {
		for _, w := range expired(*p.SendSignIn, now) {
			list = append(list, Problem{w.Field.Sender(), w.Message})
		}
	}
	return list
}

func expired(s signin.Settings, now time.Time) []Problem {
	const day = "2 January 2006 at 15:04 UTC"
	switch s.Way {
	case signin.SharedAccessToken:
		if end, ok := tokenExpiry(s.Token.Reveal()); ok && !end.After(now) {
			return []Problem{{FieldToken, "The token has expired on " + end.UTC().Format(day) + ". Have a new one made, and paste it here."}}
		}
	case signin.ClientCertificate:
		if c, err := entra.CheckCertificate(s.Certificate, s.Secret); err == nil && !c.NotAfter.After(now) {
			return []Problem{{FieldCertificate, "The certificate has expired on " + c.NotAfter.UTC().Format(day) + ". Have a new one made, and add it to the application."}}
		}
	}
	return nil
}

func checkName(name string) string {
	switch {
	case name == "":
		return "The profile has no name. Call it something you will recognize, such as “orders @ contoso”."
	case utf8.RuneCountInString(name) > maxName:
		return fmt.Sprintf("The name is longer than %d characters. A few words are enough.", maxName)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool {
		return !unicode.IsGraphic(r) && !unicode.Is(unicode.Cf, r) // Cf joins letters and emoji
	}):
		return "The name has a line break or another invisible character inside. Type it again."
	}
	return ""
}

func checkGroup(group string) string {
	switch {
	case utf8.RuneCountInString(group) > maxName:
		return fmt.Sprintf("The group's name is longer than %d characters. A word or two are enough.", maxName)
	case unprintable(group):
		return "The group's name has a line break or another invisible character inside. Type it again."
	}
	return ""
}

func checkNamespace(namespace string, optional bool) string {
	const shape = " It should look like contoso.servicebus.windows.net."
	switch _, err := relayclient.CleanNamespace(namespace); {
	case namespace == "" && optional:
		return ""
	case namespace == "":
		return "The endpoint is missing." + shape
	case strings.Contains(namespace, "=") && strings.Contains(namespace, ";"):
		return "The endpoint holds a whole connection string. Paste that as a new profile, or keep only the host." + shape
	case strings.Contains(namespace, "@"):
		return "The endpoint has a user name in it. Keep only the host." + shape
	case strings.Contains(namespace, "://") && !relayScheme(namespace):
		return "The endpoint's address does not begin with sb://, https:// or wss://." + shape
	case strings.Contains(namespace, "/") && !parses(namespace):
		return "The endpoint is not an address." + shape
	case strings.Contains(namespace, "/"):
		return "The endpoint's address names another hybrid connection than the field for it. Keep only the host." + shape
	case err != nil:
		return "The endpoint " + err.Error() + "." + shape
	}
	return ""
}

func parses(address string) bool {
	_, rest, ok := strings.Cut(address, "://")
	if !ok {
		rest = address
	}
	u, err := url.Parse("sb://" + rest)
	return err == nil && u.Host != ""
}

func relayScheme(address string) bool {
	scheme, _, _ := strings.Cut(strings.ToLower(address), "://")
	return scheme == "sb" || scheme == "https" || scheme == "wss"
}

func checkHybridConnection(name string) string {
	const shape = " It is the name the portal shows under Hybrid Connections, such as orders."
	if name == "" {
		return "The hybrid connection is missing." + shape
	}
	if _, err := relayclient.CleanHybridConnection(name); err != nil {
		return "The hybrid connection's name " + err.Error() + "." + shape
	}
	if unprintable(name) {
		return "The hybrid connection's name has an invisible character inside." + shape
	}
	return ""
}

func checkCACertificates(text string) string {
	const shape = " Each certificate begins with -----BEGIN CERTIFICATE----- and ends with -----END CERTIFICATE-----."
	switch {
	case text == "":
		return ""
	case len(text) > maxCACertificates:
		return fmt.Sprintf("The CA certificates are larger than %d kB. Keep only the roots this connection needs.", maxCACertificates>>10)
	case strings.Contains(text, "PRIVATE KEY-----"):
		return "The CA certificates contain a private key. Remove it, and keep it to yourself: only certificates belong here."
	case !utf8.ValidString(text):
		return "The CA certificates are not text. Export them as PEM (Base64)." + shape
	}
	rest, n := []byte(text), 0
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		n++
		if block.Type != "CERTIFICATE" {
			return fmt.Sprintf("Block %d of the CA certificates is not a certificate.", n) + shape
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			return fmt.Sprintf("Certificate %d of the CA certificates is damaged. Export it again as PEM (Base64).", n)
		}
	}
	if n == 0 || strings.Contains(string(rest), "-----BEGIN") {
		return "The CA certificates are not whole PEM text." + shape
	}
	return ""
}

func checkProxy(address string) string {
	const shape = " It should look like http://proxy.example:3128, or be empty."
	if address == "" {
		return ""
	}
	if len(address) > maxProxy {
		return "The proxy's address is too long." + shape
	}
	if _, err := relayclient.ParseProxy(address); err != nil {
		return "The proxy " + err.Error() + "." + shape
	}
	return ""
}

// unprintable reports whether s has characters that nobody can see, such as the
// zero-width space that comes along from web pages, or is not UTF-8, which no
// keyring is sure to give back as it was.
func unprintable(s string) bool {
	return !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}
