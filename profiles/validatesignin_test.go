package profiles_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/signin"
)

const (
	someID  = "11111111-2222-3333-4444-555555555555"
	someARM = "/subscriptions/" + someID + "/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/relay"
)

// valid returns settings of each way that are complete.
func valid() map[signin.Way]signin.Settings {
	key := relayclient.NewSecret(secret)
	return map[signin.Way]signin.Settings{
		signin.SharedAccessKey: {Way: signin.SharedAccessKey, KeyName: "send", Key: key, Lifetime: 20 * time.Minute},
		signin.SharedAccessToken: {Way: signin.SharedAccessToken,
			Token: relayclient.NewSecret("SharedAccessSignature sr=http%3a%2f%2fc.net%2fo&sig=x&se=1000000000&skn=k")},
		signin.ClientSecret: {Way: signin.ClientSecret, Tenant: "contoso.onmicrosoft.com", ClientID: someID, Secret: key,
			Authority: "https://login.example:8443/", Audience: "https://relay.azure.net/"},
		signin.ManagedIdentity: {Way: signin.ManagedIdentity, Audience: someID},
		signin.AzureCLI:        {Way: signin.AzureCLI, Tenant: someID},
		signin.DeviceCode:      {Way: signin.DeviceCode},
		signin.Browser:         {Way: signin.Browser, Tenant: "organizations", ClientID: someID, Audience: "api://relay.example/x"},
	}
}

func TestEveryWayIsAccepted(t *testing.T) {
	ways := valid()
	for way, s := range ways {
		p := orders()
		p.SignIn = s
		if err := p.Validate(); err != nil {
			t.Errorf("%v: %v", way, err)
		}
		p = orders()
		p.SendSignIn = &s
		if err := p.Validate(); err != nil {
			t.Errorf("%v, of the sender: %v", way, err)
		}
	}
	p := orders()
	for kind, id := range map[signin.IdentityKind]string{signin.ByClientID: someID, signin.ByObjectID: strings.ToUpper(someID), signin.ByResourceID: someARM} {
		p.SignIn = signin.Settings{Way: signin.ManagedIdentity, Identity: kind, IdentityID: " " + id + "\n"}
		if err := p.Validate(); err != nil {
			t.Errorf("managed identity %v: %v", kind, err)
		}
	}
}

func TestRolesOfAProfile(t *testing.T) {
	none, key := signin.Settings{Way: signin.Anonymous}, orders().SignIn
	for name, tt := range map[string]struct {
		listen signin.Settings
		send   *signin.Settings
		wrong  profiles.Field // 0: nothing
	}{
		"same for both":             {key, nil, 0},
		"anonymous sender":          {key, &none, 0},
		"only an anonymous sender":  {signin.Settings{}, &none, 0},
		"only a sender":             {signin.Settings{}, &key, 0},
		"anonymous listener":        {none, nil, profiles.FieldWay},
		"anonymous listener beside": {none, &key, profiles.FieldWay},
		"nothing chosen":            {signin.Settings{}, nil, profiles.FieldWay},
		"sender without a way":      {key, &signin.Settings{}, profiles.FieldWay.Sender()},
		"way from the future":       {signin.Settings{Way: 99}, nil, profiles.FieldWay},
	} {
		t.Run(name, func(t *testing.T) {
			p := orders()
			p.SignIn, p.SendSignIn = tt.listen, tt.send
			err := p.Validate()
			ve, invalid := errors.AsType[*profiles.ValidationError](err)
			if tt.wrong == 0 && err != nil || tt.wrong != 0 && (!invalid || len(ve.Problems) != 1 || ve.Problems[0].Field != tt.wrong) {
				t.Errorf("Validate() = %v, want a problem of the %v, or none", err, tt.wrong)
			}
			if tt.send != nil && p.SignInFor(relayclient.Sending).Way != tt.send.Way || p.SignInFor(relayclient.Listening).Way != tt.listen.Way {
				t.Error("SignInFor mixes the roles up")
			}
		})
	}
	p := orders()
	same := p.SignIn
	same.Key = relayclient.NewSecret(same.Key.Reveal() + " ")
	if p.SendSignIn = &same; p.Normalize().SendSignIn != nil {
		t.Error("a sender with the listener's settings keeps a copy of them")
	}
}

func TestValidateNamesTheFieldOfAWay(t *testing.T) {
	token := func(text string) func(*signin.Settings) {
		return func(s *signin.Settings) { s.Token = relayclient.NewSecret(text) }
	}
	hidden := func(text string) func(*signin.Settings) {
		return func(s *signin.Settings) { s.Secret = relayclient.NewSecret(text) }
	}
	tenant := func(text string) func(*signin.Settings) { return func(s *signin.Settings) { s.Tenant = text } }
	client := func(text string) func(*signin.Settings) { return func(s *signin.Settings) { s.ClientID = text } }
	identity := func(kind signin.IdentityKind, id string) func(*signin.Settings) {
		return func(s *signin.Settings) { s.Identity, s.IdentityID = kind, id }
	}
	for name, tt := range map[string]struct {
		way    signin.Way
		change func(*signin.Settings)
		field  profiles.Field
		want   string // part of the message
	}{
		"short lifetime":       {signin.SharedAccessKey, func(s *signin.Settings) { s.Lifetime = 59 * time.Second }, profiles.FieldLifetime, "shorter than a minute"},
		"negative lifetime":    {signin.SharedAccessKey, func(s *signin.Settings) { s.Lifetime = -time.Hour }, profiles.FieldLifetime, "shorter than a minute"},
		"endless lifetime":     {signin.SharedAccessKey, func(s *signin.Settings) { s.Lifetime = 1 << 62 }, profiles.FieldLifetime, "longer than ten years"},
		"no token":             {signin.SharedAccessToken, token(" "), profiles.FieldToken, "missing"},
		"key for token":        {signin.SharedAccessToken, token(secret), profiles.FieldToken, "does not look like a token"},
		"half a token":         {signin.SharedAccessToken, token("SharedAccessSignature sr=a&skn=" + secret), profiles.FieldToken, "not whole"},
		"token with odd end":   {signin.SharedAccessToken, token("SharedAccessSignature sr=a&sig=b&se=soon&skn=" + secret), profiles.FieldToken, "not a number"},
		"broken token":         {signin.SharedAccessToken, token("SharedAccessSignature sr=a&\nsig=b&se=1"), profiles.FieldToken, "line break"},
		"half a JWT":           {signin.SharedAccessToken, token("eyJhbGciOiJub25lIn0." + secret), profiles.FieldToken, "does not look like a token"},
		"endless token":        {signin.SharedAccessToken, token(strings.Repeat(secret, 400)), profiles.FieldToken, "longer than 16 kB"},
		"no tenant":            {signin.ClientSecret, tenant(""), profiles.FieldTenant, "missing"},
		"tenant's name":        {signin.ClientSecret, tenant("Contoso Ltd"), profiles.FieldTenant, "neither an ID nor a domain"},
		"common tenant":        {signin.ClientSecret, tenant("common"), profiles.FieldTenant, "cannot sign in"},
		"tenant of CLI":        {signin.AzureCLI, tenant("a/b"), profiles.FieldTenant, "neither an ID nor a domain"},
		"no client ID":         {signin.ClientSecret, client(""), profiles.FieldClientID, "missing"},
		"application's name":   {signin.Browser, client("my app"), profiles.FieldClientID, "not an ID"},
		"no secret":            {signin.ClientSecret, hidden(""), profiles.FieldSecret, "missing"},
		"ID of the secret":     {signin.ClientSecret, hidden(someID), profiles.FieldSecret, "not its value"},
		"broken secret":        {signin.ClientSecret, hidden("a\nb"), profiles.FieldSecret, "line break"},
		"endless secret":       {signin.ClientSecret, hidden(strings.Repeat(secret, 30)), profiles.FieldSecret, "too long"},
		"no identity":          {signin.ManagedIdentity, identity(signin.ByClientID, ""), profiles.FieldIdentityID, "client ID is missing"},
		"identity's name":      {signin.ManagedIdentity, identity(signin.ByObjectID, "relay"), profiles.FieldIdentityID, "object (principal) ID is not an ID"},
		"resource for client":  {signin.ManagedIdentity, identity(signin.ByClientID, someARM), profiles.FieldIdentityID, "resource ID, not its client ID"},
		"client for resource":  {signin.ManagedIdentity, identity(signin.ByResourceID, someID), profiles.FieldIdentityID, "begins with /subscriptions/"},
		"no resource":          {signin.ManagedIdentity, identity(signin.ByResourceID, ""), profiles.FieldIdentityID, "missing"},
		"other resource":       {signin.ManagedIdentity, identity(signin.ByResourceID, "/subscriptions/x/resourceGroups/y"), profiles.FieldIdentityID, "not one of a user-assigned"},
		"identity of no kind":  {signin.ManagedIdentity, identity(99, someID), profiles.FieldIdentityID, "Choose"},
		"clear authority":      {signin.ClientSecret, func(s *signin.Settings) { s.Authority = "http://login.example" }, profiles.FieldAuthority, "https://"},
		"authority with user":  {signin.ClientSecret, func(s *signin.Settings) { s.Authority = "https://me:" + secret + "@login.example" }, profiles.FieldAuthority, "no more than a host"},
		"tenant in authority":  {signin.ClientSecret, func(s *signin.Settings) { s.Authority = "https://login.example/" + someID }, profiles.FieldAuthority, "no more than a host"},
		"authority of no host": {signin.ClientSecret, func(s *signin.Settings) { s.Authority = "https://%" }, profiles.FieldAuthority, "not an address"},
		"scope for audience":   {signin.ManagedIdentity, func(s *signin.Settings) { s.Audience = "https://relay.azure.net/.default" }, profiles.FieldAudience, "Leave that off"},
		"word for audience":    {signin.ManagedIdentity, func(s *signin.Settings) { s.Audience = "relay" }, profiles.FieldAudience, "neither an address nor an ID"},
		"audience with query":  {signin.ManagedIdentity, func(s *signin.Settings) { s.Audience = "https://relay.azure.net?x=" + secret }, profiles.FieldAudience, "no more than a host"},
	} {
		t.Run(name, func(t *testing.T) {
			s := valid()[tt.way]
			tt.change(&s)
			listens, sends := orders(), orders()
			listens.SignIn, sends.SendSignIn = s, &s
			for field, p := range map[profiles.Field]profiles.Profile{tt.field: listens, tt.field.Sender(): sends} {
				err := p.Validate()
				ve, ok := errors.AsType[*profiles.ValidationError](err)
				if !ok || len(ve.Problems) != 1 || !strings.Contains(ve.Message(field), tt.want) {
					t.Fatalf("Validate() = %v, want one problem of the %v with %q", err, field, tt.want)
				}
				if strings.Contains(err.Error(), secret) || !strings.HasSuffix(ve.Message(field), ".") {
					t.Errorf("message = %q, want a sentence without the secret", ve.Message(field))
				}
			}
		})
	}
}

func TestFieldsHaveNames(t *testing.T) {
	seen := map[string]bool{}
	for f := profiles.FieldName; f <= profiles.FieldProxy; f++ {
		if f.String() == "no field" || seen[f.String()] || f.OfSender() {
			t.Errorf("field %d is called %q", int(f), f)
		}
		seen[f.String()] = true
		if s := f.Sender(); s.OfSender() != (f >= profiles.FieldWay && f <= profiles.FieldAudience) || s.OfSender() && s.String() != "sender's "+f.String() {
			t.Errorf("the sender's %v is the %v", f, s)
		}
	}
}
