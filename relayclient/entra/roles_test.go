package entra_test

import (
	"testing"

	"relayscope/relayclient/entra"
)

func TestRoleAssignment(t *testing.T) {
	who := entra.Identity{ObjectID: objectID}
	for name, tt := range map[string]struct{ got, want string }{
		"hybrid connection": {
			entra.RoleAssignment(entra.ListenerRole(), who, entra.AssignmentScope{Subscription: "S", ResourceGroup: "G", Namespace: "contoso.servicebus.windows.net", HybridConnection: "orders"}),
			`az role assignment create --assignee-object-id "` + objectID + `" --assignee-principal-type ServicePrincipal --role "Azure Relay Listener" --scope "/subscriptions/S/resourceGroups/G/providers/Microsoft.Relay/namespaces/contoso/hybridConnections/orders"`,
		},
		"a person, much unknown": {
			entra.RoleAssignment(entra.SenderRole(), entra.Identity{Person: true}, entra.AssignmentScope{Namespace: "contoso"}),
			`az role assignment create --assignee-object-id "OBJECT-ID" --assignee-principal-type User --role "Azure Relay Sender" --scope "/subscriptions/SUBSCRIPTION/resourceGroups/RESOURCE-GROUP/providers/Microsoft.Relay/namespaces/contoso"`,
		},
		"names that would run something": {
			entra.RoleAssignment(entra.SenderRole(), entra.Identity{ObjectID: "x\"; rm -rf / #$(id)`id`"}, entra.AssignmentScope{Namespace: "contoso"}),
			`az role assignment create --assignee-object-id "x rm -rf / #idid" --assignee-principal-type ServicePrincipal --role "Azure Relay Sender" --scope "/subscriptions/SUBSCRIPTION/resourceGroups/RESOURCE-GROUP/providers/Microsoft.Relay/namespaces/contoso"`,
		},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, tt.got, tt.want)
		}
	}
}
