package token

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"relayscope/relayclient"
)

const sasWord = "sharedaccesssignature" // the scheme of a SAS token, in lower case

// A Scope says what a SAS token is signed for. The zero Scope is not known.
type Scope int

// The scopes.
const (
	NamespaceScope Scope = 1 + iota // everything in a namespace
	EntityScope                     // one hybrid connection, or what is below a path
)

// A HexCase is how the escapes of a text are written.
type HexCase int

// The cases. The zero HexCase is that of a text whose escapes have no letters.
const (
	NoHex HexCase = iota
	UpperHex
	LowerHex
	MixedHex
)

// A SAS is a shared access signature taken apart.
type SAS struct {
	Resource    string // the field sr, decoded once
	RawResource string // sr as it stands in the token, which is what was signed
	HexCase     HexCase
	PlusSpace   bool // sr has a plus sign where others write %20

	Scheme string // of Resource, in lower case; "" if it has none
	Host   string // of Resource, in lower case, without the port
	Port   string // of Resource; "" if it names none. The relay ignores it.
	Path   string // of Resource, decoded, without slashes at its ends and without $hc
	Scope  Scope  // 0 if Resource is not a URI

	KeyName      string    // the field skn, the name of the shared access policy
	RawExpires   string    // se as it stands in the token, which is what was signed
	Expires      time.Time // zero if se is not a number
	Milliseconds bool      // se counts milliseconds; Expires is what was meant

	Fields    []string           // names of the fields as they are written, in order
	NoWord    bool               // the word SharedAccessSignature is missing
	Signature relayclient.Secret // the field sig, percent-decoded: base64

	segments []string // of the path, decoded
}

// maxExpiry is the last time that the service knows.
var maxExpiry = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

// millisecondsFrom is where an expiry cannot be meant as seconds: after
// maxExpiry in seconds, in January 1978 in milliseconds.
const millisecondsFrom = 253_402_300_800

func readSAS(text string) (SAS, error) {
	broken := func(part, problem string) error {
		return &Error{Kind: KindSAS, Part: part, Problem: problem, Err: ErrMalformed}
	}
	var s SAS
	words := strings.Fields(text)
	if len(words) > 0 && strings.EqualFold(words[0], sasWord) {
		words = words[1:]
	} else {
		s.NoWord = true
	}
	if len(words) != 1 {
		return s, broken("", "is not one word and one piece without spaces")
	}
	fields := map[string]string{}
	for pair := range strings.SplitSeq(words[0], "&") {
		written, value, ok := strings.Cut(pair, "=")
		if !ok {
			return s, broken("", "has a field without a value")
		}
		name := strings.ToLower(written)
		if !slices.Contains(sasFields, name) {
			written = "other" // it might be anything, a secret included
		} else if _, twice := fields[name]; twice {
			return s, broken("field "+name, "is there twice")
		}
		fields[name] = value
		s.Fields = append(s.Fields, written)
	}
	for _, name := range sasFields {
		if fields[name] == "" {
			return s, broken("field "+name, "is missing")
		}
	}
	s.RawResource, s.RawExpires = fields["sr"], fields["se"]
	sig, err := url.PathUnescape(fields["sig"])
	if err != nil {
		return s, broken("field sig", "is not percent-encoded properly")
	}
	// A plus sign that nobody escaped is a space after form decoding.
	s.Signature = relayclient.NewSecret(strings.ReplaceAll(sig, " ", "+"))
	if s.KeyName, err = url.QueryUnescape(fields["skn"]); err != nil {
		return s, broken("field skn", "is not percent-encoded properly")
	}
	if s.Resource, err = url.QueryUnescape(s.RawResource); err != nil {
		return s, broken("field sr", "is not percent-encoded properly")
	}
	s.HexCase, s.PlusSpace = hexCase(s.RawResource), strings.Contains(s.RawResource, "+")
	s.readResource()
	s.readExpires()
	return s, nil
}

// sasFields are the fields that a SAS token must have.
var sasFields = []string{"sr", "sig", "se", "skn"}

// readResource takes the decoded sr apart, as far as it is a URI.
func (s *SAS) readResource() {
	u, err := url.Parse(s.Resource)
	if err != nil || u.Host == "" || u.Scheme == "" {
		return
	}
	var segments []string
	for part := range strings.SplitSeq(strings.Trim(u.EscapedPath(), "/"), "/") {
		text, err := url.PathUnescape(part)
		if err != nil {
			return
		}
		segments = append(segments, strings.Split(text, "/")...)
	}
	if strings.EqualFold(segments[0], "$hc") {
		segments = segments[1:]
	}
	s.Scheme, s.Host, s.Port = u.Scheme, strings.ToLower(u.Hostname()), u.Port()
	s.Path = strings.Trim(strings.Join(segments, "/"), "/")
	s.Scope = NamespaceScope
	if s.Path != "" {
		s.Scope = EntityScope
		s.segments = strings.Split(s.Path, "/")
	}
}

// readExpires reads se as a number of seconds, or else of milliseconds.
func (s *SAS) readExpires() {
	n, err := strconv.ParseUint(s.RawExpires, 10, 63)
	if err != nil {
		return
	}
	if s.Milliseconds = n >= millisecondsFrom; s.Milliseconds {
		n /= 1000
	}
	s.Expires = instant(n)
}

// instant returns the time that is n seconds after 1970, within bounds.
func instant(n uint64) time.Time {
	if n >= uint64(maxExpiry.Unix()) {
		return maxExpiry
	}
	return time.Unix(int64(n), 0).UTC()
}

// hexCase looks at the letters in the escapes of an encoded text.
func hexCase(text string) HexCase {
	var upper, lower bool
	for i := 0; i+2 < len(text); i++ {
		if text[i] != '%' {
			continue
		}
		for _, c := range []byte(text[i+1 : i+3]) {
			upper = upper || c >= 'A' && c <= 'F'
			lower = lower || c >= 'a' && c <= 'f'
		}
		i += 2
	}
	switch {
	case upper && lower:
		return MixedHex
	case upper:
		return UpperHex
	case lower:
		return LowerHex
	}
	return NoHex
}
