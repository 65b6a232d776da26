package token_test

import (
	"fmt"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/token"
)

// A token that the relay refuses is read and held against what it was meant
// for. It was signed with a key that had been decoded from base64.
func Example() {
	t, err := token.Read(`"SharedAccessSignature sr=http%3A%2F%2Fcontoso.servicebus.windows.net%2Fhyco` +
		`&sig=XsJIPvaIw8UaHgfp22fJu7QHmGOUM1xuY0%2FsH66ZqaA%3D&se=1924992000&skn=listen"`)
	if err != nil {
		fmt.Println(err)
		return
	}
	facts := t.Judge(token.Target{
		Namespace: "contoso.servicebus.windows.net", HybridConnection: "orders", Permission: token.Listen,
		Key: relayclient.NewSecret("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="), Now: time.Date(2030, 12, 31, 23, 0, 0, 0, time.UTC),
	})
	for _, f := range facts {
		if f.Verdict == token.Wrong {
			fmt.Printf("%s: %s\n", f.Name, f.Why)
		}
	}
	// Output:
	// Scope: The token is for another hybrid connection than orders.
	// Signature: The token is signed with the key decoded from base64 first; the key is used as text.
}
