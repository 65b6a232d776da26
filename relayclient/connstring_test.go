package relayclient_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
)

const key = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="

func TestParseConnectionString(t *testing.T) {
	type want struct {
		namespace, entity, keyName, key, token string
		timeout                                time.Duration
		unknown                                string
	}
	for name, tt := range map[string]struct {
		text string
		want want
	}{
		"as the portal writes it": {
			"Endpoint=sb://contoso.servicebus.windows.net/;SharedAccessKeyName=listen;SharedAccessKey=" + key + ";EntityPath=orders",
			want{namespace: "contoso.servicebus.windows.net", entity: "orders", keyName: "listen", key: key}},
		"any order, case and space": {
			"\t entitypath = site-7/plc ; SHAREDACCESSKEY=" + key + ";; sharedaccesskeyname=root;endpoint=SB://Contoso.ServiceBus.Windows.NET ; ",
			want{namespace: "contoso.servicebus.windows.net", entity: "site-7/plc", keyName: "root", key: key}},
		"in quotes, default port": {
			`"Endpoint=sb://contoso.servicebus.windows.net:443/"`,
			want{namespace: "contoso.servicebus.windows.net"}},
		"quotes inside": {
			`SharedAccessKey='b=';Endpoint="sb://h.example/";"EntityPath"=e;SharedAccessKeyName = "a" `,
			want{namespace: "h.example", entity: "e", keyName: "a", key: "b="}},
		"local relay": {
			"Endpoint=sb://localhost:8443/;SharedAccessKeyName=a;SharedAccessKey=b=;EntityPath=hyco",
			want{namespace: "localhost:8443", entity: "hyco", keyName: "a", key: "b="}},
		"ready-made token": {
			"Endpoint=sb://h.example/;SharedAccessSignature=SharedAccessSignature sr=x&sig=y%3D&se=1&skn=z;EntityPath=e",
			want{namespace: "h.example", entity: "e", token: "SharedAccessSignature sr=x&sig=y%3D&se=1&skn=z"}},
		".NET timeout": {"Endpoint=sb://h.example/;OperationTimeout=00:01:30", want{namespace: "h.example", timeout: 90 * time.Second}},
		"Java timeout": {"Endpoint=sb://h.example/;OperationTimeout=45", want{namespace: "h.example", timeout: 45 * time.Second}},
		"unknown keys": {"Endpoint=sb://h.example/;TransportType=Amqp;Publisher=p", want{namespace: "h.example", unknown: "TransportType Publisher"}},
	} {
		t.Run(name, func(t *testing.T) {
			cs, err := relayclient.ParseConnectionString(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			got := want{cs.Namespace, cs.HybridConnection, cs.KeyName, cs.Key.Reveal(), cs.Token.Reveal(), cs.OperationTimeout, strings.Join(cs.Unknown, " ")}
			if got != tt.want {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestParseConnectionStringNamesTheWrongPart(t *testing.T) {
	const good = "Endpoint=sb://h.example/;"
	for text, wantKey := range map[string]string{
		"":                  "",
		"   ":               "",
		key:                 "Endpoint", // a key on its own
		"EntityPath=orders": "Endpoint",
		"Endpoint=contoso":  "Endpoint",
		"Endpoint=hc://x.hybrid.biztalk.windows.net/":                                      "Endpoint",
		"Endpoint=sb://h.example/orders":                                                   "Endpoint",
		"Endpoint=sb://bad_host!/":                                                         "Endpoint",
		"Endpoint=sb://h.example:99999/":                                                   "Endpoint",
		good + "SharedAccessKey=" + key:                                                    "SharedAccessKeyName",
		good + "SharedAccessKeyName=listen":                                                "SharedAccessKey",
		good + "SharedAccessKeyName=a;SharedAccessKey=" + key + ";SharedAccessSignature=x": "SharedAccessSignature",
		good + "Authentication=Password":                                                   "Authentication",
		good + "Authentication=Managed Identity;SharedAccessKeyName=a;SharedAccessKey=b":   "Authentication",
		good + "OperationTimeout=soon":                                                     "OperationTimeout",
		good + "EntityPath=a//b":                                                           "EntityPath",
		good + "EntityPath=" + strings.Repeat("x", 261):                                    "EntityPath",
		good + "Endpoint=sb://other/":                                                      "Endpoint",
		good + "\u017fharedAccessKey=a;SharedAccessKey=b":                                  "SharedAccessKey",
		good + "SharedAccessKey=abc\ndef":                                                  "",
		good + "SharedAccessKeyName=a;SharedAccessKey=" + key + ",EntityPath=orders":       "SharedAccessKey",
		"Endpont=sb://h.example/;EntityPath=orders":                                        "Endpoint",
		good + "just words":                                                                "",
	} {
		_, err := relayclient.ParseConnectionString(text)
		var ce *relayclient.ConnectionStringError
		if !errors.As(err, &ce) || ce.Key != wantKey || ce.Problem == "" {
			t.Errorf("%.60q: error = %v, want one about %q", text, err, wantKey)
		}
		if err != nil && strings.Contains(err.Error(), key[:10]) {
			t.Errorf("%.40q: the error quotes the key: %v", text, err)
		}
	}
}

func TestConnectionStringPrintsNoSecret(t *testing.T) {
	cs, err := relayclient.ParseConnectionString("Endpoint=sb://h.example/;SharedAccessKeyName=listen;SharedAccessKey=" + key + ";EntityPath=e")
	if err != nil {
		t.Fatal(err)
	}
	marshalled, err := json.Marshal(cs)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{cs.String(), fmt.Sprint(cs), fmt.Sprintf("%+v %#v %q", cs, cs, cs.Key), fmt.Sprintf("%v", &cs), string(marshalled)} {
		if strings.Contains(text, key) || !strings.Contains(text, "h.example") {
			t.Errorf("printed %q", text)
		}
	}
	again, err := relayclient.ParseConnectionString(cs.Reveal())
	if err != nil || again.Key.Reveal() != key || again.String() != cs.String() {
		t.Errorf("Reveal gives %v (%v), want %v", again, err, cs)
	}
}
