// Package cloud is the table of Azure clouds: where each one's relays, its
// sign-in pages and its token issuers are. It is plain data; what it says can
// be overridden wherever it is used.
package cloud

import (
	"net"
	"strings"
)

// A Cloud is one separate instance of Azure.
type Cloud struct {
	Name      string   // as people call it
	Suffix    string   // of the namespaces' hosts, without a leading dot
	Authority string   // URL of the host that issues Microsoft Entra ID tokens, with a trailing slash
	Audience  string   // the resource that a token for Azure Relay is issued for
	Doubts    []string // sentences for people about what is not certain here; none for the public cloud
	issuers   []string // hosts that appear in the issuers of its tokens, beside the authority's own
}

var clouds = []Cloud{
	{
		Name:      "Azure public",
		Suffix:    "servicebus.windows.net",
		Authority: "https://login.microsoftonline.com/",
		Audience:  "https://relay.azure.net/",
		issuers:   []string{"sts.windows.net", "login.microsoft.com", "login.windows.net"},
	},
	{
		Name:      "Azure US Government",
		Suffix:    "servicebus.usgovcloudapi.net",
		Authority: "https://login.microsoftonline.us/",
		Audience:  "https://relay.azure.net/",
		Doubts: []string{
			"No audience of its own is published for this cloud; that of the public cloud is taken, because roles are said to work in all regions except 21Vianet.",
		},
		issuers: []string{"sts.windows.net", "login-us.microsoftonline.com"},
	},
	{
		Name:      "Azure China (21Vianet)",
		Suffix:    "servicebus.chinacloudapi.cn",
		Authority: "https://login.partner.microsoftonline.cn/",
		Audience:  "https://relay.chinacloudapi.cn",
		Doubts: []string{
			"Microsoft Entra ID is said not to be available for Azure Relay in this cloud, yet a page of its own documentation names the audience https://relay.chinacloudapi.cn. If it is refused, use a shared access policy.",
			"Older tools sign in at https://login.chinacloudapi.cn/.",
		},
		issuers: []string{"sts.chinacloudapi.cn", "login.chinacloudapi.cn"},
	},
}

// All returns every cloud, the public one first.
func All() []Cloud { return append([]Cloud(nil), clouds...) }

// Of returns the cloud whose suffix namespace, a host with or without a port,
// ends in. Where no suffix fits, such as for a relay of one's own, it returns
// the public cloud and false.
func Of(namespace string) (Cloud, bool) {
	host := namespace
	if h, _, err := net.SplitHostPort(namespace); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for _, c := range clouds {
		if strings.HasSuffix(host, "."+c.Suffix) {
			return c, true
		}
	}
	return clouds[0], false
}

// Issues reports whether host, in any case, is one of the hosts that c's token
// issuers and their discovery documents are at.
func (c Cloud) Issues(host string) bool {
	if strings.EqualFold("https://"+host+"/", c.Authority) {
		return true
	}
	for _, issuer := range c.issuers {
		if strings.EqualFold(host, issuer) {
			return true
		}
	}
	return false
}
