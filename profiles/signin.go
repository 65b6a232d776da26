package profiles

import (
	"strings"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/signin"
)

// SignInFor returns how role signs in. The zero Settings mean that the profile
// has nothing for that role: it only sends.
func (p Profile) SignInFor(role relayclient.Role) signin.Settings {
	if role == relayclient.Sending && p.SendSignIn != nil {
		return *p.SendSignIn
	}
	return p.SignIn
}

// needs says which fields of signin.Settings a way uses, beside Way itself.
type needs struct {
	key, token, entra, client, secret, certificate, identity bool
}

func needsOf(w signin.Way) needs {
	switch w {
	case signin.SharedAccessKey:
		return needs{key: true}
	case signin.SharedAccessToken:
		return needs{token: true}
	case signin.ClientSecret:
		return needs{entra: true, client: true, secret: true}
	case signin.ClientCertificate:
		return needs{entra: true, client: true, secret: true, certificate: true}
	case signin.ManagedIdentity:
		return needs{entra: true, identity: true}
	case signin.AzureCLI:
		return needs{entra: true}
	case signin.DeviceCode, signin.Browser:
		return needs{entra: true, client: true}
	}
	return needs{}
}

// cleanSignIn trims what people paste and drops what the way does not use, so
// that no secret is kept for nothing.
func cleanSignIn(s signin.Settings) signin.Settings {
	trim := strings.TrimSpace
	secret := func(t relayclient.Secret) relayclient.Secret { return relayclient.NewSecret(trim(t.Reveal())) }
	clean, n := signin.Settings{Way: s.Way}, needsOf(s.Way)
	if n.key {
		clean.KeyName, clean.Key, clean.Lifetime = trim(s.KeyName), secret(s.Key), s.Lifetime.Round(time.Second)
	}
	if n.token {
		clean.Token = secret(s.Token)
	}
	if n.entra {
		clean.Authority, clean.Audience = trim(s.Authority), trim(s.Audience)
	}
	if n.entra && !n.identity {
		clean.Tenant = strings.ToLower(trim(s.Tenant))
	}
	if n.client {
		clean.ClientID = strings.ToLower(trim(s.ClientID))
	}
	switch {
	case n.certificate:
		clean.Certificate = relayclient.NewSecret(cleanPEM(s.Certificate.Reveal()))
		clean.Secret = s.Secret // a passphrase may begin or end with a space
	case n.secret:
		clean.Secret = secret(s.Secret)
	}
	if n.identity {
		clean.Identity = s.Identity
		if s.Identity != signin.SystemAssigned {
			clean.IdentityID = trim(s.IdentityID)
		}
	}
	return clean
}

// sameSignIn compares settings by what they hold; == compares secrets by
// identity.
func sameSignIn(a, b signin.Settings) bool { return storeSignIn(a) == storeSignIn(b) }

// cleanPEM gives text the line ends of this system's tools.
func cleanPEM(text string) string {
	text = strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text))
	if text != "" {
		text += "\n"
	}
	return text
}
