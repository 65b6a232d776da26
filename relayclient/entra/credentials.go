package entra

import (
	"context"
	"errors"
	"os/exec"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	azcloud "github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"relayscope/relayclient"
)

// newProvider makes the provider for a credential of azidentity's.
func newProvider(cfg Config, source Source, credential azcore.TokenCredential, secrets ...relayclient.Secret) *Provider {
	p := &Provider{cfg: cfg, source: source, secrets: secrets}
	p.acquire = func(ctx context.Context) (azcore.AccessToken, error) {
		return credential.GetToken(ctx, policy.TokenRequestOptions{Scopes: p.scopes()})
	}
	return p
}

// authorityOptions lead to the configured authority. The one that a person has
// chosen is not looked up elsewhere first: that would take another host to be
// reachable, and tell nothing that TLS does not.
func (c Config) authorityOptions() azcore.ClientOptions {
	o := clientOptions(c.authorityTransport())
	o.Cloud = azcloud.Configuration{ActiveDirectoryAuthorityHost: c.Authority, Services: map[azcloud.ServiceName]azcloud.ServiceConfiguration{}}
	return o
}

// ClientSecret signs in as a service principal with a secret.
func ClientSecret(cfg Config, secret relayclient.Secret) (*Provider, error) {
	cfg = cfg.withDefaults()
	if err := cfg.checkPrincipal(); err != nil {
		return nil, err
	}
	if secret.Empty() {
		return nil, &Error{Kind: WrongSecret, Source: FromAuthority, Description: "no client secret is given"}
	}
	c, err := azidentity.NewClientSecretCredential(cfg.Tenant, cfg.ClientID, secret.Reveal(), &azidentity.ClientSecretCredentialOptions{
		ClientOptions: cfg.authorityOptions(), DisableInstanceDiscovery: true,
	})
	if err != nil {
		return nil, refused(err, secret)
	}
	return newProvider(cfg, FromAuthority, c, secret), nil
}

// AzureCLI asks the Azure CLI for tokens of the account that is signed in
// there or, where that is not installed and the Azure Developer CLI is, that
// one. It takes the cloud that the CLI is set to.
func AzureCLI(cfg Config) (*Provider, error) {
	cfg = cfg.withDefaults()
	cfg.ClientID = ""
	if !installed("az") && installed("azd") {
		c, err := azidentity.NewAzureDeveloperCLICredential(&azidentity.AzureDeveloperCLICredentialOptions{TenantID: cfg.Tenant})
		if err != nil {
			return nil, refused(err)
		}
		return newProvider(cfg, FromDeveloperCLI, c), nil
	}
	c, err := azidentity.NewAzureCLICredential(&azidentity.AzureCLICredentialOptions{TenantID: cfg.Tenant})
	if err != nil {
		return nil, refused(err)
	}
	return newProvider(cfg, FromCLI, c), nil
}

func installed(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

// DeviceCode lets a person sign in with a browser on any device.
func DeviceCode(cfg Config) (*Provider, error) {
	if cfg.Timeout <= 0 {
		cfg.Timeout = personTimeout
	}
	cfg = cfg.withDefaults()
	prompt := cfg.Prompt
	if prompt == nil {
		return nil, &Error{Kind: LoginNeeded, Source: FromAuthority, Description: "nobody can be shown a device code here"}
	}
	c, err := azidentity.NewDeviceCodeCredential(&azidentity.DeviceCodeCredentialOptions{
		ClientOptions: cfg.authorityOptions(), DisableInstanceDiscovery: true, TenantID: cfg.Tenant, ClientID: cfg.ClientID,
		UserPrompt: func(_ context.Context, m azidentity.DeviceCodeMessage) error {
			prompt(Prompt{URL: printable(m.VerificationURL), Code: printable(m.UserCode), Message: printable(m.Message)})
			return nil
		},
	})
	if err != nil {
		return nil, refused(err)
	}
	return newProvider(cfg, FromAuthority, c), nil
}

// Browser lets a person sign in with this computer's browser.
func Browser(cfg Config) (*Provider, error) {
	if cfg.Timeout <= 0 {
		cfg.Timeout = personTimeout
	}
	cfg = cfg.withDefaults()
	c, err := azidentity.NewInteractiveBrowserCredential(&azidentity.InteractiveBrowserCredentialOptions{
		ClientOptions: cfg.authorityOptions(), DisableInstanceDiscovery: true, TenantID: cfg.Tenant, ClientID: cfg.ClientID,
	})
	if err != nil {
		return nil, refused(err)
	}
	p := newProvider(cfg, FromAuthority, c)
	if acquire := p.acquire; cfg.Prompt != nil {
		p.acquire = func(ctx context.Context) (azcore.AccessToken, error) {
			if p.Identity().ObjectID == "" { // later tokens need nobody
				cfg.Prompt(Prompt{Message: "Sign in with the browser window that opens now."})
			}
			return acquire(ctx)
		}
	}
	return p, nil
}

// checkPrincipal finds what a service principal lacks.
func (c Config) checkPrincipal() error {
	switch {
	case c.Tenant == "":
		return &Error{Kind: UnknownTenant, Source: FromAuthority, Description: "no tenant is given"}
	case c.ClientID == "":
		return &Error{Kind: UnknownClient, Source: FromAuthority, Description: "no client ID is given"}
	}
	return nil
}

// refused says what azidentity does not accept of a Config.
func refused(err error, secrets ...relayclient.Secret) *Error {
	e := &Error{Source: FromAuthority, Description: conceal(printable(err.Error()), secrets...)}
	switch text := err.Error(); {
	case strings.Contains(text, "tenantID"):
		e.Kind, e.Description = UnknownTenant, "a tenant is an ID or a domain; this is neither"
	case strings.Contains(text, "authority host"):
		e.Err, e.Description = ErrAuthority, ""
	}
	return e
}

// ErrAuthority means that Config.Authority cannot be one.
var ErrAuthority = errors.New("the authority must be a URL that begins with https://")
