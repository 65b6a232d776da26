package entra_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient/entra"
	"relayscope/relayclient/entra/entratest"
)

const resourceID = "/subscriptions/S/resourcegroups/G/providers/Microsoft.ManagedIdentity/userAssignedIdentities/relay-tester"

var (
	system = entratest.Managed{ClientID: "0a1b2c3d-0000-4000-8000-0000000000aa", ObjectID: "0a1b2c3d-0000-4000-8000-0000000000ab", ResourceID: "/subscriptions/S/resourcegroups/G/providers/Microsoft.Compute/virtualMachines/vm1"}
	user   = entratest.Managed{ClientID: appID, ObjectID: objectID, ResourceID: resourceID}
)

// plain clears what would make this process believe to run somewhere else.
func plain(t *testing.T) {
	t.Helper()
	for _, name := range []string{"DEFAULT_IDENTITY_CLIENT_ID", "IDENTITY_ENDPOINT", "IDENTITY_HEADER", "IDENTITY_SERVER_THUMBPRINT", "IMDS_ENDPOINT", "MSI_ENDPOINT", "MSI_SECRET",
		"AZURE_FEDERATED_TOKEN_FILE", "AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_AUTHORITY_HOST"} {
		t.Setenv(name, "")
	}
}

// keyFile writes a key file where the agent of Azure Arc keeps them.
func keyFile(t *testing.T) string {
	t.Helper()
	if err := os.MkdirAll(entratest.KeyFolder, 0o755); err != nil {
		t.Fatal(noKeyFolder(err))
	}
	f, err := os.CreateTemp(entratest.KeyFolder, "relayscope-*.key")
	if err != nil {
		t.Fatal(noKeyFolder(err))
	}
	t.Cleanup(func() { // folders that others use are not empty, and stay
		os.Remove(f.Name())
		os.Remove(entratest.KeyFolder)
		os.Remove(filepath.Dir(entratest.KeyFolder))
	})
	if _, err := f.WriteString("proof of who asks"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return f.Name()
}

// noKeyFolder says what these tests need.
func noKeyFolder(err error) string {
	return fmt.Sprintf("%v\nThe key files of Azure Arc have one place, in every program that reads them, and the test must be allowed to write one there.\n"+
		"Run the tests as root, or once: sudo install -d -o \"$USER\" %s", err, entratest.KeyFolder)
}

func TestManagedIdentityReachesTheRelay(t *testing.T) {
	for place, start := range map[entra.Source]func(*testing.T, *entratest.Authority) *entratest.Metadata{
		entra.FromVM: func(t *testing.T, a *entratest.Authority) *entratest.Metadata {
			return entratest.NewVM(t, a, system, user)
		},
		entra.FromAppService: func(t *testing.T, a *entratest.Authority) *entratest.Metadata {
			return entratest.NewAppService(t, a, system, user)
		},
		entra.FromArc: func(t *testing.T, a *entratest.Authority) *entratest.Metadata {
			return entratest.NewArc(t, a, keyFile(t), system, user)
		},
	} {
		for name, tt := range map[string]struct {
			id   entra.Selector
			want entratest.Managed
		}{
			"system":         {entra.Selector{}, system},
			"by client ID":   {entra.Selector{ClientID: strings.ToUpper(appID)}, user},
			"by object ID":   {entra.Selector{ObjectID: objectID}, user},
			"by resource ID": {entra.Selector{ResourceID: resourceID}, user},
		} {
			t.Run(place.String()+"/"+name, func(t *testing.T) {
				plain(t)
				a := newAuthority(t)
				a.Allow(system.ObjectID, a.Issuer().Rights["both"])
				m := start(t, a)
				cfg := entra.Config{Timeout: 10 * time.Second}
				if place == entra.FromVM {
					cfg.Metadata = m.Transport()
				}
				// Proxies are for others: this one would break every request.
				t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
				p := ready(t)(entra.ManagedIdentity(cfg, tt.id))
				wantMeeting(t, a, p)
				got := p.Identity()
				if got.Source != place || got.ObjectID != tt.want.ObjectID || got.AppID != tt.want.ClientID || got.ResourceID != tt.want.ResourceID || got.Person {
					t.Errorf("identity is %+v, want %+v by %v", got, tt.want, place)
				}
				if got.Name != tt.want.ResourceID[strings.LastIndex(tt.want.ResourceID, "/")+1:] {
					t.Errorf("name is %q, want that of the resource", got.Name)
				}
				for _, q := range m.Asked() {
					if r := q.Get("resource"); r != "" && r != "https://relay.azure.net" {
						t.Errorf("asked for %q", r)
					}
				}
			})
		}
	}
}

// Sources that choose by less, or not at all.
func TestOtherSourcesReachTheRelay(t *testing.T) {
	for place, tt := range map[entra.Source]struct {
		start func(*testing.T, *entratest.Authority)
		id    entra.Selector
	}{
		entra.FromServiceFabric:   {func(t *testing.T, a *entratest.Authority) { entratest.NewServiceFabric(t, a, user) }, entra.Selector{}},
		entra.FromCloudShell:      {func(t *testing.T, a *entratest.Authority) { entratest.NewCloudShell(t, a, user) }, entra.Selector{}},
		entra.FromMachineLearning: {func(t *testing.T, a *entratest.Authority) { entratest.NewMachineLearning(t, a, system, user) }, entra.Selector{ClientID: appID}},
	} {
		t.Run(place.String(), func(t *testing.T) {
			plain(t)
			a := newAuthority(t)
			tt.start(t, a)
			p := ready(t)(entra.ManagedIdentity(entra.Config{}, tt.id))
			wantMeeting(t, a, p)
			if got := p.Identity(); got.Source != place || got.ObjectID != objectID {
				t.Errorf("identity is %+v by %v, want %s by %v", got, got.Source, objectID, place)
			}
		})
	}
}

func TestServiceFabricWithAnotherCertificate(t *testing.T) {
	plain(t)
	entratest.NewServiceFabric(t, newAuthority(t), user)
	t.Setenv("IDENTITY_SERVER_THUMBPRINT", strings.Repeat("00", 20))
	got := refusal(t, ready(t)(entra.ManagedIdentity(entra.Config{}, entra.Selector{})))
	if got.Source != entra.FromServiceFabric || !strings.Contains(got.Error(), "thumbprint") {
		t.Errorf("got %v, want that the certificate is another one", got)
	}
}

func TestMachineWithoutManagedIdentityIsToldAtOnce(t *testing.T) {
	plain(t)
	l, err := net.Listen("tcp", "127.0.0.1:0") // accepts and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for name, tt := range map[string]struct {
		to   string
		most time.Duration
	}{"refused": {"127.0.0.1:1", time.Second}, "silent": {l.Addr().String(), 3 * time.Second}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := ready(t)(entra.ManagedIdentity(entra.Config{Metadata: towards(tt.to)}, entra.Selector{}))
			began := time.Now()
			got := refusal(t, p)
			if got.Kind != entra.NoManagedIdentity || got.Err == nil {
				t.Errorf("got %v, want no managed identity", got)
			}
			if took := time.Since(began); took > tt.most {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// towards leads every request to one address.
type towards string

func (to towards) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.URL.Host = string(to)
	return (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
}

func TestEveryRefusalOfAMetadataServiceHasItsKind(t *testing.T) {
	plain(t)
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	const description = `{"error":"invalid_request","error_description":"%s"}`
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		id     entra.Selector
		want   entra.Kind
	}{
		"no system identity":   {answer(400, fmt.Sprintf(description, "Identity not found")), entra.Selector{}, entra.IdentityNotFound},
		"not assigned":         {answer(400, fmt.Sprintf(description, "Identity not found")), entra.Selector{ClientID: appID}, entra.IdentityNotFound},
		"several":              {answer(400, fmt.Sprintf(description, "Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request")), entra.Selector{}, entra.SeveralIdentities},
		"wrong audience":       {answer(400, `{"error":"invalid_resource","error_description":"AADSTS500011: The resource principal named https://x was not found in the tenant."}`), entra.Selector{}, entra.WrongAudience},
		"container's proxy":    {answer(403, "connecting to 169.254.169.254:80: dial: A socket operation was attempted to an unreachable network."), entra.Selector{}, entra.MetadataBlocked},
		"proxy's 502":          {answer(502, "<html>Bad Gateway</html>"), entra.Selector{}, entra.MetadataBlocked},
		"proxy's 504":          {answer(504, ""), entra.Selector{}, entra.MetadataBlocked},
		"throttled":            {answer(429, `{"error":"too_many_requests"}`), entra.Selector{}, 0},
		"nothing that is read": {answer(200, "<html>"), entra.Selector{}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := entratest.NewVM(t, entratest.NewAuthority(t))
			m.Answer(tt.answer)
			p := ready(t)(entra.ManagedIdentity(entra.Config{Metadata: m.Transport()}, tt.id))
			if got := refusal(t, p); got.Kind != tt.want || got.Source != entra.FromVM || got.Status == 0 {
				t.Errorf("got kind %v, status %d: %v; want %v", got.Kind, got.Status, got, tt.want)
			}
		})
	}
}

func TestKeyFileOfArcCannotBeRead(t *testing.T) {
	for name, tt := range map[string]struct {
		path string
		want entra.Kind
		err  error
	}{
		"missing":      {filepath.Join(entratest.KeyFolder, "missing.key"), entra.KeyFileUnreadable, fs.ErrNotExist},
		"other folder": {"/etc/ssl/private.key", 0, nil},
		"other file":   {filepath.Join(entratest.KeyFolder, "passwd"), 0, nil},
		"upwards":      {entratest.KeyFolder + "/../x.key", 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			plain(t)
			entratest.NewArc(t, newAuthority(t), tt.path, system)
			got := refusal(t, ready(t)(entra.ManagedIdentity(entra.Config{}, entra.Selector{})))
			if got.Kind != tt.want || got.Source != entra.FromArc || (tt.err != nil && (!errors.Is(got, tt.err) || got.Path != tt.path)) {
				t.Errorf("got %v with path %q, want %v and %v", got, got.Path, tt.want, tt.err)
			}
		})
	}
}

// An agent that is too old does not know user-assigned identities, and gives
// a token of the system's.
func TestArcThatIgnoresTheChoice(t *testing.T) {
	plain(t)
	a := newAuthority(t)
	m := entratest.NewArc(t, a, keyFile(t), system)
	serve := m.Server.Config.Handler
	m.Answer(nil)
	m.Server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		q.Del("client_id")
		r.URL.RawQuery = q.Encode()
		serve.ServeHTTP(w, r)
	})
	got := refusal(t, ready(t)(entra.ManagedIdentity(entra.Config{}, entra.Selector{ClientID: appID})))
	if got.Kind != entra.OtherIdentity {
		t.Errorf("got %v, want another identity", got)
	}
}

func TestAppServiceThatIgnoresTheChoice(t *testing.T) {
	plain(t)
	a := newAuthority(t)
	m := entratest.NewAppService(t, a, system)
	text, _ := a.Token(system.ObjectID, "https://relay.azure.net", map[string]any{"appid": system.ClientID})
	m.Answer(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"access_token":%q,"token_type":"Bearer","expires_on":"%d"}`, text, time.Now().Add(time.Hour).Unix())
	})
	got := refusal(t, ready(t)(entra.ManagedIdentity(entra.Config{}, entra.Selector{ObjectID: objectID})))
	if got.Kind != entra.OtherIdentity || !strings.Contains(got.Description, system.ObjectID) {
		t.Errorf("got %v, want another identity, named", got)
	}
}

func TestSourceThatCannotChoose(t *testing.T) {
	plain(t)
	t.Setenv("MSI_ENDPOINT", "http://127.0.0.1:1")
	_, err := entra.ManagedIdentity(entra.Config{}, entra.Selector{ClientID: appID})
	var e *entra.Error
	if !errors.As(err, &e) || e.Kind != entra.SelectorUnsupported || e.Source != entra.FromCloudShell {
		t.Errorf("got %v, want that Cloud Shell cannot choose", err)
	}
}

// A changed identity must show at once, not what azidentity remembers.
func TestNewProviderAsksAnew(t *testing.T) {
	plain(t)
	a := newAuthority(t)
	m := entratest.NewVM(t, a, user)
	cfg := entra.Config{Metadata: m.Transport()}
	first := token(t, ready(t)(entra.ManagedIdentity(cfg, entra.Selector{})))
	second := token(t, ready(t)(entra.ManagedIdentity(cfg, entra.Selector{})))
	if first.Value.Reveal() == second.Value.Reveal() {
		t.Error("the second provider got the token of the first")
	}
}
