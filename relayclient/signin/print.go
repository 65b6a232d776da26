package signin

import (
	"fmt"
	"log/slog"
	"strings"
)

var wayNames = [...]string{
	"not chosen", "shared access key", "shared access token", "client secret", "client certificate", "managed identity", "Azure CLI", "device code", "browser", "anonymous",
}

// String names the way.
func (w Way) String() string {
	if w < 0 || int(w) >= len(wayNames) {
		return fmt.Sprintf("way %d", int(w))
	}
	return wayNames[w]
}

// Entra reports whether w signs in at Microsoft Entra ID.
func (w Way) Entra() bool { return w >= ClientSecret && w <= Browser }

// Interactive reports whether a person has to do something, which takes longer
// than relayclient.Listen and Dial wait for a token: call Token before them.
func (w Way) Interactive() bool { return w == DeviceCode || w == Browser }

var identityNames = [...]string{"system-assigned", "by client ID", "by object ID", "by resource ID"}

// String names the selector.
func (k IdentityKind) String() string {
	if k < 0 || int(k) >= len(identityNames) {
		return fmt.Sprintf("selector %d", int(k))
	}
	return identityNames[k]
}

// attrs lists what is set. A Secret is an attribute that shows itself as
// redacted.
func (s Settings) attrs() []slog.Attr {
	list := []slog.Attr{slog.String("way", s.Way.String())}
	add := func(name, value string) {
		if value != "" {
			list = append(list, slog.String(name, value))
		}
	}
	add("key_name", s.KeyName)
	add("key", s.Key.String())
	if s.Lifetime != 0 {
		add("lifetime", s.Lifetime.String())
	}
	add("token", s.Token.String())
	add("tenant", s.Tenant)
	add("client_id", s.ClientID)
	add("secret", s.Secret.String())
	add("certificate", s.Certificate.String())
	if s.Way == ManagedIdentity {
		add("identity", s.Identity.String())
	}
	add("identity_id", s.IdentityID)
	add("authority", s.Authority)
	add("audience", s.Audience)
	return list
}

// String shows what is set, without secrets.
func (s Settings) String() string {
	var parts []string
	for _, a := range s.attrs() {
		parts = append(parts, a.Key+"="+a.Value.String())
	}
	return strings.Join(parts, " ")
}

// GoString keeps %#v from following pointers to secrets.
func (s Settings) GoString() string { return s.String() }

// LogValue shows in a log what String does.
func (s Settings) LogValue() slog.Value { return slog.GroupValue(s.attrs()...) }
