package profiles_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/signin"
)

// secret is a key of the usual shape that must never be seen.
const secret = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U="

func orders() profiles.Profile {
	return profiles.Profile{
		ID:               profiles.NewID(),
		Name:             "orders @ contoso",
		Namespace:        "contoso.servicebus.windows.net",
		HybridConnection: "orders",
		SignIn:           signin.Settings{Way: signin.SharedAccessKey, KeyName: "send-listen", Key: relayclient.NewSecret(secret)},
	}
}

func TestProfileShowsNoSecret(t *testing.T) {
	p := orders()
	p.CACertificates = "-----BEGIN PRIVATE KEY-----\nhidden\n"
	p.Proxy = relayclient.NewSecret("http://eve:" + secret + "@proxy.example:3128")
	var log strings.Builder
	for _, v := range []any{p, &p, []profiles.Profile{p}, struct{ P profiles.Profile }{p}, profiles.Entry{Profile: p}} {
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			got := fmt.Sprintf(format, v)
			if strings.Contains(got, secret) || strings.Contains(got, "hidden") {
				t.Errorf("Sprintf(%q, %T) shows a secret: %s", format, v, got)
			}
			if format != "%q" && !strings.Contains(got, "orders") && !strings.Contains(got, "0x") {
				t.Errorf("Sprintf(%q, %T) = %s, want the name", format, v, got)
			}
		}
		for _, h := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
			slog.New(h).Info("saved", "profile", v)
		}
		text, err := json.Marshal(v)
		if err != nil || strings.Contains(string(text), secret) || !strings.Contains(string(text), "[redacted]") {
			t.Errorf("json.Marshal(%T) = %s, %v; want a redacted key", v, text, err)
		}
	}
	if strings.Contains(log.String(), secret) {
		t.Errorf("the log shows the key: %s", log.String())
	}
	if got := p.String(); !strings.Contains(got, "[redacted]") {
		t.Errorf("String() = %s, want a redacted key", got)
	}
}

func TestProfileConnectionString(t *testing.T) {
	want := "Endpoint=sb://contoso.servicebus.windows.net/;SharedAccessKeyName=send-listen;SharedAccessKey=" + secret + ";EntityPath=orders"
	if got := orders().ConnectionString().Reveal(); got != want {
		t.Errorf("ConnectionString().Reveal() = %q, want %q", got, want)
	}
}

func TestProfileDuplicate(t *testing.T) {
	p := orders()
	d := p.Duplicate("staging")
	if d.ID == p.ID || d.ID == "" || d.Name != "staging" {
		t.Errorf("Duplicate = %v, want a new ID and the new name", d)
	}
	d.ID, d.Name = p.ID, p.Name
	if !reflect.DeepEqual(d, p) {
		t.Errorf("Duplicate changed more than ID and name: got %v, want %v", d, p)
	}
}
