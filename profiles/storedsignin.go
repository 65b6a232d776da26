package profiles

import (
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/signin"
)

// wayWords are the ways to sign in as they are written.
var wayWords = map[signin.Way]string{
	signin.SharedAccessKey:   "sharedAccessKey",
	signin.SharedAccessToken: "sharedAccessToken",
	signin.ClientSecret:      "clientSecret",
	signin.ClientCertificate: "clientCertificate",
	signin.ManagedIdentity:   "managedIdentity",
	signin.AzureCLI:          "azureCLI",
	signin.DeviceCode:        "deviceCode",
	signin.Browser:           "browser",
	signin.Anonymous:         "anonymous",
}

// identityWords are the selectors of a managed identity as they are written.
var identityWords = map[signin.IdentityKind]string{
	signin.SystemAssigned: "",
	signin.ByClientID:     "clientID",
	signin.ByObjectID:     "objectID",
	signin.ByResourceID:   "resourceID",
}

// A storedSignIn is signin.Settings as they are written, secrets in clear.
type storedSignIn struct {
	Way         string `json:"way,omitempty"`
	KeyName     string `json:"keyName,omitempty"`
	Key         string `json:"key,omitempty"`
	Lifetime    int64  `json:"lifetime,omitempty"` // seconds
	Token       string `json:"token,omitempty"`
	Tenant      string `json:"tenant,omitempty"`
	ClientID    string `json:"clientID,omitempty"`
	Secret      string `json:"secret,omitempty"`
	Certificate string `json:"certificate,omitempty"`
	Identity    string `json:"identity,omitempty"`
	IdentityID  string `json:"identityID,omitempty"`
	Authority   string `json:"authority,omitempty"`
	Audience    string `json:"audience,omitempty"`
}

func storeSignIn(s signin.Settings) storedSignIn {
	return storedSignIn{
		Way: wayWords[s.Way], KeyName: s.KeyName, Key: s.Key.Reveal(), Lifetime: int64(s.Lifetime / time.Second),
		Token: s.Token.Reveal(), Tenant: s.Tenant, ClientID: s.ClientID, Secret: s.Secret.Reveal(), Certificate: s.Certificate.Reveal(),
		Identity: identityWords[s.Identity], IdentityID: s.IdentityID, Authority: s.Authority, Audience: s.Audience,
	}
}

// settings returns what was stored; a word that no version wrote is errCorrupt.
func (s storedSignIn) settings() (signin.Settings, error) {
	way, known := wordOf(wayWords, s.Way)
	identity, knownIdentity := wordOf(identityWords, s.Identity)
	if s.Way != "" && !known || !knownIdentity || s.Lifetime < 0 || s.Lifetime > int64(maxLifetime/time.Second) {
		return signin.Settings{}, errCorrupt
	}
	secret := relayclient.NewSecret
	return signin.Settings{
		Way: way, KeyName: s.KeyName, Key: secret(s.Key), Lifetime: time.Duration(s.Lifetime) * time.Second,
		Token: secret(s.Token), Tenant: s.Tenant, ClientID: s.ClientID, Secret: secret(s.Secret), Certificate: secret(s.Certificate),
		Identity: identity, IdentityID: s.IdentityID, Authority: s.Authority, Audience: s.Audience,
	}, nil
}

func wordOf[K comparable](words map[K]string, word string) (K, bool) {
	for k, w := range words {
		if w == word {
			return k, true
		}
	}
	var none K
	return none, false
}
