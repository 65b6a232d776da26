package token

import (
	"net/url"
	"regexp"
	"strings"
	"time"

	"relayscope/relayclient/cloud"
)

// judge judges what a JWT says.
func (t JWT) judge(target Target) []Fact {
	facts := []Fact{t.judgeAudience(target), t.judgeIssuer(target), t.judgeVersion(), t.judgeTenant(target)}
	facts = append(facts, t.judgeHolder()...)
	facts = append(facts, t.judgeRights(target)...)
	facts = append(facts, t.judgeTimes(target)...)
	facts = append(facts, t.judgeSignature()...)
	if len(t.Malformed) > 0 {
		facts = append(facts, Fact{"Malformed", strings.Join(t.Malformed, ", "), Wrong, "These claims are there, but of a type that they must not have."})
	}
	return facts
}

// sameAudience compares audiences; a slash at the end makes no difference.
func sameAudience(a, b string) bool {
	return strings.EqualFold(strings.TrimRight(a, "/"), strings.TrimRight(b, "/"))
}

// knownAudiences are resources whose tokens are taken for those of Azure Relay.
var knownAudiences = []struct{ audience, name string }{
	{"https://servicebus.azure.net", "Azure Service Bus"},
	{"https://eventhubs.azure.net", "Azure Event Hubs"},
	{"https://management.azure.com", "Azure Resource Manager"},
	{"https://management.core.windows.net", "Azure Resource Manager"},
	{"https://management.core.usgovcloudapi.net", "Azure Resource Manager"},
	{"https://management.core.chinacloudapi.cn", "Azure Resource Manager"},
	{"https://graph.microsoft.com", "Microsoft Graph"},
	{"00000003-0000-0000-c000-000000000000", "Microsoft Graph"},
	{"https://vault.azure.net", "Azure Key Vault"},
	{"https://storage.azure.com", "Azure Storage"},
}

func (t JWT) judgeAudience(target Target) Fact {
	f := Fact{Name: "Audience", Value: strings.Join(t.Audiences, ", ")}
	c, known := cloud.Of(target.Namespace)
	want := first(target.Audience, c.Audience)
	matches := func(audience string) bool {
		for _, a := range t.Audiences {
			if sameAudience(a, audience) {
				return true
			}
		}
		return false
	}
	if len(t.Audiences) == 0 {
		f.Verdict, f.Why = Wrong, "The token does not say for whom it was issued."
		return f
	}
	for _, foreign := range knownAudiences {
		if !matches(foreign.audience) || matches(want) {
			continue
		}
		f.Why = "It is a good audience, that of " + foreign.name + "; Azure Relay has another one."
		if known || target.Audience != "" {
			f.Verdict = Wrong
			f.Why = "It is the audience of " + foreign.name + ", a classic mistake; the relay wants " + want + "."
		}
		return f
	}
	switch {
	case target.Namespace == "" && target.Audience == "":
		f.Why = "There is no target to compare it with."
	case matches(want):
		f.Verdict, f.Why = Right, "It is the audience of Azure Relay; a slash at its end makes no difference."
		if target.Audience != "" {
			f.Why = "It is the audience that was chosen; a slash at its end makes no difference."
		}
	case target.Audience == "" && !known:
		f.Why = "The namespace is in no known cloud, so its audience is not known either."
	case target.Audience == "" && len(c.Doubts) > 0 && matches(cloud.All()[0].Audience):
		f.Why = "It is the audience of the public cloud; which one " + c.Name + " wants is not established."
	default:
		f.Verdict, f.Why = Wrong, "The token is for something else; the relay wants "+want+"."
	}
	return f
}

// issuerHost returns the host of the issuer's URL, with a port if it has one.
func (t JWT) issuerHost() string {
	u, err := url.Parse(t.Issuer)
	if err != nil || u.Scheme != "https" {
		return ""
	}
	return strings.ToLower(u.Host)
}

func (t JWT) judgeIssuer(target Target) Fact {
	f := Fact{Name: "Issuer", Value: t.Issuer}
	host := t.issuerHost()
	c, known := cloud.Of(target.Namespace)
	authority, _ := url.Parse(target.Authority)
	switch {
	case t.Issuer == "":
		f.Verdict, f.Why = Wrong, "The token does not say who issued it."
	case host == "":
		f.Verdict, f.Why = Wrong, "It is not an https URL, as those of Microsoft Entra ID are."
	case target.Authority != "" && authority != nil && strings.EqualFold(authority.Host, host):
		f.Verdict, f.Why = Right, "It is the authority that was chosen."
	case target.Authority != "":
		if by, ok := cloudOfAuthority(target.Authority); ok && by.Issues(host) {
			f.Verdict, f.Why = Right, "It is an issuer of "+by.Name+", to which the chosen authority belongs."
		} else {
			f.Verdict, f.Why = Wrong, "It is not the authority that was chosen, "+target.Authority+"."
		}
	case !known:
		f.Why = "There is no namespace in a known cloud to compare it with."
	case c.Issues(host):
		f.Verdict, f.Why = Right, "It is an issuer of "+c.Name+", where the namespace is."
	default:
		f.Verdict, f.Why = Wrong, "It is not an issuer of "+c.Name+", where the namespace is."
		for _, other := range cloud.All() {
			if other.Issues(host) {
				f.Why = "It is an issuer of " + other.Name + ", but the namespace is in " + c.Name + "."
			}
		}
	}
	return f
}

// cloudOfAuthority finds the cloud that an authority belongs to.
func cloudOfAuthority(authority string) (cloud.Cloud, bool) {
	u, err := url.Parse(authority)
	if err != nil {
		return cloud.Cloud{}, false
	}
	for _, c := range cloud.All() {
		if c.Issues(u.Host) {
			return c, true
		}
	}
	return cloud.Cloud{}, false
}

// issuerVersion returns the version whose form the issuer has.
func (t JWT) issuerVersion() string {
	if strings.HasSuffix(strings.TrimSuffix(t.Issuer, "/"), "/v2.0") {
		return "2.0"
	}
	return "1.0"
}

func (t JWT) judgeVersion() Fact {
	f := Fact{Name: "Version", Value: t.Version}
	switch t.Version {
	case "1.0", "2.0":
		f.Why = "The resource decides it, not the endpoint that was asked; both can be right."
		if t.Issuer != "" && t.issuerVersion() != t.Version {
			f.Verdict, f.Why = Wrong, "The issuer has the form of the other version."
		}
	case "":
		f.Why = "The token does not say it; tokens of Microsoft Entra ID do."
	default:
		f.Verdict, f.Why = Wrong, "Microsoft Entra ID knows 1.0 and 2.0."
	}
	return f
}

var guid = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

// issuerTenant returns the tenant that the issuer's URL names.
func (t JWT) issuerTenant() string {
	u, err := url.Parse(t.Issuer)
	if err != nil {
		return ""
	}
	tenant, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	return tenant
}

func (t JWT) judgeTenant(target Target) Fact {
	f := Fact{Name: "Tenant", Value: t.Tenant}
	switch {
	case t.Tenant == "":
		f.Why = "The token does not say it."
	case !guid.MatchString(t.Tenant):
		f.Verdict, f.Why = Wrong, "It is not the ID of a tenant."
	case guid.MatchString(t.issuerTenant()) && !strings.EqualFold(t.Tenant, t.issuerTenant()):
		f.Verdict, f.Why = Wrong, "The issuer names another tenant."
	case target.Tenant == "":
		f.Why = "There is no tenant to compare it with; it must be the one that the namespace's subscription belongs to."
	case strings.EqualFold(target.Tenant, t.Tenant):
		f.Verdict, f.Why = Right, "It is the tenant of the target."
	case !guid.MatchString(target.Tenant):
		f.Why = "The target's tenant is given by its domain, and the token has its ID."
	default:
		f.Verdict, f.Why = Wrong, "The target's tenant is "+target.Tenant+"."
	}
	return f
}

// judgeHolder says to whom the token was issued.
func (t JWT) judgeHolder() []Fact {
	const byRoles = "Whether it may is decided by role assignments in Azure, which are not in the token."
	who := Fact{"Issued to", "", NotCheckable, "The token does not say whether to an application or a user."}
	switch {
	case t.ManagedIdentity != "":
		who.Value, who.Why = "a managed identity", byRoles
	case t.Holder == Application:
		who.Value, who.Why = "an application by itself", byRoles
	case t.Holder == User:
		who.Value, who.Why = "a user, through an application", byRoles
	}
	if t.Name != "" {
		who.Value = strings.TrimPrefix(who.Value+": "+t.Name, ": ")
	}
	facts := []Fact{who}
	add := func(name, value, why string) {
		if value != "" {
			facts = append(facts, Fact{name, value, NotCheckable, why})
		}
	}
	appWhy := "It is the client that asked for the token."
	if t.AppSecret != "" {
		appWhy = "It is the client that asked for the token, and it proved itself with " + t.AppSecret + "."
	}
	add("Application ID", t.AppID, appWhy)
	add("Object ID", t.ObjectID, "Roles in Azure are assigned to this ID.")
	add("Managed identity", t.ManagedIdentity, "It is the resource ID of the identity.")
	return facts
}

// judgeRights says what is known of the right that is asked for: nothing.
func (t JWT) judgeRights(target Target) []Fact {
	right := Fact{Name: "Right", Why: "Roles in Azure RBAC are not in the token; it looks the same before and after a role is assigned."}
	switch target.Permission {
	case Listen:
		right.Why = "Roles in Azure RBAC are not in the token; to listen takes Azure Relay Listener or Azure Relay Owner."
	case Send:
		right.Why = "Roles in Azure RBAC are not in the token; to send takes Azure Relay Sender or Azure Relay Owner."
	}
	facts := []Fact{right}
	const ignored = "Azure Relay does not look at it: role assignments in Azure decide."
	if len(t.Roles) > 0 {
		facts = append(facts, Fact{"Roles of the application", strings.Join(t.Roles, ", "), NotCheckable, ignored})
	}
	if len(t.Scopes) > 0 {
		facts = append(facts, Fact{"Scopes", strings.Join(t.Scopes, ", "), NotCheckable, ignored})
	}
	return facts
}

// clockDoubt is how far clocks may differ before one of them must be wrong.
const clockDoubt = 5 * time.Minute

func (t JWT) judgeTimes(target Target) []Fact {
	now := target.now()
	var facts []Fact
	if !t.IssuedAt.IsZero() {
		f := Fact{"Issued", timeText(t.IssuedAt), Right, "It was " + span(now.Sub(t.IssuedAt)) + " ago."}
		if t.IssuedAt.After(now.Add(clockDoubt)) {
			f.Verdict, f.Why = Wrong, "It is "+span(t.IssuedAt.Sub(now))+" in the future: this computer's clock must be wrong."
		} else if t.IssuedAt.After(now) {
			f.Why = "It is now, by clocks that differ a little."
		}
		facts = append(facts, f)
	}
	if !t.NotBefore.IsZero() {
		f := Fact{"Not before", timeText(t.NotBefore), Right, "It is good already."}
		switch early := t.NotBefore.Sub(now); {
		case early > DefaultSkew:
			f.Verdict, f.Why = Wrong, "It is good only in "+span(early)+", by this computer's clock."
		case early > 0:
			f.Why = "It is good already, by clocks that differ a little."
		}
		facts = append(facts, f)
	}
	f := Fact{Name: "Expires", Verdict: Wrong}
	switch {
	case t.Expires.IsZero():
		f.Why = "The token does not say when it expires."
	case t.Milliseconds:
		f.Value, f.Why = timeText(t.Expires)+", in milliseconds", "It counts milliseconds since 1970; tokens count seconds."
	default:
		f.Value, f.Verdict, f.Why = expiry(t.Expires, now)
	}
	return append(facts, f)
}

func (t JWT) judgeSignature() []Fact {
	algorithm := Fact{"Algorithm", t.Algorithm, Right, "It is the one that Microsoft Entra ID uses."}
	switch {
	case t.Algorithm == "":
		algorithm.Verdict, algorithm.Why = Wrong, "The token does not name it."
	case strings.EqualFold(t.Algorithm, "none"):
		algorithm.Verdict, algorithm.Why = Wrong, "The token is not signed; anybody can make such a one."
	case strings.HasPrefix(t.Algorithm, "HS"):
		algorithm.Verdict, algorithm.Why = Wrong, "It signs with a shared secret, which Microsoft Entra ID never does."
	case t.Algorithm != "RS256":
		algorithm.Verdict, algorithm.Why = NotCheckable, "Microsoft Entra ID uses RS256."
	}
	key := Fact{"Key", t.KeyID, NotCheckable, "The issuer's key with this ID made the signature; it can be fetched."}
	if t.KeyID == "" {
		key.Verdict, key.Why = Wrong, "The token does not name the key that signed it."
	}
	signature := Fact{"Signature", "", NotCheckable, "It can be checked with the issuer's keys, which have to be fetched."}
	switch {
	case t.Unsigned:
		signature.Verdict, signature.Why = Wrong, "There is none."
	case t.Nonce:
		signature.Why = "Only the audience can check it: the header has a nonce, as tokens for Microsoft Graph do."
	}
	return []Fact{algorithm, key, signature}
}
