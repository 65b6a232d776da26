package importing

import (
	"encoding/base64"

	"relayscope/profiles"
	"relayscope/relayclient/signin"
)

// keyBytes is how long a policy's key is before it is written in base64.
const keyBytes = 32

// isTunnelRelay reports whether the top of a JSON file is as Tunnel Relay
// writes it.
func isTunnelRelay(sections []*section) bool {
	for _, s := range sections {
		if len(s.path) == 0 {
			return s.get("hybridConnectionUrl").value != "" && s.get("hybridConnectionKeyName").path != nil
		}
	}
	return false
}

// readTunnelRelay reads appSettings.json of Tunnel Relay, and what it exports.
// Its key is the same text that the portal shows, unless Windows has encrypted
// it for the one machine, which makes it longer.
func readTunnelRelay(sections []*section) Result {
	r := Result{Format: TunnelRelay}
	for _, s := range sections {
		if len(s.path) > 0 {
			continue
		}
		address := s.get("hybridConnectionUrl")
		p := named(profiles.Profile{
			ID: profiles.NewID(), Namespace: address.value, HybridConnection: s.get("hybridConnectionName").value,
			SignIn: signin.Settings{Way: signin.SharedAccessKey, KeyName: s.get("hybridConnectionKeyName").value},
		})
		if !isHost(p.Namespace) {
			r.ignored("hybridConnectionUrl", address.line, "It is no address of a namespace that can be understood.")
			return r
		}
		f := Found{Line: address.line, Notes: []string{"Understood: namespace " + p.Namespace + ", hybrid connection " + p.HybridConnection + ", a policy."}}
		note := func(text string) { f.Notes = append(f.Notes, text) }
		if p.HybridConnection == "" {
			note("Tunnel Relay takes the computer's name for the hybrid connection. Enter it.")
		}
		key := s.get("relaySharedKey", "serviceBusSharedKey").value
		switch plain, err := base64.StdEncoding.DecodeString(key); {
		case key == "":
			note("The key is not in the file. Enter SharedAccessKey.")
		case err == nil && len(plain) == keyBytes:
			p.SignIn.Key = secret(key)
			note("Tunnel Relay keeps the key in clear in this file, and still does.")
		default:
			note("The key is encrypted for the computer that the file was written on. Export the settings from Tunnel Relay there, or enter SharedAccessKey.")
		}
		if target := s.get("redirectionUrl").value; target != "" {
			note("It forwards requests to an address of its own. A profile has none: choose it where the listener's answer is chosen.")
		}
		f.Profile = p
		r.found(f)
	}
	return r
}
