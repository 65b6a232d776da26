package token

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"
)

// A Holder is what sort of principal a JWT was issued to. The zero Holder is
// not known.
type Holder int

// The holders.
const (
	Application Holder = 1 + iota // an application or a managed identity, by itself
	User                          // a person, through an application
)

// A JWT is a JSON Web Token taken apart: the claims that Microsoft Entra ID
// uses. A claim that is absent is zero.
type JWT struct {
	Algorithm string // alg
	KeyID     string // kid, or x5t where there is no kid
	Version   string // ver: "1.0" or "2.0"; "" if absent

	Audiences []string // aud
	Issuer    string   // iss
	Tenant    string   // tid

	AppID           string // appid (v1) or azp (v2): the client that asked for the token
	AppSecret       string // how that client proved itself: "nothing", "a secret" or "a certificate"
	ObjectID        string // oid: the principal in the tenant
	Subject         string // sub
	ManagedIdentity string // xms_mirid: resource ID of a managed identity
	Holder          Holder
	Name            string // of the user or the application, for people

	Roles  []string // roles: of an application registration, not of Azure RBAC
	Scopes []string // scp

	IssuedAt  time.Time // iat
	NotBefore time.Time // nbf
	Expires   time.Time // exp

	Milliseconds bool     // exp counts milliseconds; Expires is what was meant
	Nonce        bool     // the header has a nonce: only the audience itself can check the signature
	Malformed    []string // names of claims above that are there but of the wrong type
	Unsigned     bool     // the third part is empty

	Header json.RawMessage // all of it
	Claims json.RawMessage // all of them
}

// looksLikeJWT reports whether text is a JWT or would like to be one: its
// header is a JSON object, and base64 makes ey or ew of how one begins.
func looksLikeJWT(text string) bool {
	if strings.ContainsAny(text, "& \t\r\n") {
		return false
	}
	return strings.HasPrefix(text, "eyJ") || (strings.HasPrefix(text, "ey") || strings.HasPrefix(text, "ew")) && strings.Count(text, ".") == 2
}

func readJWT(text string) (JWT, error) {
	broken := func(part, problem string) error {
		return &Error{Kind: KindJWT, Part: part, Problem: problem, Err: ErrMalformed}
	}
	parts := strings.Split(text, ".")
	switch len(parts) {
	case 3:
	case 5:
		return JWT{}, broken("", "is encrypted; only its audience can read it")
	default:
		return JWT{}, broken("", "does not have three parts; perhaps not all of it was copied")
	}
	var t JWT
	var header, claims claimSet
	for i, part := range []struct {
		name string
		raw  *json.RawMessage
		into *claimSet
	}{{"header", &t.Header, &header}, {"claims part", &t.Claims, &claims}} {
		data, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[i], "="))
		if err != nil {
			return JWT{}, broken(part.name, "is not base64url")
		}
		if json.Unmarshal(data, &part.into.values) != nil || part.into.values == nil {
			return JWT{}, broken(part.name, "is not a JSON object")
		}
		*part.raw = data
	}
	if _, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[2], "=")); err != nil {
		return JWT{}, broken("signature", "is not base64url")
	}
	t.Unsigned = parts[2] == ""
	t.Algorithm = header.text("alg")
	t.KeyID = first(header.text("kid"), header.text("x5t"))
	_, t.Nonce = header.values["nonce"]
	t.fill(&claims)
	t.Malformed = append(header.malformed, claims.malformed...)
	return t, nil
}

// fill takes over the claims.
func (t *JWT) fill(c *claimSet) {
	t.Version, t.Issuer, t.Tenant = c.text("ver"), c.text("iss"), c.text("tid")
	t.Audiences, t.Roles = c.list("aud"), c.list("roles")
	t.Scopes = strings.Fields(c.text("scp"))
	t.AppID = first(c.text("appid"), c.text("azp"))
	t.AppSecret = map[string]string{"0": "nothing", "1": "a secret", "2": "a certificate"}[first(c.text("appidacr"), c.text("azpacr"))]
	t.ObjectID, t.Subject, t.ManagedIdentity = c.text("oid"), c.text("sub"), c.text("xms_mirid")
	var ms bool
	t.IssuedAt, _ = c.time("iat")
	t.NotBefore, _ = c.time("nbf")
	t.Expires, ms = c.time("exp")
	t.Milliseconds = ms
	user := first(c.text("upn"), c.text("preferred_username"), c.text("unique_name"))
	kind := c.text("idtyp")
	switch {
	case kind == "app":
		t.Holder = Application
	case kind == "user", len(t.Scopes) > 0:
		t.Holder = User
	case t.ManagedIdentity != "", t.ObjectID != "" && t.ObjectID == t.Subject:
		t.Holder = Application
	case user != "":
		t.Holder = User
	case len(t.Roles) > 0:
		t.Holder = Application
	}
	t.Name = first(user, c.text("name"), c.text("app_displayname"))
	if t.Holder == Application {
		t.Name = c.text("app_displayname")
	}
}

// A claimSet is a JSON object that notes which of its members have a type that
// they should not have.
type claimSet struct {
	values    map[string]json.RawMessage
	malformed []string
}

// read decodes a member into v and reports whether it is there and fits.
func (c *claimSet) read(name string, v any) bool {
	raw, ok := c.values[name]
	if !ok || string(raw) == "null" {
		return false
	}
	if json.Unmarshal(raw, v) != nil {
		if !slices.Contains(c.malformed, name) {
			c.malformed = append(c.malformed, name)
		}
		return false
	}
	return true
}

func (c *claimSet) text(name string) string {
	var s string
	if !c.read(name, &s) {
		return ""
	}
	return s
}

// list reads a text or a list of texts.
func (c *claimSet) list(name string) []string {
	if raw := c.values[name]; len(raw) > 0 && raw[0] == '"' {
		return []string{c.text(name)}
	}
	var list []string
	if !c.read(name, &list) {
		return nil
	}
	return list
}

// time reads a number of seconds; true means that it must be milliseconds.
func (c *claimSet) time(name string) (time.Time, bool) {
	var n float64
	if !c.read(name, &n) {
		return time.Time{}, false
	}
	ms := n >= millisecondsFrom
	if ms {
		n /= 1000
	}
	if n < 0 {
		n = 0
	}
	return instant(uint64(math.Min(n, float64(maxExpiry.Unix())))), ms
}

func first(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}
