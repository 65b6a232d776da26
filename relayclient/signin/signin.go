// Package signin is the way in which one role, listener or sender, gets its
// tokens: what a person chose and filled in, and the token provider made of it.
package signin

import (
	"time"

	"relayscope/relayclient"
)

// A Way is a way to sign in.
type Way int

// The ways. The zero Way is not chosen yet, which is none of them.
const (
	SharedAccessKey   Way = 1 + iota // SAS policy and key
	SharedAccessToken                // a SAS token, ready made
	ClientSecret                     // service principal with a secret
	ClientCertificate                // service principal with a certificate
	ManagedIdentity
	AzureCLI
	DeviceCode
	Browser
	Anonymous // no token; senders only
)

// An IdentityKind says what selects a managed identity.
type IdentityKind int

// The selectors.
const (
	SystemAssigned IdentityKind = iota
	ByClientID
	ByObjectID
	ByResourceID
)

// Settings are what a way to sign in needs. Fields that Way does not use are
// empty. Printing or logging Settings shows no secret.
type Settings struct {
	Way Way

	KeyName  string             // SharedAccessKey: SharedAccessKeyName
	Key      relayclient.Secret // SharedAccessKey: primary or secondary key
	Lifetime time.Duration      // SharedAccessKey: of each token; 0 is relayclient.DefaultTokenLifetime
	Token    relayclient.Secret // SharedAccessToken: the token

	Tenant      string             // Entra ways: tenant ID or domain; optional except for a service principal
	ClientID    string             // service principal: application (client) ID; DeviceCode and Browser: "" is the Azure CLI's
	Secret      relayclient.Secret // ClientSecret: the secret; ClientCertificate: the passphrase, if any
	Certificate relayclient.Secret // ClientCertificate: PEM text with its key, or base64 of PFX

	Identity   IdentityKind // ManagedIdentity
	IdentityID string       // ManagedIdentity: the ID that Identity asks for

	Authority string // Entra ways: "" is the cloud's
	Audience  string // Entra ways: "" is the cloud's
}
