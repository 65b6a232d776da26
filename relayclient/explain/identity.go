package explain

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strings"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/entra"
)

// identity explains why there is no token of Microsoft Entra ID.
func identity(e *entra.Error) Message {
	m := Message{
		Title: "Signing in did not work",
		Cause: "The reason is not one that Relayscope knows; it is shown below as it came.",
		Next:  "Try again. If it stays, look the code up, or copy the details for whoever runs the tenant.",
	}
	switch {
	case errors.Is(e, entra.ErrAuthority):
		m = Message{
			Title: "The authority cannot be used",
			Cause: sentence(entra.ErrAuthority.Error()),
			Next:  "Leave it empty for the one of the namespace's cloud, or give a URL such as https://login.microsoftonline.us/.",
		}
	case e.Kind == entra.Unreachable:
		m = unreachable(e)
	case e.Kind == entra.TimedOut:
		m = signInTimeout(e)
	case e.Source == entra.FromWorkload && (e.Kind == entra.NoManagedIdentity || e.Kind == entra.KeyFileUnreadable):
		m = workload(e)
	case e.Source.Managed() || e.Kind == entra.NoManagedIdentity || e.Kind == entra.SelectorUnsupported:
		m = managed(e, m)
	case e.Source.CLI() && e.Kind == 0:
		m.Title = strings.TrimSuffix(sentence(e.Source.String()+" has no token"), ".")
		m.Next = "Run " + tokenCommand(e.Source) + " in a terminal and see what it says."
	default:
		m = principal(e, m)
	}
	if e.Code != 0 {
		m.Cause = join(m.Cause, fmt.Sprintf("Microsoft Entra ID calls it AADSTS%d.", e.Code))
	}
	return m
}

// principal explains a refusal by Microsoft Entra ID itself.
func principal(e *entra.Error, m Message) Message {
	switch e.Kind {
	case entra.WrongSecret:
		return Message{
			Title: "The client secret is wrong",
			Cause: "The application exists, but this is not one of its secrets. Often it is the secret's ID that was copied, or the secret of another application.",
			Next:  "Copy the value, not the ID, of a secret under App registrations, the application, Certificates & secrets. The portal shows it once; if it is gone, make a new one.",
		}
	case entra.ExpiredSecret:
		return Message{
			Title: "The client secret has expired",
			Cause: "It was right once. Secrets of applications end after two years at most.",
			Next:  "Make a new secret under App registrations, the application, Certificates & secrets, and use its value.",
		}
	case entra.UnknownTenant:
		return Message{
			Title: "There is no such tenant",
			Cause: "Nothing is known of this tenant ID or domain at the authority that was asked: it is misspelled, or the tenant is in another cloud.",
			Next:  "Copy the tenant ID from the overview of Microsoft Entra ID in the portal, and check that the authority is the one of its cloud.",
		}
	case entra.UnknownClient:
		return Message{
			Title: "There is no such application in this tenant",
			Cause: "The client ID is misspelled, belongs to another tenant, or is an object ID. An application of another tenant must first be consented to here.",
			Next:  "Copy Application (client) ID and Directory (tenant) ID from the overview of the application's registration.",
		}
	case entra.ClientDisabled:
		return Message{
			Title: "The application is disabled",
			Cause: "It exists, but an administrator has switched its sign-in off.",
			Next:  "Ask an administrator to enable it under Enterprise applications, Properties.",
		}
	case entra.WrongAudience:
		return wrongAudience()
	case entra.WrongCloud:
		return Message{
			Title: "The tenant is in another cloud",
			Cause: "Public Azure, US Government and China sign in at hosts of their own, and a tenant lives in one of them.",
			Next:  "Choose the authority of the tenant's cloud, and check that the namespace is in the same one.",
		}
	case entra.BadCertificate:
		return Message{
			Title: "The client certificate cannot be used",
			Cause: badCertificate(e),
			Next:  "Give PEM text with certificate and RSA key, or a PFX file with its passphrase, and upload the same certificate to the application's registration.",
		}
	case entra.LoginNeeded:
		m = Message{
			Title: "A person has to sign in",
			Cause: "There is no sign-in that still counts, or it needs more: a second factor, consent, or another account.",
			Next:  "Sign in again. If consent is asked for, an administrator may have to give it.",
		}
		if e.Source.CLI() {
			m.Next = "Run " + loginCommand(e.Source) + " --scope https://relay.azure.net/.default in a terminal, then try again."
		}
		return m
	case entra.LoginDeclined:
		return Message{
			Title: "Sign-in was cancelled",
			Cause: "Whoever was asked to sign in did not go through with it.",
			Next:  "Try again.",
		}
	case entra.NotFederated:
		return Message{
			Title: "Microsoft Entra ID does not trust this pod's token",
			Cause: "No federated credential of the identity fits the token of the pod's service account: issuer, subject or audience are others.",
			Next: "Compare the identity's federated credential with the cluster's OIDC issuer, the subject system:serviceaccount:NAMESPACE:SERVICE-ACCOUNT " +
				"and the audience api://AzureADTokenExchange. One that was made just now takes a few minutes to count.",
		}
	case entra.NotForPeople:
		return Message{
			Title: "The application is not set up for people to sign in",
			Cause: "A device code or a browser needs an application that allows public client flows and, for the browser, the redirect URI http://localhost.",
			Next:  "Leave the client ID empty to use the Azure CLI's, or change the application's registration under Authentication.",
		}
	case entra.PolicyBlocked:
		return Message{
			Title: "A policy of the tenant blocks this sign-in",
			Cause: "Who signs in is right, but Conditional Access or an assignment does not allow it from here: this device, this network or this way.",
			Next:  "Ask whoever runs the tenant, with the correlation ID below. From a managed device or network it may work.",
		}
	case entra.ClockWrong:
		return Message{
			Title: "This computer's clock is wrong",
			Cause: clock(e.Skew, "What was signed here is not valid at Microsoft Entra ID's time."),
			Next:  "Set date, time and time zone, best by synchronising them.",
		}
	case entra.CLIMissing:
		return Message{
			Title: "The Azure CLI is not installed",
			Cause: "No program named az, nor azd, the Azure Developer CLI, is in this program's PATH.",
			Next:  "Install one of them and start Relayscope anew, or sign in another way.",
		}
	case entra.CLISignedOut:
		return Message{
			Title: "Nobody is signed in to " + e.Source.String(),
			Cause: "It is installed, but has no account, or none for this tenant.",
			Next:  "Run " + loginCommand(e.Source) + " in a terminal as the same user, then try again.",
		}
	}
	return m
}

// loginCommand signs somebody in to a CLI.
func loginCommand(s entra.Source) string {
	if s == entra.FromDeveloperCLI {
		return "azd auth login"
	}
	return "az login"
}

// tokenCommand shows whether a CLI has a token.
func tokenCommand(s entra.Source) string {
	if s == entra.FromDeveloperCLI {
		return "azd auth token"
	}
	return "az account get-access-token"
}

func badCertificate(e *entra.Error) string {
	if e.Code == 0 && e.Description != "" {
		return sentence(e.Description)
	}
	return "It is not registered with the application, or its key is another one."
}

func wrongAudience() Message {
	return Message{
		Title: "Nothing in this tenant answers to the audience",
		Cause: "Tokens for Azure Relay are for https://relay.azure.net/. Another audience, the one of another cloud, or a tenant without Azure Relay is refused like this.",
		Next:  "Leave the audience empty, unless this cloud has its own. In a new tenant, register the provider Microsoft.Relay with a subscription first.",
	}
}

// managed explains why a managed identity gives no token.
func managed(e *entra.Error, m Message) Message {
	switch e.Kind {
	case entra.NoManagedIdentity:
		return Message{
			Title: "There is no managed identity on this machine",
			Cause: "Nothing here gives tokens: this is no VM of Azure, no App Service and no machine connected with Azure Arc, or the way to 169.254.169.254 is closed.",
			Next:  "Run Relayscope on the machine that has the identity. Here, sign in with the Azure CLI, a browser or a client secret. In a container, its network must reach 169.254.169.254; on AKS, workload identity does without.",
		}
	case entra.IdentityNotFound:
		return Message{
			Title: "The managed identity is not assigned here",
			Cause: "Tokens are given on this machine, but not for the identity that was asked for: it is misspelled or not assigned, or the system-assigned one is switched off.",
			Next:  "In the portal, open this resource's Identity page: switch System assigned on, or add the identity under User assigned and choose it by its client ID.",
		}
	case entra.SeveralIdentities:
		return Message{
			Title: "There are several managed identities, and one must be chosen",
			Cause: "More than one user-assigned identity is assigned here, and none was named.",
			Next:  "Choose one by its client ID, object ID or resource ID, which the portal lists on this resource's Identity page.",
		}
	case entra.OtherIdentity:
		return Message{
			Title: "Another identity answered than the chosen one",
			Cause: "The choice was ignored, which agents of Azure Arc do that are too old for user-assigned identities. The token was not used.",
			Next:  "Update the agent, or choose the system-assigned identity.",
		}
	case entra.SelectorUnsupported:
		return Message{
			Title: "An identity cannot be chosen like that here",
			Cause: "Here tokens come from " + e.Source.String() + ", which does not choose an identity by this kind of ID.",
			Next:  "Choose the system-assigned identity, or another kind of ID.",
		}
	case entra.KeyFileUnreadable:
		m = Message{
			Title: "The key file of Azure Arc cannot be read",
			Cause: "The agent wants proof of who asks: the content of a file that only its own group may read.",
			Next:  "Add this user to the group himds (on Windows: to Administrators or Hybrid Agent Extension Applications), and sign in to this machine anew.",
		}
		if errors.Is(e, fs.ErrNotExist) {
			m.Cause = "The agent names a file that is not there: it hides it from this user or container, or it has been removed."
		}
		return m
	case entra.MetadataBlocked:
		return Message{
			Title: "A proxy answered for the metadata service",
			Cause: fmt.Sprintf("The answer, %d, is not the metadata service's. A container's network or a proxy for all traffic takes what is meant for 169.254.169.254.", e.Status),
			Next:  "Let traffic to 169.254.169.254 pass untouched. Relayscope itself uses no proxy for it.",
		}
	case entra.WrongAudience:
		return wrongAudience()
	}
	m.Title = "The managed identity has no token"
	m.Cause = "It was asked for at " + e.Source.String() + ", and refused for a reason that is shown below as it came."
	switch {
	case e.Status == 429:
		m.Cause, m.Next = "The metadata service was asked too often.", "Wait a minute, then try again."
	case e.Status >= 500:
		m.Next = "Try again in a minute: the service may be starting. If it stays, restart the agent or the machine."
	}
	return m
}

// workload explains what a pod with a workload identity lacks.
func workload(e *entra.Error) Message {
	if e.Kind == entra.KeyFileUnreadable {
		return Message{
			Title: "The token file of the workload identity cannot be read",
			Cause: "AZURE_FEDERATED_TOKEN_FILE names the file in which the cluster keeps the token of this pod's service account, and nothing can be read there.",
			Next:  "See whether the volume azure-identity-token is mounted in this container, and whether this user may read it.",
		}
	}
	return Message{
		Title: "The pod's workload identity is not complete",
		Cause: "AZURE_FEDERATED_TOKEN_FILE is set, but " + e.Description + ".",
		Next:  "Annotate the service account with azure.workload.identity/client-id, label the pod azure.workload.identity/use: \"true\", and start it anew. Elsewhere, unset the variable.",
	}
}

// unreachable explains why nothing of an authority or metadata endpoint came
// back that could be read.
func unreachable(e *entra.Error) Message {
	switch {
	case e.Status != 0 && !e.Source.Managed():
		return Message{
			Title: "Something other than Microsoft Entra ID answered",
			Cause: fmt.Sprintf("The answer of %s, %d, is not of the kind that Entra gives. A proxy, a captive portal or an inspection of TLS does that, or the authority is wrong.", e.Host, e.Status),
			Next:  "Check the authority. Let traffic to it pass, or sign in to this network with a browser if it asks for that.",
		}
	case e.Source.Managed():
		return Message{
			Title: "Managed identities cannot be reached",
			Cause: "Tokens should come from " + e.Source.String() + ", but no answer came from " + e.Host + ".",
			Next:  "See whether the agent or service behind it runs. If this program was started outside of it, its environment is misleading.",
		}
	}
	m := network(e.Err)
	m.Title = "Microsoft Entra ID cannot be reached"
	m.Cause = "No answer came from " + e.Host + ". " + wayTo(e)
	at := e.Host
	if _, _, err := net.SplitHostPort(at); err != nil {
		at += " on port 443"
	}
	m.Next = "Let traffic to " + at + " pass, directly or by the proxy that is set. A key of a shared access policy needs no sign-in."
	if isCertificate(e.Err) {
		m = certificate(e.Err)
		m.Cause = "This is about " + e.Host + ", where tokens are issued. " + m.Cause
	}
	return m
}

func wayTo(e *entra.Error) string {
	switch {
	case errors.Is(e.Err, relayclient.ErrProxy):
		return "The proxy was reached, but refused to connect there."
	case isTimeout(e.Err):
		return "A firewall that drops traffic looks like this."
	}
	return "What happened is shown below."
}

func signInTimeout(e *entra.Error) Message {
	m := Message{
		Title: "Signing in took too long",
		Cause: "No token came in time from " + e.Source.String() + ".",
		Next:  "Try again. If it stays, see whether " + e.Source.String() + " answers at all.",
	}
	switch {
	case e.Source.CLI():
		m.Next = "Run " + tokenCommand(e.Source) + " in a terminal and see what it waits for."
	case e.Host != "" && e.Status == 0:
		m.Cause = e.Host + " did not answer in time. A firewall that drops traffic looks like this."
		m.Next = "Let traffic to " + e.Host + " pass, directly or by the proxy that is set."
	case e.Source == entra.FromAuthority:
		m.Cause = "No token came in time. Nobody signed in, or Microsoft Entra ID does not answer on this network."
		m.Next = "Try again. If nobody had to do anything, check the proxy, and that outbound TCP port 443 to the authority is open."
	}
	return m
}

// refusedIdentity explains a refusal of the relay's that is about a token of
// Microsoft Entra ID. It returns the empty Message for all others.
func refusedIdentity(he *relayclient.HandshakeError, role relayclient.Role) Message {
	switch he.Cause {
	case relayclient.CauseWrongAudience:
		return Message{
			Title: "The token is for something else",
			Cause: "It is good, but was not issued for Azure Relay, whose audience is https://relay.azure.net/. Tokens for Service Bus are not taken.",
			Next:  "Leave the audience empty, unless this cloud has its own.",
		}
	case relayclient.CauseBadSignature, relayclient.CauseMalformedToken:
		return Message{
			Title: "The relay does not believe the token's issuer",
			Cause: "The namespace takes tokens of its own subscription's tenant, in its own cloud. This one is of another tenant, or of another cloud.",
			Next:  "Check the tenant, and that authority and namespace are of the same cloud.",
		}
	case relayclient.CauseExpired:
		return Message{
			Title: "The token has expired",
			Cause: clock(he.Skew, "The computer may have slept since it was issued."),
			Next:  "Set this computer's clock, then connect again.",
		}
	case relayclient.CauseUnknown, relayclient.CauseMissingRight:
		if needed, ok := LacksRole(he, role); ok {
			return roleMissing(needed)
		}
		if he.StatusCode == 403 {
			return Message{
				Title: "Refused with 403",
				Cause: "Either the listener turned this connection away, or the identity lacks the role Azure Relay Sender.",
				Next:  "Ask whoever runs the listener, and look at the identity's roles on the hybrid connection and its namespace.",
			}
		}
		if he.StatusCode == 500 {
			return Message{
				Title: "The relay has trouble of its own",
				Cause: "It answered 500 to a token of Microsoft Entra ID. In some regions that has been seen while shared access keys worked.",
				Next:  "Try again, and with a shared access key, to tell the two apart. If it stays, give the tracking ID to Azure support.",
			}
		}
	}
	return Message{}
}

// propagation is how long a new role assignment takes to arrive at most.
const propagation = 5 * time.Minute

// LacksRole reports whether err means that an identity has a good token, but
// no right to do what role does, and returns the role of Azure that would give
// it. Trying again helps once that has been assigned and has arrived.
func LacksRole(err error, role relayclient.Role) (entra.Role, bool) {
	needed := entra.ListenerRole()
	if role == relayclient.Sending {
		needed = entra.SenderRole()
	}
	var he *relayclient.HandshakeError
	if !errors.As(err, &he) || !he.Entra || he.Foreign || !errors.Is(he, relayclient.ErrUnauthorized) {
		return needed, false
	}
	// A listener may turn a sender away with 403, in words of its own.
	unsaid := he.Cause == relayclient.CauseUnknown && (role == relayclient.Listening || he.StatusCode == 401)
	return needed, unsaid || he.Cause == relayclient.CauseMissingRight
}

func roleMissing(needed entra.Role) Message {
	return Message{
		Title: "The identity lacks the role " + needed.Name,
		Cause: "The token is good, but who holds it may not do this on the hybrid connection. The roles Owner and Contributor give no right to it.",
		Next: fmt.Sprintf("Assign %s, or Azure Relay Owner, on the hybrid connection, its namespace, resource group or subscription. Assignments take up to %d minutes to count.",
			needed.Name, int(propagation.Minutes())),
	}
}
