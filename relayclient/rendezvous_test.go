package relayclient

import (
	"errors"
	"strings"
	"testing"
)

func TestRendezvousURL(t *testing.T) {
	const query = "?sb-hc-action=accept&sb-hc-id=5eed"
	for name, tt := range map[string]struct {
		namespace, address string
		ok                 bool
	}{
		"namespace":            {"fabrikam.servicebus.windows.net", "wss://fabrikam.servicebus.windows.net/$hc/hyco" + query, true},
		"namespace, any case":  {"fabrikam.servicebus.windows.net", "wss://Fabrikam.ServiceBus.Windows.Net/$hc/hyco" + query, true},
		"gateway":              {"fabrikam.servicebus.windows.net", "wss://g12-prod-am3-sb.servicebus.windows.net/$hc/hyco" + query, true},
		"gateway, port":        {"fabrikam.servicebus.windows.net", "wss://g12-prod-am3-sb.servicebus.windows.net:443/$hc/hyco" + query, true},
		"own cloud":            {"fabrikam.servicebus.chinacloudapi.cn", "wss://g3-x-sb.servicebus.chinacloudapi.cn/$hc/hyco" + query, true},
		"HTTP request":         {"fabrikam.servicebus.windows.net", "wss://g1.servicebus.windows.net/$hc/hyco?sb-hc-action=request&sb-hc-id=5eed", true},
		"sender's query first": {"localhost:9443", "wss://localhost:9443/$hc/hyco/a?x=1&sb-hc-action=accept&sb-hc-id=5eed", true},
		"local relay":          {"localhost:9443", "wss://localhost:9443/$hc/hyco" + query, true},
		"this computer":        {"127.0.0.1:9443", "wss://localhost:9443/$hc/hyco" + query, true},
		"this computer, IPv6":  {"localhost:9443", "wss://[::1]:9443/$hc/hyco" + query, true},

		"another host":         {"fabrikam.servicebus.windows.net", "wss://evil.example/$hc/hyco" + query, false},
		"suffix in the middle": {"fabrikam.servicebus.windows.net", "wss://g1.servicebus.windows.net.evil.example/$hc/hyco" + query, false},
		"suffix without a dot": {"fabrikam.servicebus.windows.net", "wss://evilservicebus.windows.net/$hc/hyco" + query, false},
		"the suffix itself":    {"fabrikam.servicebus.windows.net", "wss://windows.net/$hc/hyco" + query, false},
		"another cloud":        {"fabrikam.servicebus.windows.net", "wss://g1.servicebus.chinacloudapi.cn/$hc/hyco" + query, false},
		"this computer's own":  {"fabrikam.servicebus.windows.net", "wss://localhost/$hc/hyco" + query, false},
		"another port":         {"fabrikam.servicebus.windows.net", "wss://g1.servicebus.windows.net:8443/$hc/hyco" + query, false},
		"another local port":   {"localhost:9443", "wss://localhost:9444/$hc/hyco" + query, false},
		"no port, local":       {"localhost:9443", "wss://localhost/$hc/hyco" + query, false},
		"address, neighbour":   {"10.0.0.5:9443", "wss://10.0.0.6:9443/$hc/hyco" + query, false},
		"address, same suffix": {"10.0.0.5:9443", "wss://9.0.0.5:9443/$hc/hyco" + query, false},
		"two labels":           {"contoso.com", "wss://evil.com/$hc/hyco" + query, false},
		"not wss":              {"localhost:9443", "ws://localhost:9443/$hc/hyco" + query, false},
		"https":                {"localhost:9443", "https://localhost:9443/$hc/hyco" + query, false},
		"user":                 {"localhost:9443", "wss://me:5eed@localhost:9443/$hc/hyco" + query, false},
		"host as user":         {"localhost:9443", "wss://localhost:9443@evil.example/$hc/hyco" + query, false},
		"fragment":             {"localhost:9443", "wss://localhost:9443/$hc/hyco" + query + "#top", false},
		"empty fragment":       {"localhost:9443", "wss://localhost:9443/$hc/hyco" + query + "#", false},
		"another path":         {"localhost:9443", "wss://localhost:9443/hyco" + query, false},
		"no action":            {"localhost:9443", "wss://localhost:9443/$hc/hyco?sb-hc-id=5eed", false},
		"another action":       {"localhost:9443", "wss://localhost:9443/$hc/hyco?sb-hc-action=listen&sb-hc-id=5eed", false},
		"no host":              {"localhost:9443", "wss:///$hc/hyco" + query, false},
		"no URL":               {"localhost:9443", "wss://local\x7fhost/$hc/5eed", false},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := Config{Namespace: tt.namespace}
			got, err := cfg.rendezvousURL(tt.address)
			switch {
			case tt.ok && (err != nil || got != tt.address):
				t.Errorf("= %q, %v; want the address as it is", got, err)
			case !tt.ok && !errors.Is(err, ErrForeignRendezvous):
				t.Errorf("= %q, %v; want a refusal", got, err)
			case !tt.ok && (strings.Contains(err.Error(), "5eed") || strings.Contains(err.Error(), "evil")):
				t.Errorf("the error quotes the address: %v", err)
			}
		})
	}
}
