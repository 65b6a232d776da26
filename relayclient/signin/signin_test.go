package signin_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/entra"
	"relayscope/relayclient/entra/entratest"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
	"relayscope/relayclient/signin"
)

func TestSettingsPrintNoSecret(t *testing.T) {
	const hidden = "hunter2-hunter2"
	s := signin.Settings{
		Way: signin.ClientSecret, KeyName: "policy", Key: relayclient.NewSecret(hidden), Lifetime: time.Hour, Token: relayclient.NewSecret(hidden),
		Tenant: "contoso.example", ClientID: "app", Secret: relayclient.NewSecret(hidden), Certificate: relayclient.NewSecret(hidden),
	}
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	logger.Info("x", "settings", s, "pointer", &s, "list", []signin.Settings{s})
	encoded, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	type holder struct{ inside signin.Settings }
	for name, text := range map[string]string{
		"%v": fmt.Sprintf("%v", s), "%+v": fmt.Sprintf("%+v", s), "%#v": fmt.Sprintf("%#v", s), "pointer": fmt.Sprintf("%v %+v", &s, &s),
		"inside of another": fmt.Sprintf("%+v %#v", holder{s}, holder{s}), "log": log.String(), "JSON": string(encoded),
	} {
		if strings.Contains(text, hidden) {
			t.Errorf("%s shows a secret: %s", name, text)
		}
	}
	if got := s.String(); !strings.Contains(got, "way=client secret") || !strings.Contains(got, "tenant=contoso.example") || !strings.Contains(got, "key=[redacted]") {
		t.Errorf("prints as %q", got)
	}
}

func TestSharedAccessKeySaysWhatItSignsFor(t *testing.T) {
	s := signin.Settings{Way: signin.SharedAccessKey, KeyName: "send", Key: relayclient.NewSecret("key"), Lifetime: 10 * time.Minute}
	p, err := signin.New(s, signin.Options{Namespace: "contoso.servicebus.windows.net:443", HybridConnection: "orders"})
	if err != nil {
		t.Fatal(err)
	}
	who := p.Who()
	if who.String() != "policy send" || who.Resource != "http://contoso.servicebus.windows.net/orders" {
		t.Errorf("it is %v, for %q", who, who.Resource)
	}
	token, err := p.Token(t.Context(), who.Resource)
	if err != nil {
		t.Fatal(err)
	}
	if left := time.Until(token.Expires); left > 10*time.Minute || left < 9*time.Minute {
		t.Errorf("the token lasts %v, want ten minutes", left)
	}
}

func TestReadyMadeTokenCountsDownAndEnds(t *testing.T) {
	sas := func(se string) relayclient.Secret {
		return relayclient.NewSecret("SharedAccessSignature sr=" + url.QueryEscape("http://contoso.servicebus.windows.net/orders") + "&sig=c2ln%3d&se=" + se + "&skn=send%20only")
	}
	soon := time.Now().Add(time.Hour).Truncate(time.Second)
	for name, tt := range map[string]struct {
		token   relayclient.Secret
		expires time.Time
		keyName string
		expired bool
	}{
		"good":         {sas(fmt.Sprint(soon.Unix())), soon, "send only", false},
		"over":         {sas("1000000000"), time.Unix(1000000000, 0), "send only", true},
		"milliseconds": {sas(fmt.Sprint(soon.UnixMilli())), time.Time{}, "send only", false},
		"no number":    {sas("soon"), time.Time{}, "send only", false},
		"no token":     {relayclient.NewSecret("nonsense"), time.Time{}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := signin.New(signin.Settings{Way: signin.SharedAccessToken, Token: tt.token}, signin.Options{Namespace: "contoso.servicebus.windows.net"})
			if err != nil {
				t.Fatal(err)
			}
			if who := p.Who(); !who.Expires.Equal(tt.expires) || who.KeyName != tt.keyName {
				t.Errorf("it is %+v until %v, want %q until %v", who.KeyName, who.Expires, tt.keyName, tt.expires)
			}
			token, err := p.Token(t.Context(), "")
			var over *signin.ExpiredTokenError
			if errors.As(err, &over) != tt.expired || tt.expired != errors.Is(err, relayclient.ErrNotRenewable) {
				t.Fatalf("error is %v, want expired: %v", err, tt.expired)
			}
			if !tt.expired && (token.Value.Reveal() != tt.token.Reveal() || !token.Expires.Equal(tt.expires)) {
				t.Errorf("the token was changed")
			}
		})
	}
}

func TestAnonymousHasNoProvider(t *testing.T) {
	p, err := signin.New(signin.Settings{Way: signin.Anonymous}, signin.Options{})
	if p != nil || err != nil {
		t.Errorf("got %v, %v, want neither", p, err)
	}
	var token relayclient.TokenProvider = p
	if token != nil {
		t.Error("as relayclient.Config.Token it is not nil")
	}
}

func TestNoWay(t *testing.T) {
	for _, way := range []signin.Way{0, -1, signin.Anonymous + 1} {
		if p, err := signin.New(signin.Settings{Way: way}, signin.Options{}); p != nil || !errors.Is(err, signin.ErrNoWay) {
			t.Errorf("%v: got %v, %v, want ErrNoWay", way, p, err)
		}
	}
}

// Wrong settings give no provider at all, not one that is nil inside.
func TestWrongSettingsGiveNoProvider(t *testing.T) {
	p, err := signin.New(signin.Settings{Way: signin.ClientSecret}, signin.Options{})
	var e *entra.Error
	if p != nil || !errors.As(err, &e) {
		t.Errorf("got %v, %v, want an *entra.Error alone", p, err)
	}
}

// Every way of Microsoft Entra ID goes to the authority and asks for the
// audience that the settings or the namespace's cloud name.
func TestClientSecretThroughTheRelay(t *testing.T) {
	const app, object, secret = "0a1b2c3d-0000-4000-8000-000000000001", "0a1b2c3d-0000-4000-8000-000000000002", "s3cret"
	a := entratest.NewAuthority(t)
	a.Add(entratest.Client{ID: app, ObjectID: object, Name: "Relay tester", Secret: secret})
	a.Allow(object, localrelay.Listen)
	r := localrelaytest.New(t, func(cfg *localrelay.Config) { cfg.Issuers = append(cfg.Issuers, a.Issuer()) })
	s := signin.Settings{Way: signin.ClientSecret, Tenant: entratest.Tenant, ClientID: app, Secret: relayclient.NewSecret(secret), Authority: a.URL}
	p, err := signin.New(s, signin.Options{Namespace: r.Namespace(), RootCAs: a.Roots()})
	if err != nil {
		t.Fatal(err)
	}
	l, err := relayclient.Listen(t.Context(), relayclient.Config{Namespace: r.Namespace(), HybridConnection: "hyco", RootCAs: r.RootCAs(), Token: p})
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	who := p.Who()
	if who.String() != "Relay tester (object "+object+")" || who.Way != signin.ClientSecret || who.Audience != "https://relay.azure.net/" {
		t.Errorf("it is %v for %q", who, who.Audience)
	}
}

func TestCloudOfTheNamespaceDecides(t *testing.T) {
	for namespace, want := range map[string]string{
		"contoso.servicebus.windows.net":      "https://relay.azure.net/",
		"contoso.servicebus.chinacloudapi.cn": "https://relay.chinacloudapi.cn",
	} {
		p, err := signin.New(signin.Settings{Way: signin.AzureCLI}, signin.Options{Namespace: namespace})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Who().Audience; got != want {
			t.Errorf("%s: audience %q, want %q", namespace, got, want)
		}
	}
}
