package entratest

import (
	"crypto/sha1"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A Managed is a managed identity. The first one of a Metadata is the
// system-assigned one.
type Managed struct {
	ClientID, ObjectID, ResourceID string
}

// A Metadata stands in for an endpoint of managed identities.
type Metadata struct {
	*httptest.Server
	authority  *Authority
	flavour    flavour
	identities []Managed
	keyFile    string

	mu     sync.Mutex
	answer http.HandlerFunc
	asked  []url.Values
}

// A flavour is how one of the endpoints wants to be asked.
type flavour struct {
	version, resourceID string // "" if it does not ask for any
	header, value       string
}

var (
	vm         = flavour{"2018-02-01", "msi_res_id", "Metadata", "true"}
	appService = flavour{"2019-08-01", "mi_res_id", "X-Identity-Header", "endpoint-secret"}
	arc        = flavour{"2020-06-01", "msi_res_id", "Metadata", "true"}
	fabric     = flavour{"2019-07-01-preview", "", "Secret", "endpoint-secret"}
	learning   = flavour{"2017-09-01", "", "Secret", "endpoint-secret"}
	shell      = flavour{"", "", "Metadata", "true"}
)

// NewVM starts the metadata service of a VM. Requests reach it through its
// Transport only.
func NewVM(t testing.TB, a *Authority, identities ...Managed) *Metadata {
	return start(t, a, vm, identities)
}

// NewAppService starts the endpoint of App Service and sets its environment.
func NewAppService(t testing.TB, a *Authority, identities ...Managed) *Metadata {
	m := start(t, a, appService, identities)
	t.Setenv("IDENTITY_ENDPOINT", m.URL+"/msi/token")
	t.Setenv("IDENTITY_HEADER", appService.value)
	return m
}

// KeyFolder is where the agent of Azure Arc keeps its key files on Linux.
const KeyFolder = "/var/opt/azcmagent/tokens"

// NewArc starts the agent of Azure Arc and sets its environment. It demands
// the content of keyFile, whether or not there is such a file.
func NewArc(t testing.TB, a *Authority, keyFile string, identities ...Managed) *Metadata {
	m := start(t, a, arc, identities)
	m.keyFile = keyFile
	t.Setenv("IDENTITY_ENDPOINT", m.URL+"/metadata/identity/oauth2/token")
	t.Setenv("IMDS_ENDPOINT", m.URL)
	return m
}

// NewServiceFabric starts the endpoint of Service Fabric, whose certificate
// clients must pin, and sets its environment.
func NewServiceFabric(t testing.TB, a *Authority, identity Managed) *Metadata {
	t.Helper()
	m := &Metadata{authority: a, flavour: fabric, identities: []Managed{identity}}
	m.Server = httptest.NewTLSServer(m)
	t.Cleanup(m.Close)
	t.Setenv("IDENTITY_ENDPOINT", m.URL)
	t.Setenv("IDENTITY_HEADER", fabric.value)
	t.Setenv("IDENTITY_SERVER_THUMBPRINT", fmt.Sprintf("%x", sha1.Sum(m.Certificate().Raw)))
	return m
}

// NewMachineLearning starts the endpoint of Azure Machine Learning and sets its
// environment.
func NewMachineLearning(t testing.TB, a *Authority, identities ...Managed) *Metadata {
	m := start(t, a, learning, identities)
	t.Setenv("MSI_ENDPOINT", m.URL)
	t.Setenv("MSI_SECRET", learning.value)
	return m
}

// NewCloudShell starts the endpoint of Cloud Shell and sets its environment.
func NewCloudShell(t testing.TB, a *Authority, identity Managed) *Metadata {
	m := start(t, a, shell, []Managed{identity})
	t.Setenv("MSI_ENDPOINT", m.URL)
	return m
}

func start(t testing.TB, a *Authority, f flavour, identities []Managed) *Metadata {
	t.Helper()
	m := &Metadata{authority: a, flavour: f, identities: identities}
	m.Server = httptest.NewServer(m)
	t.Cleanup(m.Close)
	return m
}

// Answer makes h answer every further request in the endpoint's place.
func (m *Metadata) Answer(h http.HandlerFunc) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answer = h
}

// Asked returns the queries of all requests so far.
func (m *Metadata) Asked() []url.Values {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]url.Values(nil), m.asked...)
}

// Transport leads what is meant for a VM's metadata service here. Nothing else
// gets anywhere.
func (m *Metadata) Transport() http.RoundTripper {
	return towards(strings.TrimPrefix(m.URL, "http://"))
}

type towards string

func (t towards) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Host == "169.254.169.254" {
		req = req.Clone(req.Context())
		req.URL.Host = string(t)
	}
	return (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
}

func (m *Metadata) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm() // what cannot be read lacks what is asked for below
	q := r.Form
	m.mu.Lock()
	m.asked = append(m.asked, q)
	answer := m.answer
	m.mu.Unlock()
	switch {
	case answer != nil:
		answer(w, r)
	case r.Header.Get(m.flavour.header) != m.flavour.value:
		write(w, 400, map[string]any{"error": "invalid_request", "error_description": "Required metadata header not specified"})
	case q.Get("api-version") != m.flavour.version:
		write(w, 400, map[string]any{"error": "bad_request_102", "error_description": "Required API version not specified"})
	case m.keyFile != "" && r.Header.Get("Authorization") == "":
		w.Header().Set("WWW-Authenticate", "Basic realm="+m.keyFile)
		w.WriteHeader(http.StatusUnauthorized)
	case m.keyFile != "" && !m.proves(r.Header.Get("Authorization")):
		w.WriteHeader(http.StatusUnauthorized)
	default:
		m.issue(w, q)
	}
}

// proves reports whether the content of the key file is in the header.
func (m *Metadata) proves(authorization string) bool {
	content, err := os.ReadFile(m.keyFile)
	return err == nil && authorization == "Basic "+string(content)
}

func (m *Metadata) issue(w http.ResponseWriter, q url.Values) {
	found := -1
	for i, id := range m.identities {
		switch {
		case q.Get("client_id")+q.Get("clientid") != "":
			if !strings.EqualFold(q.Get("client_id")+q.Get("clientid"), id.ClientID) {
				continue
			}
		case q.Get("object_id") != "":
			if !strings.EqualFold(q.Get("object_id"), id.ObjectID) {
				continue
			}
		case m.flavour.resourceID != "" && q.Get(m.flavour.resourceID) != "":
			if !strings.EqualFold(q.Get(m.flavour.resourceID), id.ResourceID) {
				continue
			}
		}
		found = i
		break
	}
	if found < 0 {
		write(w, 400, map[string]any{"error": "invalid_request", "error_description": "Identity not found"})
		return
	}
	id := m.identities[found]
	text, expires := m.authority.Token(id.ObjectID, q.Get("resource"), map[string]any{"appid": id.ClientID, "xms_mirid": id.ResourceID, "idtyp": "app"})
	write(w, 200, map[string]any{ // numbers come as strings
		"access_token": text, "token_type": "Bearer", "resource": q.Get("resource"), "client_id": id.ClientID, "object_id": id.ObjectID, m.flavour.resourceID: id.ResourceID,
		"expires_on": strconv.FormatInt(expires.Unix(), 10), "expires_in": "3600", "not_before": "0",
	})
}
