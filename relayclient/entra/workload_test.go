package entra_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"relayscope/relayclient/entra"
	"relayscope/relayclient/entra/entratest"
)

// podToken is what a cluster puts into a pod, as far as anybody here looks.
const podToken = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQ6ZGVmYXVsdDpyZWxheSJ9.c2ln"

// pod makes this process believe that it is a pod of AKS with a workload
// identity, and returns the settings to sign in with and the token's file.
func pod(t *testing.T, a *entratest.Authority) (entra.Config, string) {
	t.Helper()
	plain(t)
	a.Add(entratest.Client{ID: appID, ObjectID: objectID, Name: "Relay tester", Federated: podToken})
	file := filepath.Join(t.TempDir(), "azure-identity-token")
	if err := os.WriteFile(file, []byte(podToken), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AZURE_FEDERATED_TOKEN_FILE", file)
	t.Setenv("AZURE_TENANT_ID", entratest.Tenant)
	t.Setenv("AZURE_CLIENT_ID", appID)
	return entra.Config{Authority: a.URL, RootCAs: a.Roots()}, file
}

func TestWorkloadIdentityReachesTheRelay(t *testing.T) {
	for name, id := range map[string]entra.Selector{"of the pod": {}, "by client ID": {ClientID: appID}} {
		t.Run(name, func(t *testing.T) {
			a := newAuthority(t)
			cfg, _ := pod(t, a)
			if id.ClientID != "" {
				t.Setenv("AZURE_CLIENT_ID", "0a1b2c3d-0000-4000-8000-0000000000ff")
			}
			p := ready(t)(entra.ManagedIdentity(cfg, id))
			wantMeeting(t, a, p)
			if got := p.Identity(); got.Source != entra.FromWorkload || got.ObjectID != objectID || got.Person {
				t.Errorf("identity is %+v, want %s by %v", got, objectID, entra.FromWorkload)
			}
		})
	}
}

func TestWorkloadIdentityThatCannot(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(t *testing.T, file string)
		id     entra.Selector
		want   entra.Kind
		below  error
	}{
		"another service account": {change: func(t *testing.T, file string) {
			if err := os.WriteFile(file, []byte("eyJhbGciOiJSUzI1NiJ9.e30.c2ln"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, want: entra.NotFederated},
		"no file": {change: func(t *testing.T, file string) {
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
		}, want: entra.KeyFileUnreadable, below: fs.ErrNotExist},
		"no client":        {change: func(t *testing.T, _ string) { t.Setenv("AZURE_CLIENT_ID", "") }, want: entra.NoManagedIdentity},
		"no tenant":        {change: func(t *testing.T, _ string) { t.Setenv("AZURE_TENANT_ID", "") }, want: entra.NoManagedIdentity},
		"unknown tenant":   {change: func(t *testing.T, _ string) { t.Setenv("AZURE_TENANT_ID", "fabrikam.example") }, want: entra.UnknownTenant},
		"unknown client":   {id: entra.Selector{ClientID: "0a1b2c3d-0000-4000-8000-0000000000ff"}, want: entra.UnknownClient},
		"by object ID":     {id: entra.Selector{ObjectID: objectID}, want: entra.SelectorUnsupported},
		"no tenant at all": {change: func(t *testing.T, _ string) { t.Setenv("AZURE_TENANT_ID", "a b") }, want: entra.UnknownTenant},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAuthority(t)
			cfg, file := pod(t, a)
			if tt.change != nil {
				tt.change(t, file)
			}
			p, err := entra.ManagedIdentity(cfg, tt.id)
			if err == nil {
				_, err = p.Token(t.Context(), "")
			}
			var e *entra.Error
			if !errors.As(err, &e) || e.Kind != tt.want || e.Source != entra.FromWorkload {
				t.Fatalf("error is %v, want %v by %v", err, tt.want, entra.FromWorkload)
			}
			if tt.below != nil && !errors.Is(err, tt.below) {
				t.Errorf("error is %v, want %v in it", err, tt.below)
			}
		})
	}
}
