package entra

import "strings"

// A Role is a built-in role of Azure that gives rights on relays. Microsoft
// Entra ID puts nothing about it into a token: the relay looks it up.
type Role struct{ Name string }

// ListenerRole returns the role that a listener needs.
func ListenerRole() Role { return Role{"Azure Relay Listener"} }

// SenderRole returns the role that a sender needs.
func SenderRole() Role { return Role{"Azure Relay Sender"} }

// An AssignmentScope says where a role is given. What is empty becomes a word in capital
// letters, for a person to fill in.
type AssignmentScope struct {
	Subscription     string // ID
	ResourceGroup    string
	Namespace        string // name or host
	HybridConnection string // "": the role is for the whole namespace
}

// String returns the scope's resource ID.
func (s AssignmentScope) String() string {
	name, _, _ := strings.Cut(s.Namespace, ".")
	text := "/subscriptions/" + or(s.Subscription, "SUBSCRIPTION") + "/resourceGroups/" + or(s.ResourceGroup, "RESOURCE-GROUP") +
		"/providers/Microsoft.Relay/namespaces/" + or(name, "NAMESPACE")
	if s.HybridConnection != "" {
		text += "/hybridConnections/" + strings.ReplaceAll(s.HybridConnection, "/", "~")
	}
	return text
}

// RoleAssignment returns the command line that gives who the role, for a
// person with the right to run it.
func RoleAssignment(role Role, who Identity, scope AssignmentScope) string {
	kind := "ServicePrincipal"
	if who.Person {
		kind = "User"
	}
	return "az role assignment create --assignee-object-id " + quoted(or(who.ObjectID, "OBJECT-ID")) + " --assignee-principal-type " + kind +
		" --role " + quoted(role.Name) + " --scope " + quoted(scope.String())
}

func or(text, placeholder string) string {
	if text == "" {
		return placeholder
	}
	return text
}

// quoted makes text one word for sh, PowerShell and cmd alike. What could end
// the word early or mean something inside is in no name that belongs here.
func quoted(text string) string {
	return `"` + strings.Map(func(r rune) rune {
		if strings.ContainsRune("\"'`$%!\\;&|<>()\r\n", r) {
			return -1
		}
		return r
	}, text) + `"`
}
