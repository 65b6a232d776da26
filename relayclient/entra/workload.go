package entra

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// federatedTokenFile is the variable by which AKS tells a pod where the token
// of its service account is.
const federatedTokenFile = "AZURE_FEDERATED_TOKEN_FILE"

// workloadIdentity signs in as the identity that a pod's service account is
// federated with. The cluster renews the file.
func workloadIdentity(cfg Config, id Selector) (*Provider, error) {
	if id.ObjectID != "" || id.ResourceID != "" {
		return nil, &Error{Kind: SelectorUnsupported, Source: FromWorkload, Description: "a workload identity is chosen by its client ID"}
	}
	for _, name := range []string{"AZURE_TENANT_ID", "AZURE_CLIENT_ID"} {
		if os.Getenv(name) == "" && (name != "AZURE_CLIENT_ID" || id.ClientID == "") {
			return nil, &Error{Kind: NoManagedIdentity, Source: FromWorkload, Description: name + " is not set"}
		}
	}
	if id.ClientID == "" {
		cfg.ClientID = os.Getenv("AZURE_CLIENT_ID")
	}
	credential, err := azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{
		ClientOptions: cfg.authorityOptions(), DisableInstanceDiscovery: true, ClientID: cfg.ClientID,
	})
	if err != nil {
		e := refused(err)
		e.Source = FromWorkload
		return nil, e
	}
	p := newProvider(cfg, FromWorkload, credential)
	acquire, file := p.acquire, os.Getenv(federatedTokenFile)
	p.acquire = func(ctx context.Context) (azcore.AccessToken, error) {
		if err := readable(file); err != nil {
			return azcore.AccessToken{}, &Error{Kind: KeyFileUnreadable, Source: FromWorkload, Path: printable(file), Err: err}
		}
		return acquire(ctx)
	}
	return p, nil
}

// readable says why a file cannot be read, without its name.
func readable(path string) error {
	f, err := os.Open(path)
	if err == nil {
		_, err = f.Read(make([]byte, 1))
		f.Close()
	}
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	return err
}
