// Package entratest stands in for what issues tokens, for tests: the authority
// of Microsoft Entra ID over TLS, and the endpoints of managed identities on
// this machine. Their tokens are good for a local relay that believes
// Authority.Issuer. No network is needed.
//
// Modelled are discovery, the grants for client secrets, client assertions,
// device codes and browsers, the endpoints of VMs, App Service, Azure Arc,
// Service Fabric, Azure Machine Learning and Cloud Shell, and how they refuse.
// Client assertions are only compared, and the codes of browsers not checked.
package entratest

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// Tenant is the only tenant that an Authority knows.
const Tenant = "5e0a1f3c-7d2b-4c1e-9a44-0d9c8b7a6f51"

// A Client is an application that an Authority knows.
type Client struct {
	ID       string // application (client) ID
	ObjectID string // of its service principal; rights are given to it
	Name     string
	Secret   string

	Federated string // the one client assertion that it trusts; "" trusts all
}

// A Refusal is an answer in a token's place.
type Refusal struct {
	Status      int    // 0 means 400
	Code        int    // AADSTS number
	Word        string // such as invalid_client
	Description string // "" means "Not today."
}

// An Authority issues tokens. Its methods are safe for concurrent use.
type Authority struct {
	*httptest.Server
	t      testing.TB
	issuer *localrelaytest.Issuer

	mu       sync.Mutex
	clients  map[string]Client
	refusal  *Refusal
	lifetime time.Duration
	tokens   int           // issued
	asked    int           // requests for a token
	hold     chan struct{} // requests for a token wait until it is closed
	approved bool          // a person has entered the device code
	scopes   []string
}

// NewAuthority starts an authority that lives as long as the test. It knows no
// client yet.
func NewAuthority(t testing.TB) *Authority {
	t.Helper()
	a := &Authority{t: t, issuer: localrelaytest.NewIssuer(t), clients: map[string]Client{}, lifetime: time.Hour}
	a.issuer.Issuer.Rights = maps.Clone(a.issuer.Issuer.Rights)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{tenant}/v2.0/.well-known/openid-configuration", a.discover)
	mux.HandleFunc("POST /{tenant}/oauth2/v2.0/token", a.token)
	mux.HandleFunc("POST /{tenant}/oauth2/v2.0/devicecode", a.deviceCode)
	a.Server = httptest.NewTLSServer(mux)
	t.Cleanup(func() {
		a.Release()
		a.Close()
	})
	return a
}

// Issuer is what a local relay must believe. It is complete once all clients
// have been added.
func (a *Authority) Issuer() localrelay.Issuer { return a.issuer.Issuer }

// Allow makes rights those of the holder with an object ID.
func (a *Authority) Allow(objectID string, rights localrelay.Rights) {
	a.issuer.Issuer.Rights[objectID] = rights
}

// Roots trusts the authority, and nothing else.
func (a *Authority) Roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.Certificate())
	return pool
}

// CertificatePEM is what Roots trusts.
func (a *Authority) CertificatePEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Certificate().Raw})
}

// Add makes the authority know a client.
func (a *Authority) Add(c Client) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.clients[c.ID] = c
}

// Refuse makes every further request for a token fail; nil makes an end of it.
func (a *Authority) Refuse(r *Refusal) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refusal = r
}

// SetLifetime changes how long further tokens are good for.
func (a *Authority) SetLifetime(d time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lifetime = d
}

// Hold keeps every further request for a token waiting until Release.
func (a *Authority) Hold() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.hold == nil {
		a.hold = make(chan struct{})
	}
}

// Release lets those go that Hold has kept.
func (a *Authority) Release() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.hold != nil {
		close(a.hold)
		a.hold = nil
	}
}

// Approve is the person who enters the device code.
func (a *Authority) Approve() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.approved = true
}

// Asked returns how many requests for a token there were.
func (a *Authority) Asked() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.asked
}

// Scopes returns what tokens were asked for, in order.
func (a *Authority) Scopes() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]string(nil), a.scopes...)
}

// Token makes a token for a holder with any claims beside the usual ones.
func (a *Authority) Token(objectID, audience string, claims map[string]any) (text string, expires time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tokens++
	now := time.Now()
	expires = now.Add(a.lifetime).Truncate(time.Second)
	all := map[string]any{
		"iss": a.issuer.Name, "aud": audience, "oid": objectID, "sub": objectID, "tid": Tenant, "ver": "1.0",
		"iat": now.Unix(), "nbf": now.Add(-time.Minute).Unix(), "exp": expires.Unix(), "uti": fmt.Sprint(a.tokens),
	}
	maps.Copy(all, claims)
	return a.issuer.Sign(a.t, all), expires
}

func (a *Authority) discover(w http.ResponseWriter, r *http.Request) {
	tenant := r.PathValue("tenant")
	if tenant != Tenant && tenant != "organizations" {
		refuse(w, Refusal{Code: 90002, Word: "invalid_tenant", Description: "Tenant '" + tenant + "' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud."})
		return
	}
	base := a.URL + "/" + tenant
	write(w, 200, map[string]any{
		"issuer": base + "/v2.0", "token_endpoint": base + "/oauth2/v2.0/token",
		"authorization_endpoint": base + "/oauth2/v2.0/authorize", "device_authorization_endpoint": base + "/oauth2/v2.0/devicecode",
	})
}

func (a *Authority) token(w http.ResponseWriter, r *http.Request) {
	id, grant := r.FormValue("client_id"), r.FormValue("grant_type")
	a.mu.Lock()
	client, known := a.clients[id]
	refusal, hold, approved := a.refusal, a.hold, a.approved
	a.asked++
	a.scopes = append(a.scopes, r.FormValue("scope"))
	a.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-r.Context().Done():
			return
		}
	}
	audience := strings.TrimSuffix(strings.Fields(r.FormValue("scope") + " x")[0], "/.default")
	switch {
	case refusal != nil:
		refuse(w, *refusal)
	case !known:
		refuse(w, Refusal{Code: 700016, Word: "unauthorized_client", Description: "Application with identifier '" + id + "' was not found in the directory 'Contoso'."})
	case strings.HasSuffix(grant, "device_code") && !approved:
		refuse(w, Refusal{Code: 70016, Word: "authorization_pending", Description: "OAuth 2.0 device flow error. Authorization is pending."})
	case strings.HasSuffix(grant, "device_code"), grant == "authorization_code":
		a.person(w, r, client, audience)
	case client.Federated != "" && r.FormValue("client_assertion") != client.Federated:
		refuse(w, Refusal{Status: 401, Code: 700213, Word: "invalid_client", Description: "No matching federated identity record found for presented assertion subject 'system:serviceaccount:default:other'."})
	case grant == "client_credentials" && strings.Count(r.FormValue("client_assertion"), ".") != 2 && (client.Secret == "" || r.FormValue("client_secret") != client.Secret):
		refuse(w, Refusal{Status: 401, Code: 7000215, Word: "invalid_client", Description: "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID."})
	default:
		text, expires := a.Token(client.ObjectID, audience, map[string]any{"appid": client.ID, "appidacr": "1", "app_displayname": client.Name, "idtyp": "app"})
		write(w, 200, map[string]any{"token_type": "Bearer", "access_token": text, "expires_in": int(time.Until(expires).Seconds())})
	}
}

// person answers for a person who has signed in.
func (a *Authority) person(w http.ResponseWriter, r *http.Request, client Client, audience string) {
	text, expires := a.Token(client.ObjectID, audience, map[string]any{"appid": client.ID, "upn": client.Name, "scp": "user_impersonation", "idtyp": "user"})
	part := func(v any) string {
		data, err := json.Marshal(v)
		if err != nil {
			a.t.Error(err)
		}
		return base64.RawURLEncoding.EncodeToString(data)
	}
	idToken := part(map[string]any{"alg": "none"}) + "." + part(map[string]any{
		"iss": a.URL + "/" + Tenant + "/v2.0", "aud": client.ID, "oid": client.ObjectID, "tid": Tenant, "preferred_username": client.Name,
		"exp": expires.Unix(), "iat": time.Now().Unix(),
	}) + "."
	write(w, 200, map[string]any{
		"token_type": "Bearer", "access_token": text, "expires_in": int(time.Until(expires).Seconds()), "scope": r.FormValue("scope"), "refresh_token": "refresh",
		"id_token": idToken, "client_info": part(map[string]any{"uid": client.ObjectID, "utid": Tenant}),
	})
}

func (a *Authority) deviceCode(w http.ResponseWriter, r *http.Request) {
	write(w, 200, map[string]any{
		"user_code": "ABCD1234", "device_code": "device", "verification_uri": "https://microsoft.com/devicelogin", "expires_in": 900, "interval": 1,
		"message": "To sign in, use a web browser to open the page https://microsoft.com/devicelogin and enter the code ABCD1234 to authenticate.",
	})
}

// refuse answers as Entra does.
func refuse(w http.ResponseWriter, r Refusal) {
	if r.Status == 0 {
		r.Status = http.StatusBadRequest
	}
	if r.Description == "" {
		r.Description = "Not today."
	}
	text := r.Description
	codes := []int{}
	if r.Code != 0 {
		text = fmt.Sprintf("AADSTS%d: %s Trace ID: 11f0 Correlation ID: 22f0 Timestamp: 2026-01-01 00:00:00Z", r.Code, r.Description)
		codes = append(codes, r.Code)
	}
	write(w, r.Status, map[string]any{"error": r.Word, "error_description": text, "error_codes": codes, "trace_id": "11f0", "correlation_id": "22f0"})
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that has left needs nothing
}
