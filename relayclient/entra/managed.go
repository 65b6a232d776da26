package entra

import (
	"context"
	"errors"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/managedidentity"
)

// A Selector chooses one of a machine's managed identities. At most one field
// is set; the zero Selector stands for the system-assigned one.
type Selector struct {
	ClientID   string
	ObjectID   string
	ResourceID string
}

func (s Selector) kind() azidentity.ManagedIDKind {
	switch {
	case s.ClientID != "":
		return azidentity.ClientID(s.ClientID)
	case s.ObjectID != "":
		return azidentity.ObjectID(s.ObjectID)
	case s.ResourceID != "":
		return azidentity.ResourceID(s.ResourceID)
	}
	return nil
}

// ManagedSource returns where this process would get tokens of a managed
// identity, by its environment. FromVM is what remains if nothing else is
// configured, and need not exist.
func ManagedSource() Source {
	source, err := managedidentity.GetSource()
	if err != nil {
		return 0
	}
	switch source {
	case managedidentity.AppService:
		return FromAppService
	case managedidentity.AzureArc:
		return FromArc
	case managedidentity.ServiceFabric:
		return FromServiceFabric
	case managedidentity.AzureML:
		return FromMachineLearning
	case managedidentity.CloudShell:
		return FromCloudShell
	}
	if os.Getenv(federatedTokenFile) != "" {
		return FromWorkload
	}
	return FromVM
}

// ManagedIdentity signs in as an identity of the machine or service that runs
// this program. Tenant, ClientID, Authority, RootCAs and Proxy of cfg mean
// nothing to it, but for the last three to a workload identity. The environment
// is read now.
func ManagedIdentity(cfg Config, id Selector) (*Provider, error) {
	cfg = cfg.withDefaults()
	cfg.Tenant, cfg.ClientID = "", id.ClientID
	source := ManagedSource()
	if source == FromWorkload {
		return workloadIdentity(cfg, id)
	}
	transport := cfg.metadataTransport()
	options := clientOptions(transport)
	if source == FromServiceFabric { // its certificate is pinned, which only a plain client can be
		options.Transport = &http.Client{Transport: direct()}
	}
	credential, err := azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{ClientOptions: options, ID: id.kind()})
	if err != nil {
		e := &Error{Kind: SelectorUnsupported, Source: source, Description: printable(err.Error())}
		if id == (Selector{}) {
			e.Kind = 0
		}
		return nil, e
	}
	p := newProvider(cfg, source, credential)
	p.check = func(got Identity) *Error { return id.check(got) }
	var answered atomic.Bool
	p.acquire = func(ctx context.Context) (azcore.AccessToken, error) {
		if source == FromVM && !answered.Load() {
			if err := probe(ctx, transport); err != nil {
				return azcore.AccessToken{}, err
			}
			answered.Store(true)
		}
		// What azidentity remembers is shared by the whole process and outlives
		// a change of the identity. Claims, which go nowhere here, pass it by.
		return credential.GetToken(ctx, policy.TokenRequestOptions{Scopes: p.scopes(), Claims: "{}"})
	}
	return p, nil
}

// check finds out whether the token is of the identity that was chosen. An
// agent that is too old ignores the choice and gives another.
func (s Selector) check(got Identity) *Error {
	for _, pair := range [][2]string{{s.ClientID, got.AppID}, {s.ObjectID, got.ObjectID}, {s.ResourceID, got.ResourceID}} {
		if pair[0] != "" && pair[1] != "" && !strings.EqualFold(strings.TrimRight(pair[0], "/"), strings.TrimRight(pair[1], "/")) {
			return &Error{Kind: OtherIdentity, Source: got.Source, Description: "the token is of " + got.String()}
		}
	}
	return nil
}

// metadataService is the instance metadata service of every VM in Azure.
const metadataService = "http://169.254.169.254/metadata/identity/oauth2/token"

// probeTime is how long the metadata service has to show that it is there. It
// is on the VM's own host and answers within milliseconds.
const probeTime = 2 * time.Second

var errNoMetadata = errors.New("the metadata service did not answer")

// probe asks whether there is a metadata service. Without the header that it
// wants it refuses, and any answer will do.
func probe(ctx context.Context, t http.RoundTripper) error {
	limited, cancel := context.WithTimeoutCause(ctx, probeTime, errNoMetadata)
	defer cancel()
	req, err := http.NewRequestWithContext(limited, http.MethodGet, metadataService, nil)
	if err != nil {
		return err
	}
	resp, err := t.RoundTrip(req)
	switch {
	case err == nil:
		resp.Body.Close()
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case limited.Err() != nil:
		err = errNoMetadata
	}
	return &Error{Kind: NoManagedIdentity, Source: FromVM, Host: req.URL.Host, Err: inner(err)}
}

// keyFolder is where Azure Arc keeps the files that prove who is asking.
func keyFolder() string {
	if runtime.GOOS == "windows" {
		return os.Getenv("ProgramData") + `\AzureConnectedMachineAgent\Tokens\`
	}
	return "/var/opt/azcmagent/tokens/"
}
