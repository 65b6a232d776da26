package profiles

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/signin"
)

// exportSamples have every way to sign in, and a marker in every secret that
// the way uses.
func exportSamples() []Profile {
	var list []Profile
	for way := signin.SharedAccessKey; way <= signin.Anonymous; way++ {
		p := Profile{
			ID: NewID(), Name: fmt.Sprint("orders, ", way), Group: "Production", Order: int(way), Namespace: "contoso.servicebus.windows.net", HybridConnection: "orders",
			SendSignIn: &signin.Settings{}, Proxy: relayclient.NewSecret("http://user:" + marker + "proxy@proxy.example:3128"),
		}
		mark(reflect.ValueOf(&p.SignIn).Elem(), 100*int(way))
		mark(reflect.ValueOf(p.SendSignIn).Elem(), 100*int(way)+50)
		p.SignIn.Way, p.SignIn.KeyName, p.SignIn.Lifetime = way, "listen", time.Hour
		p.SendSignIn.Way, p.SendSignIn.KeyName = signin.SharedAccessKey, "send"
		p.SignIn.Identity, p.SignIn.IdentityID = signin.ByClientID, "11111111-2222-3333-4444-555555555555"
		list = append(list, p.Normalize())
	}
	return list
}

func TestExportInClearHoldsNoSecret(t *testing.T) {
	list := exportSamples()
	text, err := Export(list, ExportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), marker) {
		t.Fatalf("a secret is in the export:\n%s", text)
	}
	back, err := OpenExport(text, relayclient.Secret{})
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range back {
		want, missing := withoutSecrets(list[i])
		if !e.Profile.sameAs(want) || !slices.Equal(e.Missing, missing) {
			t.Errorf("%s came back as %v, missing %v, want %v, %v", list[i].Name, e.Profile, e.Missing, want, missing)
		}
		if !slices.Contains(e.Missing, FieldProxy) || !slices.Contains(e.Missing, FieldKey.Sender()) {
			t.Errorf("%s misses %v, want the proxy and the sender's key among them", list[i].Name, e.Missing)
		}
	}
	if len(back) != len(list) {
		t.Errorf("%d profiles came back of %d", len(back), len(list))
	}
}

func TestExportInClearLeavesOutWhatMayHideASecret(t *testing.T) {
	p := Profile{
		ID: NewID(), Name: "x", Namespace: "Endpoint=sb://contoso.servicebus.windows.net/;SharedAccessKey=" + marker,
		CACertificates: "-----BEGIN PRIVATE KEY-----\n" + marker + "\n-----END PRIVATE KEY-----\n", Proxy: relayclient.NewSecret("user:" + marker + "@proxy"),
	}
	text, err := Export([]Profile{p}, ExportOptions{})
	if err != nil || strings.Contains(string(text), marker) {
		t.Fatalf("error %v; the export is\n%s", err, text)
	}
	back, err := OpenExport(text, relayclient.Secret{})
	if want := []Field{FieldNamespace, FieldCACertificates, FieldProxy}; err != nil || !slices.Equal(back[0].Missing, want) {
		t.Errorf("missing %v, error %v, want %v", back, err, want)
	}
}

func TestSealedExportGivesEverythingBack(t *testing.T) {
	list := exportSamples()
	passphrase := relayclient.NewSecret("correct horse battery")
	text, err := Export(list, ExportOptions{Passphrase: passphrase})
	if err != nil {
		t.Fatal(err)
	}
	if !SealedExport(text) || strings.Contains(string(text), marker) || strings.Contains(string(text), "contoso") {
		t.Fatal("the export is not sealed")
	}
	back, err := OpenExport(text, passphrase)
	if err != nil || len(back) != len(list) {
		t.Fatalf("%d profiles came back of %d, error %v", len(back), len(list), err)
	}
	for i, e := range back {
		if !e.Profile.sameAs(list[i]) || len(e.Missing) != 0 {
			t.Errorf("%s came back changed, or misses %v", list[i].Name, e.Missing)
		}
	}
	for name, tt := range map[string]struct {
		text       []byte
		passphrase string
		want       error
	}{
		"wrong passphrase": {text, "incorrect horse battery", ErrPassphrase},
		"no passphrase":    {text, "", ErrPassphrase},
		"cut off":          {text[:len(text)/2], passphrase.Reveal(), ErrDamaged},
	} {
		if _, err := OpenExport(tt.text, relayclient.NewSecret(tt.passphrase)); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

func TestShortPassphraseSealsNothing(t *testing.T) {
	for _, passphrase := range []string{"short", "eleven char", "   short      "} {
		if text, err := Export(nil, ExportOptions{Passphrase: relayclient.NewSecret(passphrase)}); !errors.Is(err, ErrWeakPassphrase) || text != nil {
			t.Errorf("%q: %v", passphrase, err)
		}
	}
}

func TestExportOfOthers(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		want error
	}{
		"newer":             {`{"format":"relayscope profiles","v":2,"profiles":{}}`, ErrNewer},
		"no format":         {`{"v":1,"profiles":[]}`, ErrDamaged},
		"unknown field":     {`{"format":"relayscope profiles","v":1,"profiles":[],"more":1}`, ErrDamaged},
		"bad ID":            {`{"format":"relayscope profiles","v":1,"profiles":[{"profile":{"id":"../x","name":"x","signIn":{}}}]}`, ErrDamaged},
		"no profile":        {`{"format":"relayscope profiles","v":1,"profiles":[{}]}`, ErrDamaged},
		"unknown secret":    {`{"format":"relayscope profiles","v":1,"profiles":[{"profile":{"id":"x","name":"x","signIn":{}},"missing":["all"]}]}`, ErrDamaged},
		"the same ID twice": {`{"format":"relayscope profiles","v":1,"profiles":[{"profile":{"id":"x","name":"x","signIn":{}}},{"profile":{"id":"x","name":"x","signIn":{}}}]}`, ErrDamaged},
	} {
		if _, err := OpenExport([]byte(tt.text), relayclient.Secret{}); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}
