package relayclient

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// A ConnectionString is what the Azure portal hands out for a namespace or a
// hybrid connection, taken apart. Printing one shows no secret.
type ConnectionString struct {
	Namespace        string        // host of Endpoint, with ":port" only when Endpoint names a port
	HybridConnection string        // EntityPath; "" for a namespace-level string
	KeyName          string        // SharedAccessKeyName
	Key              Secret        // SharedAccessKey
	Token            Secret        // SharedAccessSignature, a token made by somebody else
	ManagedIdentity  bool          // Authentication=Managed Identity
	OperationTimeout time.Duration // 0 when absent
	Unknown          []string      // names of keys that mean nothing to Azure Relay, in order
}

// A ConnectionStringError names the part of a connection string that is
// wrong. It never quotes a value.
type ConnectionStringError struct {
	Key     string // the key at fault, as documented; "" when the whole text is
	Problem string // what is wrong with it, a clause without a subject
}

func (e *ConnectionStringError) Error() string {
	if e.Key == "" {
		return "connection string " + e.Problem
	}
	return "connection string: " + e.Key + " " + e.Problem
}

// ParseConnectionString takes a connection string apart. White space and
// quotes around the text, keys and values are forgiven, as are empty pairs
// and the order and case of keys; unknown keys are listed, not refused. Every
// other fault is a *ConnectionStringError.
func ParseConnectionString(text string) (ConnectionString, error) {
	var cs ConnectionString
	text = unquoted(text)
	if text == "" {
		return cs, &ConnectionStringError{"", "is empty"}
	}
	if strings.ContainsAny(text, "\r\n") {
		return cs, &ConnectionStringError{"", "has a line break inside; copy it again in one piece"}
	}
	seen := map[string]bool{}
	for pair := range strings.SplitSeq(text, ";") {
		if pair = unquoted(pair); pair == "" {
			continue
		}
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			return cs, &ConnectionStringError{"", "has a part without an equals sign; it should read Key=Value;Key=Value"}
		}
		key, value = unquoted(key), unquoted(value)
		name := canonicalKey(key)
		if name == unknownKey {
			name = strings.ToLower(key)
		}
		if seen[name] {
			return cs, &ConnectionStringError{canonicalKey(key), "appears twice"}
		}
		seen[name] = true
		if err := cs.set(key, value); err != nil {
			return cs, err
		}
	}
	return cs, cs.check()
}

// unquoted drops white space and quotes around text. Wherever they stand, they
// are from the file or the shell that the text was copied out of.
func unquoted(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == '"' || r == '\'' })
}

// The keys that mean something, as the portal spells them.
var connectionStringKeys = []string{
	"Endpoint", "EntityPath", "SharedAccessKeyName", "SharedAccessKey",
	"SharedAccessSignature", "Authentication", "OperationTimeout",
}

// canonicalKey returns the documented spelling of key, so that an error can
// name it; a key nobody documented might be a misplaced value and is not quoted.
func canonicalKey(key string) string {
	for _, k := range connectionStringKeys {
		if strings.EqualFold(k, key) {
			return k
		}
	}
	return unknownKey
}

const unknownKey = "a key"

// swallowedKey returns the key that a value holds because something else than
// a semicolon stands before it, or "".
func swallowedKey(value string) string {
	lower := strings.ToLower(value)
	for _, k := range connectionStringKeys {
		if i := strings.Index(lower, strings.ToLower(k)+"="); i > 0 && strings.ContainsRune(", \t:&|", rune(lower[i-1])) {
			return k
		}
	}
	return ""
}

func (cs *ConnectionString) set(key, value string) (err error) {
	if k := swallowedKey(value); k != "" {
		return &ConnectionStringError{canonicalKey(key), "runs into " + k + "; put a semicolon between them"}
	}
	switch known := canonicalKey(key); known {
	case "Endpoint":
		cs.Namespace, err = parseEndpoint(value)
	case "EntityPath":
		cs.HybridConnection, err = cleanEntityPath(value)
	case "SharedAccessKeyName":
		cs.KeyName = value
	case "SharedAccessKey":
		cs.Key = NewSecret(value)
	case "SharedAccessSignature":
		cs.Token = NewSecret(value)
	case "Authentication":
		if !strings.EqualFold(strings.ReplaceAll(value, " ", ""), "ManagedIdentity") {
			return &ConnectionStringError{known, `must be "Managed Identity"; no other value is known`}
		}
		cs.ManagedIdentity = true
	case "OperationTimeout":
		if cs.OperationTimeout, err = parseOperationTimeout(value); err != nil {
			return &ConnectionStringError{known, "must be hh:mm:ss or a whole number of seconds"}
		}
		return nil
	default:
		cs.Unknown = append(cs.Unknown, printableKey(key))
	}
	return err
}

// printableKey returns key if it looks like a word, such as TransportType. A
// shared access key pasted on its own also ends in "=", and is not repeated.
func printableKey(key string) string {
	if len(key) == 0 || len(key) > 24 {
		return unknownKey
	}
	for _, c := range key {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return unknownKey
		}
	}
	return key
}

// misspelled points at a key that is not known, when one that is needed is
// missing.
func (cs *ConnectionString) misspelled() string {
	for _, key := range cs.Unknown {
		if key != unknownKey {
			return "; " + key + " is not a key that is known"
		}
	}
	return ""
}

func (cs *ConnectionString) check() error {
	switch hasKey := cs.KeyName != "" || !cs.Key.Empty(); {
	case cs.Namespace == "":
		return &ConnectionStringError{"Endpoint", "is missing" + cs.misspelled()}
	case cs.KeyName == "" && !cs.Key.Empty():
		return &ConnectionStringError{"SharedAccessKeyName", "is missing beside SharedAccessKey" + cs.misspelled()}
	case cs.KeyName != "" && cs.Key.Empty():
		return &ConnectionStringError{"SharedAccessKey", "is missing beside SharedAccessKeyName" + cs.misspelled()}
	case hasKey && !cs.Token.Empty():
		return &ConnectionStringError{"SharedAccessSignature", "cannot stand beside SharedAccessKey; keep one of them"}
	case cs.ManagedIdentity && (hasKey || !cs.Token.Empty()):
		return &ConnectionStringError{"Authentication", "cannot stand beside shared access keys; keep one of them"}
	}
	return nil
}

// parseEndpoint returns the host, with its port if one is given, of sb://NS/.
func parseEndpoint(value string) (string, error) {
	fail := func(problem string) (string, error) {
		return "", &ConnectionStringError{"Endpoint", problem}
	}
	u, err := url.Parse(value)
	if err != nil || u.Host == "" {
		return fail("must look like sb://NAMESPACE.servicebus.windows.net/")
	}
	switch strings.ToLower(u.Scheme) {
	case "sb", "https", "wss":
	case "hc":
		return fail("belongs to BizTalk hybrid connections, a retired product; create a hybrid connection in an Azure Relay namespace")
	default:
		return fail("must start with sb://")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return fail("must be only a scheme and a host, like sb://NAMESPACE.servicebus.windows.net/")
	}
	if strings.Trim(u.Path, "/") != "" {
		return fail("must end after the host; the hybrid connection goes into EntityPath")
	}
	namespace, err := CleanNamespace(u.Host)
	if err != nil {
		return fail(err.Error())
	}
	return namespace, nil
}

// CleanNamespace checks a namespace host with an optional port and returns it
// in lower case without port 443, which is the default. The error is a clause
// that says what is wrong.
func CleanNamespace(namespace string) (string, error) {
	host, port := strings.ToLower(namespace), ""
	if h, p, err := net.SplitHostPort(host); err == nil {
		host, port = h, p
	} else if strings.Contains(host, ":") && !strings.HasPrefix(host, "[") {
		return "", fmt.Errorf("has more than one colon; a port follows the host once")
	} else {
		host = strings.Trim(host, "[]")
	}
	if net.ParseIP(host) == nil && !validHostName(host) {
		return "", fmt.Errorf("has a host that is not a valid name")
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port == "" || port == "443" {
		return host, nil
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return "", fmt.Errorf("has a port that is not a number from 1 to 65535")
	}
	return host + ":" + port, nil
}

func validHostName(host string) bool {
	if host == "" || len(host) > 253 {
		return false
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, c := range label {
			if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
				return false
			}
		}
	}
	return true
}

// maxEntityPath is the upper bound customary for entity names in this family
// of services.
const maxEntityPath = 260

func cleanEntityPath(value string) (string, error) {
	name, err := CleanHybridConnection(value)
	if err != nil {
		return "", &ConnectionStringError{"EntityPath", err.Error()}
	}
	return name, nil
}

// CleanHybridConnection checks the name of a hybrid connection, which may have
// several segments, and returns it without outer slashes. The error is a
// clause that says what is wrong.
func CleanHybridConnection(name string) (string, error) {
	name = strings.Trim(strings.TrimSpace(name), "/")
	switch {
	case name == "":
		return "", fmt.Errorf("is empty")
	case len(name) > maxEntityPath:
		return "", fmt.Errorf("is longer than %d characters", maxEntityPath)
	case strings.Contains(name, "//"):
		return "", fmt.Errorf("has an empty segment (two slashes in a row)")
	case strings.HasPrefix(name, "$hc/"):
		return "", fmt.Errorf("must not begin with $hc/; give the name alone")
	}
	for segment := range strings.SplitSeq(name, "/") {
		if segment == "." || segment == ".." {
			return "", fmt.Errorf("has a segment that is only dots")
		}
	}
	for _, c := range name {
		if c < ' ' || c == 0x7f || strings.ContainsRune(`?#\;%`, c) {
			return "", fmt.Errorf(`has a character that a hybrid connection's name cannot have (? # \ ; %% or a control character)`)
		}
	}
	return name, nil
}

// parseOperationTimeout reads the .NET form hh:mm:ss and the Java form,
// whole seconds.
func parseOperationTimeout(value string) (time.Duration, error) {
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second, nil
	}
	parts := strings.Split(value, ":")
	if len(parts) != 3 {
		return 0, strconv.ErrSyntax
	}
	var total time.Duration
	for i, unit := range []time.Duration{time.Hour, time.Minute, time.Second} {
		n, err := strconv.ParseUint(parts[i], 10, 16)
		if err != nil || i > 0 && n > 59 {
			return 0, strconv.ErrSyntax
		}
		total += time.Duration(n) * unit
	}
	return total, nil
}

// String formats the connection string with its secrets redacted.
func (cs ConnectionString) String() string { return cs.format(Secret.String) }

// Reveal formats the connection string with its secrets in clear, in the
// order the portal uses. Unknown keys are gone.
func (cs ConnectionString) Reveal() string { return cs.format(Secret.Reveal) }

func (cs ConnectionString) format(show func(Secret) string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Endpoint=sb://%s/", cs.Namespace)
	add := func(key, value string) {
		if value != "" {
			b.WriteString(";" + key + "=" + value)
		}
	}
	add("SharedAccessKeyName", cs.KeyName)
	add("SharedAccessKey", show(cs.Key))
	add("SharedAccessSignature", show(cs.Token))
	if cs.ManagedIdentity {
		add("Authentication", "Managed Identity")
	}
	if cs.OperationTimeout > 0 {
		add("OperationTimeout", strconv.Itoa(int(cs.OperationTimeout/time.Second)))
	}
	add("EntityPath", cs.HybridConnection)
	return b.String()
}

// GoString keeps %#v redacted too.
func (cs ConnectionString) GoString() string { return cs.String() }
