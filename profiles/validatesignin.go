package profiles

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"

	"relayscope/relayclient"
	"relayscope/relayclient/entra"
	"relayscope/relayclient/signin"
)

// Limits of what a way to sign in holds.
const (
	minLifetime    = time.Minute
	maxLifetime    = 10 * 365 * 24 * time.Hour
	maxToken       = 16 << 10
	maxSecret      = 1 << 10
	maxCertificate = 64 << 10
	maxAddress     = 2 << 10
)

// checkSignIn tells note what is wrong with each field of s, which
// cleanSignIn has left.
func checkSignIn(s signin.Settings, note func(Field, string)) {
	n := needsOf(s.Way)
	if wayWords[s.Way] == "" {
		note(FieldWay, "No way to sign in is chosen. Choose one, such as a shared access key.")
		return
	}
	if n.key {
		note(FieldKeyName, checkKeyName(s.KeyName))
		note(FieldKey, checkKey(s.Key.Reveal()))
		note(FieldLifetime, checkLifetime(s.Lifetime))
	}
	if n.token {
		note(FieldToken, checkToken(s.Token.Reveal()))
	}
	if n.entra && !n.identity {
		note(FieldTenant, checkTenant(s.Tenant, n.secret))
	}
	if n.client {
		note(FieldClientID, checkClientID(s.ClientID, n.secret))
	}
	if n.secret {
		note(FieldSecret, checkSecret(s.Secret.Reveal(), n.certificate))
	}
	if n.certificate {
		note(FieldCertificate, checkCertificate(s.Certificate, s.Secret))
	}
	if n.identity {
		note(FieldIdentityID, checkIdentity(s.Identity, s.IdentityID))
	}
	if n.entra {
		note(FieldAuthority, checkAuthority(s.Authority))
		note(FieldAudience, checkAudience(s.Audience))
	}
}

func checkKeyName(name string) string {
	const shape = " It is the name of a shared access policy, such as RootManageSharedAccessKey."
	switch {
	case name == "":
		return "SharedAccessKeyName is missing." + shape
	case len(name) > relayclient.MaxKeyName:
		return fmt.Sprintf("SharedAccessKeyName is longer than %d characters.", relayclient.MaxKeyName) + shape
	case strings.ContainsAny(name, ";=") || unprintable(name):
		return "SharedAccessKeyName has a character that no policy's name has (; = or an invisible one)." + shape
	}
	return ""
}

// checkKey does not insist on base64: the service takes the key as text, and
// a policy's key may be set to any text.
func checkKey(key string) string {
	const shape = " It is the primary or secondary key of the policy, usually 44 characters ending in =."
	switch {
	case key == "":
		return "SharedAccessKey is missing." + shape
	case len(key) > relayclient.MaxKey:
		return fmt.Sprintf("SharedAccessKey is longer than %d characters.", relayclient.MaxKey) + shape
	case strings.Contains(key, ";"):
		return "SharedAccessKey has a semicolon inside: more than the key was copied." + shape
	case strings.ContainsFunc(key, unicode.IsSpace):
		return "SharedAccessKey has a space or a line break inside. Copy it again in one piece." + shape
	case unprintable(key):
		return "SharedAccessKey has an invisible character inside. Copy it again." + shape
	}
	return ""
}

func checkLifetime(d time.Duration) string {
	switch {
	case d == 0:
		return ""
	case d < minLifetime:
		return "The token lifetime is shorter than a minute. Choose at least one minute; an hour is usual."
	case d > maxLifetime:
		return "The token lifetime is longer than ten years. An hour is usual: tokens are renewed by themselves."
	}
	return ""
}

// checkToken looks at a token's shape; whether it fits the profile is another
// question.
func checkToken(token string) string {
	const shape = " It should begin with SharedAccessSignature sr= or, if it is one of Microsoft Entra ID, with eyJ."
	switch {
	case token == "":
		return "The token is missing." + shape
	case len(token) > maxToken:
		return fmt.Sprintf("The token is longer than %d kB, which no token is.", maxToken>>10) + shape
	case strings.ContainsAny(token, "\r\n"):
		return "The token has a line break inside. Copy it again in one piece."
	case unprintable(token):
		return "The token has an invisible character inside. Copy it again." + shape
	case strings.HasPrefix(token, sasPrefix):
		if fields, err := url.ParseQuery(token[len(sasPrefix):]); err != nil || fields.Get("sr") == "" || fields.Get("sig") == "" || fields.Get("se") == "" {
			return "The token is not whole: a SAS token has sr=, sig=, se= and skn=. Copy it again in one piece."
		}
		if _, ok := tokenExpiry(token); !ok {
			return "The token's se= is not a number, so that nobody knows when it expires. It should be seconds since 1970."
		}
		return ""
	}
	if _, _, err := jwt.NewParser().ParseUnverified(token, &jwt.RegisteredClaims{}); err != nil {
		return "This does not look like a token." + shape
	}
	return ""
}

const sasPrefix = "SharedAccessSignature "

// tokenExpiry returns when a SAS token or a JWT says that it ends. ok is false
// if it does not say.
func tokenExpiry(token string) (expires time.Time, ok bool) {
	if strings.HasPrefix(token, sasPrefix) {
		fields, _ := url.ParseQuery(token[len(sasPrefix):])
		seconds, err := strconv.ParseInt(fields.Get("se"), 10, 64)
		return time.Unix(seconds, 0), err == nil
	}
	var claims jwt.RegisteredClaims
	if _, _, err := jwt.NewParser().ParseUnverified(token, &claims); err != nil || claims.ExpiresAt == nil {
		return time.Time{}, false
	}
	return claims.ExpiresAt.Time, true
}

var (
	guid          = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	domain        = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$`)
	identityInARM = regexp.MustCompile(`(?i)^/subscriptions/[^/]+/resourcegroups/[^/]+/providers/microsoft\.managedidentity/userassignedidentities/[^/]+$`)
	commonTenants = map[string]bool{"common": true, "organizations": true, "consumers": true}
	guidShape     = " It should look like 00000000-0000-0000-0000-000000000000."
)

func checkTenant(tenant string, required bool) string {
	const shape = " It is the directory (tenant) ID in the portal, or a domain such as contoso.onmicrosoft.com."
	switch {
	case tenant == "" && required:
		return "The tenant is missing." + shape
	case tenant == "", guid.MatchString(tenant), len(tenant) <= 253 && domain.MatchString(tenant):
		return ""
	case commonTenants[tenant] && !required:
		return ""
	case commonTenants[tenant]:
		return "The tenant must be a real one: an application cannot sign in to “" + tenant + "”." + shape
	}
	return "The tenant is neither an ID nor a domain." + shape
}

func checkClientID(id string, required bool) string {
	const what = " It is the application (client) ID in the portal, and no name and no object ID."
	switch {
	case id == "" && required:
		return "The client ID is missing." + what
	case id == "", guid.MatchString(id):
		return ""
	}
	return "The client ID is not an ID." + guidShape + what
}

func checkSecret(secret string, passphrase bool) string {
	switch {
	case passphrase && len(secret) > maxSecret:
		return "The certificate's passphrase is too long."
	case passphrase && unprintable(secret):
		return "The certificate's passphrase has an invisible character inside. Type it again."
	case passphrase:
		return ""
	case secret == "":
		return "The client secret is missing. It is the secret's value in the portal, which is shown only once."
	case len(secret) > maxSecret:
		return "The client secret is too long: more than the secret was copied."
	case guid.MatchString(secret):
		return "This is the ID of a client secret, not its value. The portal shows the value only once; if it is lost, make a new secret."
	case strings.ContainsFunc(secret, unicode.IsSpace) || unprintable(secret):
		return "The client secret has a space, a line break or an invisible character inside. Copy it again in one piece."
	}
	return ""
}

// checkCertificate takes what the service principal will sign in with.
func checkCertificate(certificate, passphrase relayclient.Secret) string {
	const shape = " It should be PEM text with -----BEGIN CERTIFICATE----- and -----BEGIN PRIVATE KEY-----, or a PFX file in base64."
	switch {
	case certificate.Empty():
		return "The certificate is missing." + shape
	case len(certificate.Reveal()) > maxCertificate:
		return fmt.Sprintf("The certificate is larger than %d kB. Leave out what does not belong to it.", maxCertificate>>10)
	}
	if !utf8.ValidString(certificate.Reveal()) {
		return "The certificate is not text. Export it as PEM, or put the PFX file into base64." + shape
	}
	_, err := entra.CheckCertificate(certificate, passphrase)
	if e, ok := errors.AsType[*entra.Error](err); ok && e.Description != "" {
		return "The certificate cannot be used: " + e.Description + "." + shape
	}
	if err != nil {
		return "The certificate cannot be used." + shape
	}
	return ""
}

func checkIdentity(kind signin.IdentityKind, id string) string {
	const arm = " It begins with /subscriptions/ and ends with /userAssignedIdentities/ and a name."
	switch {
	case identityWords[kind] == "" && kind != signin.SystemAssigned:
		return "Choose what selects the managed identity."
	case kind == signin.SystemAssigned:
		return ""
	case kind == signin.ByResourceID && id == "":
		return "The identity's resource ID is missing." + arm
	case kind == signin.ByResourceID && (!identityInARM.MatchString(id) || unprintable(id)):
		return "The identity's resource ID is not one of a user-assigned managed identity." + arm
	case kind == signin.ByResourceID, guid.MatchString(id):
		return ""
	}
	name := "client ID"
	if kind == signin.ByObjectID {
		name = "object (principal) ID"
	}
	switch {
	case id == "":
		return "The identity's " + name + " is missing." + guidShape
	case strings.HasPrefix(strings.ToLower(id), "/subscriptions/"):
		return "This is the identity's resource ID, not its " + name + ". Choose resource ID, or copy the " + name + "." + guidShape
	}
	return "The identity's " + name + " is not an ID." + guidShape
}

func checkAuthority(address string) string {
	const shape = " It should look like https://login.microsoftonline.com, or be empty for the cloud's own."
	if address == "" {
		return ""
	}
	switch u, err := url.Parse(address); {
	case err != nil || len(address) > maxAddress || unprintable(address):
		return "The authority is not an address." + shape
	case u.Scheme != "https":
		return "The authority's address does not begin with https://." + shape
	case u.Host == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return "The authority's address should be no more than a host." + shape
	}
	return ""
}

func checkAudience(audience string) string {
	const shape = " It should look like https://relay.azure.net or an application's ID, or be empty for the cloud's own."
	if audience == "" || guid.MatchString(audience) {
		return ""
	}
	switch u, err := url.Parse(audience); {
	case err != nil || len(audience) > maxAddress || unprintable(audience) || strings.Contains(audience, " "):
		return "The audience is not an address." + shape
	case u.Scheme != "https" && u.Scheme != "http" && u.Scheme != "api":
		return "The audience is neither an address nor an ID." + shape
	case u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return "The audience's address should be no more than a host and a path." + shape
	case strings.HasSuffix(u.Path, "/.default"):
		return "The audience ends with /.default, which makes it a scope. Leave that off." + shape
	}
	return ""
}
