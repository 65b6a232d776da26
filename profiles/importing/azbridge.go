package importing

import (
	"fmt"
	"net"
	"strings"

	"go.yaml.in/yaml/v3"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/signin"
)

// readAzbridge reads the configuration of azbridge: one namespace with its
// policy at the top, and lists of forwarders with a RelayName each, which may
// have a ConnectionString of their own. LocalForward sends, RemoteForward
// listens.
func readAzbridge(text string) (Result, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		e := &FileError{Format: Azbridge, Problem: "The YAML cannot be read in the block that begins here: look at the indentation and for a missing colon, quote or bracket.", Err: ErrBroken}
		if at := strings.Index(err.Error(), "line "); at >= 0 { // the rest quotes the file
			fmt.Sscanf(err.Error()[at:], "line %d", &e.Line)
			if strings.Contains(err.Error(), "did not find expected") {
				e.Line++ // where the grammar is broken, the library counts from 0
			}
		}
		return Result{}, e
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return Result{}, &FileError{Format: Azbridge, Line: 1, Problem: "The YAML is not a list of settings with their values.", Err: ErrBroken}
	}
	r := Result{Format: Azbridge}
	top := doc.Content[0]
	shared, notes, usable := sharedSettings(&r, top)
	for _, list := range []string{"LocalForward", "RemoteForward"} {
		node := resolve(child(top, list))
		if node == nil {
			continue
		}
		entries := node.Content
		if node.Kind == yaml.MappingNode { // one forwarder, without a list around it
			entries = []*yaml.Node{node}
		}
		for _, n := range entries {
			n = resolve(n)
			line := 0
			if n != nil {
				line = n.Line
			}
			if n == nil || n.Kind != yaml.MappingNode {
				r.ignored("an entry of "+list, line, "It is not a forwarder with a RelayName.")
				continue
			}
			r.forwarder(list, n, shared, notes, usable)
		}
	}
	if len(r.Found)+len(r.Ignored) == 0 && usable && shared.Namespace != "" {
		shared.ID = profiles.NewID()
		if shared.SignIn.Way == 0 {
			shared.SignIn.Way = signin.SharedAccessKey
		}
		r.found(Found{Profile: named(shared), Notes: append(notes, "The file names no forwarder. Enter the name of the hybrid connection."), Line: top.Line})
	}
	return r, nil
}

// sharedSettings returns what holds for all forwarders. Without usable there
// is a connection string, and it is wrong.
func sharedSettings(r *Result, top *yaml.Node) (p profiles.Profile, notes []string, usable bool) {
	usable = true
	if n := resolve(child(top, "AzureRelayConnectionString")); n != nil && n.Value != "" {
		parsed, _, err := profiles.FromConnectionString(n.Value)
		if err != nil {
			r.ignored("AzureRelayConnectionString", n.Line, err.Error())
			usable = false
		}
		p = parsed
	}
	override := func(name string) (string, bool) {
		n := resolve(child(top, name))
		if n == nil || n.Kind != yaml.ScalarNode || n.Value == "" {
			return "", false
		}
		return strings.Trim(n.Value, `'"`), true
	}
	if endpoint, ok := override("AzureRelayEndpoint"); ok {
		p.Namespace = profiles.Profile{Namespace: endpoint}.Normalize().Namespace
		if !isHost(p.Namespace) {
			r.ignored("AzureRelayEndpoint", resolve(child(top, "AzureRelayEndpoint")).Line, "It is not an address such as sb://contoso.servicebus.windows.net.")
			p.Namespace = ""
		} else {
			usable = true
		}
	}
	if keyName, ok := override("AzureRelaySharedAccessKeyName"); ok {
		p.SignIn.Way, p.SignIn.KeyName = signin.SharedAccessKey, keyName
	}
	if key, ok := override("AzureRelaySharedAccessKey"); ok {
		p.SignIn.Way, p.SignIn.Key = signin.SharedAccessKey, secret(key)
	}
	if token, ok := override("AzureRelaySharedAccessSignature"); ok {
		p.SignIn = signin.Settings{Way: signin.SharedAccessToken, Token: secret(token)}
		notes = append(notes, "It signs in with a ready-made token, which cannot be renewed.")
	}
	return p, notes, usable
}

// forwarder adds one entry of a list.
func (r *Result) forwarder(list string, n *yaml.Node, shared profiles.Profile, notes []string, usable bool) {
	get := func(names ...string) string {
		for _, name := range names {
			if v := resolve(child(n, name)); v != nil && v.Kind == yaml.ScalarNode {
				return strings.Trim(v.Value, `'"`)
			}
		}
		return ""
	}
	what := list + " in line " + fmt.Sprint(n.Line)
	p := shared
	notes = notes[:len(notes):len(notes)]
	if own := get("ConnectionString"); own != "" {
		parsed, more, err := profiles.FromConnectionString(own)
		if err != nil {
			r.ignored(what, n.Line, err.Error())
			return
		}
		p, notes = parsed, more
	} else if !usable {
		r.ignored(what, n.Line, "It needs AzureRelayConnectionString, which is wrong.")
		return
	}
	name := get("RelayName", "relay_name")
	if name == "" && p.HybridConnection == "" {
		r.ignored(what, n.Line, "It has no RelayName.")
		return
	}
	if name != "" {
		if clean, err := relayclient.CleanHybridConnection(name); err != nil || looksLikeOne(clean) {
			r.ignored(what, n.Line, "Its RelayName is not the name of a hybrid connection.")
			return
		}
		p.HybridConnection = name
	}
	p.ID = profiles.NewID()
	if p.Namespace == "" {
		notes = append(notes, "The file has no connection string: azbridge gets it from its command line or from AZURE_BRIDGE_CONNECTIONSTRING. Enter the namespace and the policy.")
		if p.SignIn.Way == 0 {
			p.SignIn.Way = signin.SharedAccessKey
		}
	} else if p.SignIn.KeyName == "" && p.SignIn.Key.Empty() && (p.SignIn.Way == 0 || p.SignIn.Way == signin.SharedAccessKey) {
		p.SignIn = signin.Settings{Way: signin.AzureCLI}
		notes = append(notes, "The file holds no key: azbridge signs in as whoever it finds on the machine. Azure CLI is taken; choose another way if it was another identity.")
	}
	if list == "LocalForward" {
		send := p.SignIn
		p.SignIn, p.SendSignIn = signin.Settings{}, &send
		notes = append(notes, "LocalForward sends: the policy needs the right to Send.")
	} else {
		notes = append(notes, "RemoteForward listens: the policy needs the right to Listen.")
		if port := get("HostPort", "hostport"); port != "" && len(port) <= 5 && strings.Trim(port, "0123456789") == "" {
			host := get("Host", "host")
			if host == "" || !isHost(host) {
				host = "this machine"
			}
			notes = append(notes, "Its target is "+net.JoinHostPort(host, port)+". A profile has no target: choose it where the listener's answer is chosen.")
		}
	}
	if child(n, "Bindings") != nil {
		notes = append(notes, "Ignored: its Bindings.")
	}
	r.found(Found{Profile: named(p), Notes: notes, Line: n.Line})
}

// child returns the value of a mapping's key, in any case, or nil.
func child(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if strings.EqualFold(n.Content[i].Value, key) {
			return n.Content[i+1]
		}
	}
	return nil
}

// resolve follows an alias. An alias of an alias is not YAML.
func resolve(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}
