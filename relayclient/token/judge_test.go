package token_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/token"
)

func secret(text string) relayclient.Secret { return relayclient.NewSecret(text) }

// factNamed finds a fact that must be there once.
func factNamed(t *testing.T, facts []token.Fact, name string) token.Fact {
	t.Helper()
	var found []token.Fact
	for _, f := range facts {
		if f.Name == name {
			found = append(found, f)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d facts named %q in %+v", len(found), name, facts)
	}
	return found[0]
}

func wantFact(t *testing.T, facts []token.Fact, name string, verdict token.Verdict, why string) {
	t.Helper()
	if f := factNamed(t, facts, name); f.Verdict != verdict || !strings.Contains(f.Why, why) {
		t.Errorf("%s %q is %v (%s), want %v with %q", name, f.Value, f.Verdict, f.Why, verdict, why)
	}
}

var relay = token.Target{Namespace: "contoso.servicebus.windows.net", HybridConnection: "hyco", Permission: token.Listen, Tenant: tenant, Now: noon}

func TestJudgeSAS(t *testing.T) {
	for name, tt := range map[string]struct {
		resource, se string
		fact         string
		verdict      token.Verdict
		why          string
	}{
		"no scheme":            {"contoso.servicebus.windows.net%2Fhyco", "", "Resource", token.Wrong, "no scheme"},
		"encoded twice":        {"http%253A%252F%252Fcontoso.servicebus.windows.net%252Fhyco", "", "Resource", token.Wrong, "twice"},
		"other scheme":         {"ftp%3A%2F%2Fcontoso.servicebus.windows.net%2Fhyco", "", "Resource", token.Wrong, "scheme"},
		"scheme sb":            {"sb%3A%2F%2Fcontoso.servicebus.windows.net%2Fhyco", "", "Resource", token.Right, ""},
		"case of host":         {"http%3A%2F%2FCONTOSO.servicebus.windows.net%2FHYCO", "", "Namespace", token.Right, ""},
		"case of name":         {"http%3A%2F%2FCONTOSO.servicebus.windows.net%2FHYCO", "", "Scope", token.Right, ""},
		"other namespace":      {"http%3A%2F%2Ffabrikam.servicebus.windows.net%2Fhyco", "", "Namespace", token.Wrong, "another namespace"},
		"other cloud":          {"http%3A%2F%2Fcontoso.servicebus.chinacloudapi.cn%2Fhyco", "", "Namespace", token.Wrong, "another cloud"},
		"policy in the host":   {"http%3A%2F%2Flisten.contoso.servicebus.windows.net%2Fhyco", "", "Namespace", token.Wrong, "that of a policy"},
		"policy in the path":   {"http%3A%2F%2Fcontoso.servicebus.windows.net%2Fhyco%2Flisten", "", "Scope", token.Wrong, "name of the policy"},
		"something below":      {"http%3A%2F%2Fcontoso.servicebus.windows.net%2Fhyco%2Fa", "", "Scope", token.Wrong, "below hyco"},
		"other connection":     {"http%3A%2F%2Fcontoso.servicebus.windows.net%2Fhyc", "", "Scope", token.Wrong, "another hybrid connection"},
		"longer name":          {"http%3A%2F%2Fcontoso.servicebus.windows.net%2Fhyco2", "", "Scope", token.Wrong, "another hybrid connection"},
		"namespace":            {"http%3A%2F%2Fcontoso.servicebus.windows.net", "", "Scope", token.Right, "every hybrid connection"},
		"port":                 {"http%3A%2F%2Fcontoso.servicebus.windows.net%3A443%2Fhyco", "", "Port", token.Right, "ignores"},
		"expired":              {vectorSR, "1764071999", "Expires", token.Wrong, "expired"},
		"milliseconds":         {vectorSR, "1924992000000", "Expires", token.Wrong, "milliseconds"},
		"no number":            {vectorSR, "2031-01-01", "Expires", token.Wrong, "whole number"},
		"good for two minutes": {vectorSR, "1795608120", "Expires", token.Right, "2 min"},
		"good for seconds":     {vectorSR, "1795608030", "Expires", token.Right, "30 s only"},
		"right of a policy":    {vectorSR, "", "Right", token.NotCheckable, "Listen"},
		"policy":               {vectorSR, "", "Policy", token.NotCheckable, ""},
		"signature":            {vectorSR, "", "Signature", token.Wrong, "base64"},
		"escapes":              {"http://contoso.servicebus.windows.net/hyco", "", "Escapes", token.NotCheckable, "not percent-encoded"},
	} {
		t.Run(name, func(t *testing.T) {
			se := tt.se
			if se == "" {
				se = vectorExpiry
			}
			got := mustRead(t, sasText(tt.resource, "x", se, "listen"))
			wantFact(t, got.Judge(relay), tt.fact, tt.verdict, tt.why)
		})
	}
}

func TestJudgeSASAgainstNothing(t *testing.T) {
	facts := mustRead(t, vectorToken).Judge(token.Target{Now: noon})
	for _, name := range []string{"Namespace", "Scope", "Policy", "Right", "Signature"} {
		wantFact(t, facts, name, token.NotCheckable, "")
	}
	if token.Worst(facts) == token.Wrong {
		t.Errorf("something is wrong with %+v", facts)
	}
}

// A whole-segment prefix of the path is good for what is below it.
func TestJudgeSASOfPathAbove(t *testing.T) {
	at := relay
	at.HybridConnection = "hyco/orders"
	wantFact(t, mustRead(t, vectorToken).Judge(at), "Scope", token.Right, "below")
	at.HybridConnection = "hyco-orders"
	wantFact(t, mustRead(t, vectorToken).Judge(at), "Scope", token.Wrong, "another")
}

func TestJudgeJWT(t *testing.T) {
	china := relay
	china.Namespace = "contoso.servicebus.chinacloudapi.cn"
	government := relay
	government.Namespace = "contoso.servicebus.usgovcloudapi.net"
	own := relay
	own.Namespace = "localhost:8443"
	chosen := own
	chosen.Audience, chosen.Authority = "https://relay.example", "https://login.example/"
	domain := relay
	domain.Tenant = "contoso.test"
	nothing := token.Target{Now: noon}
	for name, tt := range map[string]struct {
		target  token.Target
		changes map[string]any
		fact    string
		verdict token.Verdict
		why     string
	}{
		"audience":                      {relay, nil, "Audience", token.Right, "Azure Relay"},
		"audience without slash":        {relay, map[string]any{"aud": "https://relay.azure.net"}, "Audience", token.Right, ""},
		"audience in a list":            {relay, map[string]any{"aud": []string{"x", "https://relay.azure.net"}}, "Audience", token.Right, ""},
		"audience of Service Bus":       {relay, map[string]any{"aud": "https://servicebus.azure.net/"}, "Audience", token.Wrong, "classic mistake"},
		"audience of Graph, no target":  {nothing, map[string]any{"aud": "00000003-0000-0000-c000-000000000000"}, "Audience", token.NotCheckable, "good audience"},
		"audience, no target":           {nothing, nil, "Audience", token.NotCheckable, "no target"},
		"audience of something":         {relay, map[string]any{"aud": "api://x"}, "Audience", token.Wrong, "https://relay.azure.net/"},
		"audience missing":              {relay, map[string]any{"aud": nil}, "Audience", token.Wrong, "for whom"},
		"audience, own relay":           {own, map[string]any{"aud": "api://x"}, "Audience", token.NotCheckable, "no known cloud"},
		"Service Bus, own relay":        {own, map[string]any{"aud": "https://servicebus.azure.net"}, "Audience", token.NotCheckable, "Azure Service Bus"},
		"audience chosen":               {chosen, map[string]any{"aud": "https://relay.example/"}, "Audience", token.Right, "chosen"},
		"audience not chosen":           {chosen, nil, "Audience", token.Wrong, "https://relay.example"},
		"audience, government":          {government, nil, "Audience", token.Right, ""},
		"audience, China":               {china, map[string]any{"aud": "https://relay.chinacloudapi.cn"}, "Audience", token.Right, ""},
		"public audience, China":        {china, nil, "Audience", token.NotCheckable, "not established"},
		"issuer":                        {relay, nil, "Issuer", token.Right, "Azure public"},
		"issuer v2":                     {relay, map[string]any{"iss": "https://login.microsoftonline.com/" + tenant + "/v2.0"}, "Issuer", token.Right, ""},
		"issuer of China":               {relay, map[string]any{"iss": "https://sts.chinacloudapi.cn/" + tenant + "/"}, "Issuer", token.Wrong, "Azure China"},
		"issuer in China":               {china, map[string]any{"iss": "https://sts.chinacloudapi.cn/" + tenant + "/"}, "Issuer", token.Right, ""},
		"issuer of somebody":            {relay, map[string]any{"iss": "https://login.microsoftonline.com.evil.test/" + tenant}, "Issuer", token.Wrong, "not an issuer"},
		"issuer in clear":               {relay, map[string]any{"iss": "http://sts.windows.net/" + tenant + "/"}, "Issuer", token.Wrong, "https"},
		"issuer missing":                {relay, map[string]any{"iss": nil}, "Issuer", token.Wrong, ""},
		"issuer chosen":                 {chosen, map[string]any{"iss": "https://login.example/" + tenant + "/"}, "Issuer", token.Right, "chosen"},
		"issuer not chosen":             {chosen, nil, "Issuer", token.Wrong, "chosen"},
		"issuer, own relay":             {own, nil, "Issuer", token.NotCheckable, ""},
		"version":                       {relay, nil, "Version", token.NotCheckable, "resource decides"},
		"version against issuer":        {relay, map[string]any{"ver": "2.0"}, "Version", token.Wrong, "other version"},
		"tenant":                        {relay, nil, "Tenant", token.Right, ""},
		"another tenant":                {relay, map[string]any{"tid": otherTenant, "iss": "https://sts.windows.net/" + otherTenant + "/"}, "Tenant", token.Wrong, tenant},
		"tenant against issuer":         {relay, map[string]any{"tid": otherTenant}, "Tenant", token.Wrong, "issuer names another"},
		"tenant by domain":              {domain, nil, "Tenant", token.NotCheckable, "domain"},
		"tenant, no target":             {nothing, nil, "Tenant", token.NotCheckable, "subscription"},
		"tenant is no GUID":             {relay, map[string]any{"tid": "common"}, "Tenant", token.Wrong, "not the ID"},
		"identity":                      {relay, nil, "Managed identity", token.NotCheckable, ""},
		"application":                   {relay, nil, "Application ID", token.NotCheckable, "certificate"},
		"roles in Azure":                {relay, nil, "Right", token.NotCheckable, "Azure Relay Listener"},
		"roles of the application":      {relay, map[string]any{"roles": []string{"a", "b"}}, "Roles of the application", token.NotCheckable, "does not look"},
		"scopes":                        {relay, map[string]any{"scp": "user_impersonation"}, "Scopes", token.NotCheckable, "does not look"},
		"issued":                        {relay, nil, "Issued", token.Right, "60 min ago"},
		"issued in the future":          {relay, map[string]any{"iat": noon.Add(time.Hour).Unix()}, "Issued", token.Wrong, "clock"},
		"issued in the future a little": {relay, map[string]any{"iat": noon.Add(time.Minute).Unix()}, "Issued", token.Right, "differ a little"},
		"not yet":                       {relay, map[string]any{"nbf": noon.Add(time.Hour).Unix()}, "Not before", token.Wrong, "60 min"},
		"not yet, a little":             {relay, map[string]any{"nbf": noon.Add(time.Minute).Unix()}, "Not before", token.Right, "differ a little"},
		"good already":                  {relay, nil, "Not before", token.Right, ""},
		"expires":                       {relay, nil, "Expires", token.Right, "23 h 0 min"},
		"expired":                       {relay, map[string]any{"exp": noon.Unix()}, "Expires", token.Wrong, "expired"},
		"expiry missing":                {relay, map[string]any{"exp": nil}, "Expires", token.Wrong, "does not say"},
		"expiry in milliseconds":        {relay, map[string]any{"exp": noon.UnixMilli()}, "Expires", token.Wrong, "milliseconds"},
		"expiry is text":                {relay, map[string]any{"exp": "tomorrow"}, "Malformed", token.Wrong, "type"},
		"algorithm":                     {relay, nil, "Algorithm", token.Right, ""},
		"signature":                     {relay, nil, "Signature", token.NotCheckable, "fetched"},
	} {
		t.Run(name, func(t *testing.T) {
			got := mustRead(t, unsignedJWT(t, rs256, with(v1(), tt.changes)))
			wantFact(t, got.Judge(tt.target), tt.fact, tt.verdict, tt.why)
		})
	}
}

func TestJudgeJWTHeader(t *testing.T) {
	for name, tt := range map[string]struct {
		header  map[string]any
		fact    string
		verdict token.Verdict
	}{
		"none":            {map[string]any{"alg": "none", "kid": "k"}, "Algorithm", token.Wrong},
		"shared secret":   {map[string]any{"alg": "HS256", "kid": "k"}, "Algorithm", token.Wrong},
		"missing":         {map[string]any{"kid": "k"}, "Algorithm", token.Wrong},
		"elliptic curves": {map[string]any{"alg": "ES256", "kid": "k"}, "Algorithm", token.NotCheckable},
		"no key":          {map[string]any{"alg": "RS256"}, "Key", token.Wrong},
		"only x5t":        {map[string]any{"alg": "RS256", "x5t": "k"}, "Key", token.NotCheckable},
		"nonce":           {map[string]any{"alg": "RS256", "kid": "k", "nonce": "n"}, "Signature", token.NotCheckable},
	} {
		t.Run(name, func(t *testing.T) {
			wantFact(t, mustRead(t, unsignedJWT(t, tt.header, v1())).Judge(relay), tt.fact, tt.verdict, "")
		})
	}
}

// The token of a stranger is no worse than one for another audience.
func TestForeignTokenIsNotInvalid(t *testing.T) {
	got := mustRead(t, unsignedJWT(t, rs256, with(v1(), map[string]any{"aud": "https://graph.microsoft.com"})))
	for _, f := range got.Judge(relay) {
		if (f.Verdict == token.Wrong) != (f.Name == "Audience") {
			t.Errorf("%s is %v: %s", f.Name, f.Verdict, f.Why)
		}
	}
}

func TestRulesOfTarget(t *testing.T) {
	for name, tt := range map[string]struct {
		target    token.Target
		audiences []string
		tenants   []string
		authority string
	}{
		"nothing":     {token.Target{}, nil, nil, ""},
		"public":      {relay, []string{"https://relay.azure.net/"}, []string{tenant}, "https://login.microsoftonline.com/"},
		"China":       {token.Target{Namespace: "c.servicebus.chinacloudapi.cn"}, []string{"https://relay.chinacloudapi.cn", "https://relay.azure.net/"}, nil, "https://login.partner.microsoftonline.cn/"},
		"own relay":   {token.Target{Namespace: "localhost:8443", Tenant: "contoso.test"}, nil, nil, ""},
		"overridden":  {token.Target{Namespace: relay.Namespace, Audience: "a", Authority: "https://b/"}, []string{"a"}, nil, "https://b/"},
		"no override": {token.Target{Namespace: "localhost", Audience: "a"}, []string{"a"}, nil, ""},
	} {
		got := tt.target.Rules()
		if !slices.Equal(got.Audiences, tt.audiences) || !slices.Equal(got.Tenants, tt.tenants) || got.Authority != tt.authority || !got.IgnoreSlash {
			t.Errorf("%s: rules are %+v", name, got)
		}
	}
}
