package importing

import (
	"net"
	"strings"

	"relayscope/profiles"
	"relayscope/relayclient/signin"
)

// isHCM reports whether a list in JSON has an entry as Hybrid Connection
// Manager writes them.
func isHCM(sections []*section) bool {
	for _, s := range sections {
		if len(s.path) == 1 && s.get("KeyName").path != nil && (s.get("Uri").path != nil || s.get("EndpointHost").path != nil) {
			return true
		}
	}
	return false
}

// readHCM reads connections.json. Each entry has the address of the hybrid
// connection in Uri, such as sb://NS.servicebus.windows.net/NAME, the
// namespace's first label in Namespace, and the target in EndpointHost and
// EndpointPort.
func readHCM(sections []*section) Result {
	r := Result{Format: HybridConnectionManager}
	for _, s := range sections {
		if len(s.path) != 1 {
			continue
		}
		line := s.leaves[0].line
		uri, name := s.get("Uri").value, s.get("Name").value
		if uri == "" {
			if uri = s.get("Namespace").value; uri != "" && !strings.Contains(uri, ".") {
				uri += ".servicebus.windows.net"
			}
		}
		p := named(profiles.Profile{
			ID: profiles.NewID(), Namespace: uri, HybridConnection: name,
			SignIn: signin.Settings{Way: signin.SharedAccessKey, KeyName: s.get("KeyName").value, Key: secret(s.get("KeyValue").value)},
		})
		if uri == "" || !isHost(p.Namespace) {
			r.ignored("entry "+s.path[0], line, "It has no address of a hybrid connection that can be understood.")
			continue
		}
		notes := []string{"Understood: namespace " + p.Namespace + ", hybrid connection " + p.HybridConnection + ", a policy. Hybrid Connection Manager keeps the key in clear in this file, and still does."}
		if p.SignIn.Key.Empty() {
			notes = append(notes, "The key is not in the file. Enter SharedAccessKey.")
		}
		if host := s.get("EndpointHost").value; isHost(host) && host != "" {
			target := host
			if port := s.get("EndpointPort").value; port != "" && len(port) <= 5 {
				target = net.JoinHostPort(host, port)
			}
			notes = append(notes, "Its target is "+target+". A profile has no target: choose it where the listener's answer is chosen.")
		}
		r.found(Found{Profile: p, Notes: notes, Line: line})
	}
	return r
}
