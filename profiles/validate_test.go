package profiles_test

import (
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"testing"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/signin"
)

func TestValidateAcceptsWhatPeoplePaste(t *testing.T) {
	for _, endpoint := range []string{
		"contoso.servicebus.windows.net",
		" contoso.servicebus.windows.net\n",
		"sb://contoso.servicebus.windows.net/",
		"SB://Contoso.ServiceBus.windows.net",
		"https://contoso.servicebus.windows.net:443/",
		`"sb://contoso.servicebus.windows.net/"`,
		"wss://contoso.servicebus.windows.net/$hc",
		"wss://contoso.servicebus.windows.net/$hc/orders",
		"wss://contoso.servicebus.windows.net/$hc/orders?sb-hc-action=connect&sb-hc-token=" + secret,
		"https://contoso.servicebus.windows.net/Orders",
	} {
		p := orders()
		p.Namespace = endpoint
		if err := p.Validate(); err != nil {
			t.Errorf("endpoint %q: %v", endpoint, err)
		}
		if got, want := p.Normalize().Namespace, orders().Namespace; got != want {
			t.Errorf("endpoint %q normalizes to %q, want %q", endpoint, got, want)
		}
		if p.HybridConnection = ""; strings.Contains(strings.ToLower(endpoint), "orders") {
			if got := p.Normalize().HybridConnection; !strings.EqualFold(got, "orders") {
				t.Errorf("endpoint %q fills the hybrid connection with %q, want orders", endpoint, got)
			}
		}
	}
	local := orders()
	local.LocalRelay, local.Namespace = true, ""
	if err := local.Validate(); err != nil {
		t.Errorf("local relay without endpoint: %v", err)
	}
}

func TestValidateNamesTheField(t *testing.T) {
	certificate := string(certificates(t, 1))
	for name, tt := range map[string]struct {
		change func(*profiles.Profile)
		field  profiles.Field
		want   string // part of the message
	}{
		"no name":            {func(p *profiles.Profile) { p.Name = " " }, profiles.FieldName, "has no name"},
		"long name":          {func(p *profiles.Profile) { p.Name = strings.Repeat("é", 101) }, profiles.FieldName, "longer than 100"},
		"line break in name": {func(p *profiles.Profile) { p.Name = "a\nb" }, profiles.FieldName, "line break"},
		"name is not text":   {func(p *profiles.Profile) { p.Name = "a\xffb" }, profiles.FieldName, "invisible"},
		"no endpoint":        {func(p *profiles.Profile) { p.Namespace = "" }, profiles.FieldNamespace, "missing"},
		"endpoint port":      {func(p *profiles.Profile) { p.Namespace = "contoso.net:99999" }, profiles.FieldNamespace, "port"},
		"endpoint host":      {func(p *profiles.Profile) { p.Namespace = "con toso" }, profiles.FieldNamespace, "not a valid name"},
		"endpoint scheme":    {func(p *profiles.Profile) { p.Namespace = "amqps://contoso.net/" }, profiles.FieldNamespace, "sb://, https:// or wss://"},
		"endpoint user":      {func(p *profiles.Profile) { p.Namespace = "sb://me:" + secret + "@contoso.net/" }, profiles.FieldNamespace, "user name"},
		"endpoint conflict":  {func(p *profiles.Profile) { p.Namespace = "wss://contoso.net/$hc/billing" }, profiles.FieldNamespace, "another hybrid connection"},
		"endpoint no host":   {func(p *profiles.Profile) { p.Namespace = "sb:///orders" }, profiles.FieldNamespace, "not an address"},
		"endpoint is string": {func(p *profiles.Profile) { p.Namespace = "Endpoint=sb://c.net/;SharedAccessKey=" + secret }, profiles.FieldNamespace, "whole connection string"},
		"no connection":      {func(p *profiles.Profile) { p.HybridConnection = "/" }, profiles.FieldHybridConnection, "missing"},
		"connection query":   {func(p *profiles.Profile) { p.HybridConnection = "orders?x" }, profiles.FieldHybridConnection, "cannot have"},
		"connection hidden":  {func(p *profiles.Profile) { p.HybridConnection = "ord\u200bers" }, profiles.FieldHybridConnection, "invisible"},
		"no key name":        {func(p *profiles.Profile) { p.SignIn.KeyName = "" }, profiles.FieldKeyName, "missing"},
		"long key name":      {func(p *profiles.Profile) { p.SignIn.KeyName = strings.Repeat("a", 257) }, profiles.FieldKeyName, "longer than 256"},
		"key in key name":    {func(p *profiles.Profile) { p.SignIn.KeyName = secret }, profiles.FieldKeyName, "no policy's name has"},
		"no key":             {func(p *profiles.Profile) { p.SignIn.Key = relayclient.Secret{} }, profiles.FieldKey, "missing"},
		"long key":           {func(p *profiles.Profile) { p.SignIn.Key = relayclient.NewSecret(strings.Repeat(secret, 6)) }, profiles.FieldKey, "longer than 256"},
		"broken key":         {func(p *profiles.Profile) { p.SignIn.Key = relayclient.NewSecret(secret[:9] + "\n" + secret[9:]) }, profiles.FieldKey, "line break"},
		"more than the key":  {func(p *profiles.Profile) { p.SignIn.Key = relayclient.NewSecret(secret + ";EntityPath=o") }, profiles.FieldKey, "semicolon"},
		"hidden in key":      {func(p *profiles.Profile) { p.SignIn.Key = relayclient.NewSecret("\ufeff" + secret) }, profiles.FieldKey, "invisible"},
		"not PEM":            {func(p *profiles.Profile) { p.CACertificates = "hello" }, profiles.FieldCACertificates, "not whole PEM"},
		"half PEM":           {func(p *profiles.Profile) { p.CACertificates = certificate + certificate[:99] }, profiles.FieldCACertificates, "not whole PEM"},
		"private key": {func(p *profiles.Profile) {
			p.CACertificates = string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: []byte(secret)}))
		}, profiles.FieldCACertificates, "private key"},
		"public key": {func(p *profiles.Profile) {
			p.CACertificates = string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: []byte("x")}))
		}, profiles.FieldCACertificates, "Block 1"},
		"damaged certificate": {func(p *profiles.Profile) {
			p.CACertificates = certificate + string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")}))
		}, profiles.FieldCACertificates, "Certificate 2"},
		"proxy scheme":          {func(p *profiles.Profile) { p.Proxy = relayclient.NewSecret("socks4://me:" + secret + "@proxy") }, profiles.FieldProxy, "must begin with http://"},
		"proxy path":            {func(p *profiles.Profile) { p.Proxy = relayclient.NewSecret("proxy:3128/" + secret) }, profiles.FieldProxy, "after its host"},
		"proxy without host":    {func(p *profiles.Profile) { p.Proxy = relayclient.NewSecret("http://") }, profiles.FieldProxy, "no host"},
		"long proxy":            {func(p *profiles.Profile) { p.Proxy = relayclient.NewSecret(strings.Repeat(secret, 100)) }, profiles.FieldProxy, "too long"},
		"too many certificates": {func(p *profiles.Profile) { p.CACertificates = strings.Repeat(certificate, 200) }, profiles.FieldCACertificates, "larger than 64 kB"},
	} {
		t.Run(name, func(t *testing.T) {
			p := orders()
			tt.change(&p)
			err := p.Validate()
			var ve *profiles.ValidationError
			if !errors.As(err, &ve) || len(ve.Problems) != 1 || ve.Problems[0].Field != tt.field || !strings.Contains(ve.Message(tt.field), tt.want) {
				t.Fatalf("Validate() = %v, want one problem of the %v with %q", err, tt.field, tt.want)
			}
			if strings.Contains(err.Error(), secret) || !strings.HasSuffix(ve.Message(tt.field), ".") {
				t.Errorf("message = %q, want a sentence without the secret", ve.Message(tt.field))
			}
		})
	}
}

func TestValidateListsEveryProblemInOrder(t *testing.T) {
	p := profiles.Profile{Group: "a\nb", SignIn: signin.Settings{Way: signin.SharedAccessKey, Lifetime: 1},
		SendSignIn: &signin.Settings{Way: signin.ClientCertificate}, CACertificates: "x", Proxy: relayclient.NewSecret("/")}
	want := []profiles.Field{profiles.FieldName, profiles.FieldGroup, profiles.FieldNamespace, profiles.FieldHybridConnection,
		profiles.FieldKeyName, profiles.FieldKey, profiles.FieldTenant.Sender(), profiles.FieldClientID.Sender(), profiles.FieldCertificate.Sender(),
		profiles.FieldCACertificates, profiles.FieldProxy}
	var ve *profiles.ValidationError
	if err := p.Validate(); !errors.As(err, &ve) || len(ve.Problems) != len(want) {
		t.Fatalf("Validate() = %v, want %d problems", err, len(want))
	}
	for i, problem := range ve.Problems {
		if problem.Field != want[i] {
			t.Errorf("problem %d is of the %v, want the %v", i, problem.Field, want[i])
		}
	}
}

func FuzzNormalize(f *testing.F) {
	f.Add("n", "wss://contoso.net/$hc/$hc/orders?x", "", "k", secret, "a\r\r\nb", "proxy:3128", 1)
	f.Add("", `" "sb://[::1]:443/`, "//$hc/ /x", " ", "\t", "", " https://me@proxy/ ", 3)
	f.Add("", "https://a/b", "B", "", "", "", "", 4)
	f.Add("", "https://a/b", "B", someARM, "", "", "", 5)
	f.Fuzz(func(t *testing.T, name, namespace, hc, keyName, key, ca, proxy string, way int) {
		send := signin.Settings{Way: signin.Way(way), Tenant: keyName, ClientID: keyName, Token: relayclient.NewSecret(key), Secret: relayclient.NewSecret(key),
			Certificate: relayclient.NewSecret(ca), Identity: signin.IdentityKind(way % 4), IdentityID: keyName, Authority: namespace, Audience: namespace}
		p := profiles.Profile{Name: name, Namespace: namespace, HybridConnection: hc, SignIn: signin.Settings{Way: signin.SharedAccessKey, KeyName: keyName, Key: relayclient.NewSecret(key)},
			SendSignIn: &send, CACertificates: ca, Proxy: relayclient.NewSecret(proxy)}
		once := p.Normalize()
		twice := once.Normalize()
		if reveal(once) != reveal(twice) {
			t.Errorf("normalized once: %q\ntwice: %q", reveal(once), reveal(twice))
		}
		if (once.Validate() == nil) != (p.Validate() == nil) {
			t.Errorf("%q is valid only before or only after Normalize", reveal(p))
		}
		if once.Validate() == nil {
			if clean, err := relayclient.CleanNamespace(once.Namespace); err != nil || clean != once.Namespace {
				t.Errorf("accepted namespace %q, clean %q, %v", once.Namespace, clean, err)
			}
			if clean, err := relayclient.CleanHybridConnection(once.HybridConnection); err != nil || clean != once.HybridConnection {
				t.Errorf("accepted hybrid connection %q, clean %q, %v", once.HybridConnection, clean, err)
			}
		}
	})
}

// reveal makes profiles comparable: secrets compare by identity.
func reveal(p profiles.Profile) string {
	send := "the same"
	if p.SendSignIn != nil {
		send = revealSignIn(*p.SendSignIn)
	}
	return fmt.Sprintf("%q", []string{string(p.ID), p.Name, p.Group, p.Namespace, p.HybridConnection, revealSignIn(p.SignIn), send,
		p.CACertificates, p.Proxy.Reveal()})
}

func revealSignIn(s signin.Settings) string {
	return fmt.Sprintf("%+v %q", s, []string{s.Key.Reveal(), s.Token.Reveal(), s.Secret.Reveal(), s.Certificate.Reveal()})
}
