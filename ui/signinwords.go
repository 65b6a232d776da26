package ui

import (
	"relayscope/relayclient/cloud"
	"relayscope/relayclient/signin"
)

// A wayText says what a way to sign in is called and what it does.
type wayText struct {
	way         signin.Way
	name, about string
}

// wayTexts are the ways in the order in which they are offered.
var wayTexts = []wayText{
	{signin.SharedAccessKey, "SAS policy and key", ""}, // says for what it signs
	{signin.SharedAccessToken, "SAS token, ready made", ""},
	{signin.ClientSecret, "Service principal with a secret", "An app registration in Microsoft Entra ID. It needs a role such as Azure Relay Listener or Azure Relay Sender."},
	{signin.ClientCertificate, "Service principal with a certificate", "An app registration in Microsoft Entra ID that proves itself by a certificate and its key."},
	{signin.ManagedIdentity, "Managed identity", "The identity that Azure gives to the machine Relayscope runs on: a VM, App Service, Azure Arc, a pod of AKS and others. There is no secret to keep."},
	{signin.AzureCLI, "Azure CLI", "Whoever is signed in on this computer with az login or, where there is no az, with azd auth login."},
	{signin.DeviceCode, "Device code", "You sign in with any browser, also on another device, with a code that is shown when you connect."},
	{signin.Browser, "Browser", "You sign in with this computer's browser when you connect."},
	{signin.Anonymous, "None", "No token is sent. That works if the hybrid connection does not require client authorization."},
}

// justSends is what a listener's ways end with: it has none.
const justSends = "None: this profile only sends"

func textOf(way signin.Way) wayText {
	for _, t := range wayTexts {
		if t.way == way {
			return t
		}
	}
	return wayText{name: justSends, about: "There is no listener here. The sender meets one that runs elsewhere."}
}

// wayNamed returns the way that is called name; 0 is none.
func wayNamed(name string) signin.Way {
	for _, t := range wayTexts {
		if t.name == name {
			return t.way
		}
	}
	return 0
}

// usesEntra reports whether a way gets its tokens from Microsoft Entra ID.
func usesEntra(way signin.Way) bool {
	switch way {
	case signin.ClientSecret, signin.ClientCertificate, signin.ManagedIdentity, signin.AzureCLI, signin.DeviceCode, signin.Browser:
		return true
	}
	return false
}

// identityNames are the kinds of managed identities in the order of their
// constants.
var identityNames = [...]string{
	signin.SystemAssigned: "System-assigned",
	signin.ByClientID:     "User-assigned, by client ID",
	signin.ByObjectID:     "User-assigned, by object (principal) ID",
	signin.ByResourceID:   "User-assigned, by resource ID",
}

// cloudWords says which cloud a namespace is in.
func cloudWords(namespace string) (cloud.Cloud, string) {
	c, known := cloud.Of(namespace)
	switch {
	case known:
		return c, c.Name + ", by the endpoint's suffix"
	case namespace == "":
		return c, c.Name
	}
	return c, c.Name + " is assumed: no cloud has this endpoint's suffix"
}
