package importing

import (
	"fmt"
	"strings"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/signin"
)

// readJSON tells Relayscope's own export, Hybrid Connection Manager's
// connections, Tunnel Relay's settings and other JSON apart.
func readJSON(text string) (Result, error) {
	v, err := parseJSON(text)
	if err != nil {
		return Result{}, err
	}
	list := leaves(text, v)
	if len(list) > maxLeaves {
		return Result{}, &FileError{Format: AppSettings, Problem: fmt.Sprintf("The file holds more than %d values. Files that hold connections have far fewer.", maxLeaves), Err: ErrTooLarge}
	}
	sections := group(list)
	for _, l := range list {
		if len(l.path) == 1 && l.path[0] == "format" && strings.HasPrefix(l.value, "relayscope ") {
			return readExport(text, Export, relayclient.Secret{})
		}
	}
	if trimmed := strings.TrimSpace(text); strings.HasPrefix(trimmed, "[") && isHCM(sections) || trimmed == "[]" {
		return readHCM(sections), nil
	}
	if isTunnelRelay(sections) {
		return readTunnelRelay(sections), nil
	}
	r := Result{Format: AppSettings}
	for _, s := range sections {
		if s.relay(&r) {
			continue
		}
		for _, l := range s.leaves {
			if looksLikeOne(l.value) {
				r.connectionString(l.value, place(l.path), "", l.line)
			}
		}
	}
	if len(r.Found)+len(r.Ignored) == 0 {
		return Result{}, &FileError{Format: AppSettings, Problem: "The file is JSON, but nothing in it looks like a relay: neither a connection string nor a section with a namespace and a policy.", Err: ErrUnrecognized}
	}
	return r, nil
}

// A section is the leaves that have their parent in common.
type section struct {
	path   []string
	leaves []leaf
}

func group(list []leaf) []*section {
	var sections []*section
	byPath := map[string]*section{}
	for _, l := range list {
		if len(l.path) == 0 {
			continue
		}
		parent := l.path[:len(l.path)-1]
		key := strings.Join(parent, "\x00")
		if byPath[key] == nil {
			byPath[key] = &section{path: parent}
			sections = append(sections, byPath[key])
		}
		byPath[key].leaves = append(byPath[key].leaves, l)
	}
	return sections
}

// get returns the first leaf that has one of the names, in any case.
func (s *section) get(names ...string) leaf {
	for _, name := range names {
		for _, l := range s.leaves {
			if strings.EqualFold(l.path[len(l.path)-1], name) {
				return l
			}
		}
	}
	return leaf{}
}

// relay adds a section that has the parts of a connection one by one, such as
// Azure:Relay with Namespace, HybridConnection, KeyName and Key.
func (s *section) relay(r *Result) bool {
	namespace := s.get("RelayNamespace", "Namespace", "FullyQualifiedNamespace", "Endpoint", "RelayEndpoint")
	name := s.get("HybridConnection", "HybridConnectionName", "ConnectionName", "EntityPath", "RelayName")
	keyName := s.get("SharedAccessKeyName", "KeyName", "SasKeyName", "PolicyName")
	key := s.get("SharedAccessKey", "Key", "SasKey", "PolicyKey", "SharedAccessKeyValue")
	if namespace.value == "" || looksLikeOne(namespace.value) || name.value == "" && keyName.value == "" {
		return false
	}
	what := place(s.path)
	if what == "" {
		what = "the settings of the file"
	}
	f := Found{Line: namespace.line, Notes: []string{"Understood: a namespace and its parts in " + what + "."}}
	note := func(text string) { f.Notes = append(f.Notes, text) }
	host := namespace.value
	switch {
	case placeholder(host):
		host = ""
		note("In place of the namespace there is a placeholder. Enter the namespace.")
	case !strings.ContainsAny(host, ".:/"):
		host += ".servicebus.windows.net"
		note("The namespace is given by its first label alone, so that the public cloud is taken.")
	}
	p := profiles.Profile{ID: profiles.NewID(), Namespace: host, HybridConnection: name.value}
	p.SignIn = signin.Settings{Way: signin.SharedAccessKey, KeyName: keyName.value}
	switch {
	case keyName.value == "":
		note("There is no shared access policy. Choose how to sign in.")
	case key.value == "":
		note("The key is not in the file. Enter SharedAccessKey.")
	case placeholder(key.value):
		note("In place of the key there is a placeholder. Enter SharedAccessKey.")
	default:
		p.SignIn.Key = secret(key.value)
	}
	if placeholder(p.HybridConnection) {
		p.HybridConnection = ""
		note("In place of the hybrid connection's name there is a placeholder. Enter the name.")
	}
	f.Profile = named(p)
	if !isHost(f.Profile.Namespace) {
		return false // something else that has a namespace
	}
	r.found(f)
	return true
}
