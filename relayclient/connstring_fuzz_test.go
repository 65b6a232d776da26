package relayclient_test

import (
	"strings"
	"testing"

	"relayscope/relayclient"
)

// Wherever a key ends up in a text that is no connection string, no error shows
// it, and nothing prints it but Reveal. What is accepted is accepted again as
// it is formatted, and means the same.
func FuzzParseConnectionString(f *testing.F) {
	for _, text := range []string{
		"Endpoint=sb://contoso.servicebus.windows.net/;SharedAccessKeyName=listen;SharedAccessKey=KEY=;EntityPath=orders",
		"Endpoint=sb://[::1]:8443/;Authentication=Managed Identity;OperationTimeout=00:01:00",
		"\t entitypath = site-7/plc ; SHAREDACCESSKEY=KEY;; sharedaccesskeyname=root;endpoint=SB://Contoso.ServiceBus.Windows.NET ; ",
		"Endpoint=sb://h.example/;SharedAccessSignature=SharedAccessSignature sr=x&sig=KEY&se=1&skn=z;EntityPath=e",
		`'Endpoint=sb://h.example/;SharedAccessKeyName="a";SharedAccessKey=KEY'`,
		"SharedAccessKey=KEY';SharedAccessKeyName=a;Endpoint=sb://h.example/",
		"KEY", "KEY=", "Endpoint=KEY", "Endpoint=sb://KEY/", "Endpoint=sb://a:KEY@h/", "Endpoint=sb://h:KEY/", "Endpoint=sb://h/KEY", "EntityPath=KEY//",
		"Endpoint=sb://h/;KEY=a;KEY=b", "OperationTimeout=KEY", "Authentication=KEY", "Endpoint=sb://h/;SharedAccessKeyName=KEY",
		"Endpoint=sb://h/;SharedAccessKeyName=a,SharedAccessKey=KEY", "Endpoint=sb://h/;SharedAccessKeyName=a\nSharedAccessKey=KEY",
		"HostName=KEY.azure-devices.net;SharedAccessKeyName=a;SharedAccessKey=KEY", "Endpoint=sb://h/;\u017fharedAccessKey=a;SharedAccessKey=b;SharedAccessKeyName=c",
		"Endpoint=sb://h/;OperationTimeout=99999999999", "Endpoint=sb://h/;EntityPath=$hc/x", "Endpoint=sb://[h]:443/;EntityPath=/",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		const secret = "c2VjcmV0LWtleS1uZXZlci1wcmludGVk"
		text = strings.ReplaceAll(text, "KEY", secret)
		cs, err := relayclient.ParseConnectionString(text)
		if err != nil {
			if strings.Contains(strings.ToLower(err.Error()), strings.ToLower(secret)) || len(err.Error()) > 300 {
				t.Fatalf("the error quotes the text: %v", err)
			}
			return
		}
		if key := cs.Key.Reveal() + cs.Token.Reveal(); len(key) > 40 && strings.Contains(cs.String(), key) {
			t.Fatalf("%q shows the key: %v", text, cs)
		}
		again, err := relayclient.ParseConnectionString(cs.Reveal())
		if err != nil {
			t.Fatalf("%q is accepted, but not as formatted: %v", text, err)
		}
		if again.Reveal() != cs.Reveal() || again.OperationTimeout != cs.OperationTimeout || len(again.Unknown) != 0 {
			t.Fatalf("formatted twice: %q, then %q", cs.Reveal(), again.Reveal())
		}
		if clean, err := relayclient.CleanNamespace(cs.Namespace); err != nil || clean != cs.Namespace {
			t.Fatalf("namespace %q is %q, %v", cs.Namespace, clean, err)
		}
	})
}
