package profiles_test

import (
	"errors"
	"strings"
	"testing"

	"relayscope/profiles"
)

func TestFromConnectionString(t *testing.T) {
	const whole = "Endpoint=sb://contoso.servicebus.windows.net/;SharedAccessKeyName=send-listen;SharedAccessKey=" + secret
	for name, tt := range map[string]struct {
		text string
		name string
		want []string // parts of the notes, in order
	}{
		"hybrid connection": {whole + ";EntityPath=orders", "orders @ contoso",
			[]string{"Understood: namespace contoso.servicebus.windows.net, hybrid connection orders, policy send-listen"}},
		"namespace": {whole, "contoso",
			[]string{"Understood", "whole namespace"}},
		"key without its end": {strings.TrimSuffix(whole, "=") + ";EntityPath=orders", "orders @ contoso",
			[]string{"Understood", "ends in ="}},
		"unknown and ignored keys": {whole + ";EntityPath=orders;OperationTimeout=30;Color=blue", "orders @ contoso",
			[]string{"Understood", "Ignored: Color", "Ignored: OperationTimeout"}},
		"Service Bus": {whole + ";EntityPath=orders;TransportType=Amqp", "orders @ contoso",
			[]string{"Understood", "Ignored: TransportType", "Service Bus"}},
		"subscription": {whole + ";EntityPath=orders/Subscriptions/all", "orders/Subscriptions/all @ contoso",
			[]string{"Understood", "Service Bus"}},
		"token": {"Endpoint=sb://contoso.servicebus.windows.net/;EntityPath=orders;SharedAccessSignature=SharedAccessSignature sr=x&sig=" + secret, "orders @ contoso",
			[]string{"orders, a ready-made token.", "cannot be renewed"}},
		"managed identity": {"Endpoint=sb://contoso.servicebus.windows.net/;EntityPath=orders;Authentication=Managed Identity", "orders @ contoso",
			[]string{"orders, the managed identity of this machine.", "choose one"}},
		"no policy": {"Endpoint=sb://127.0.0.1:8443/;EntityPath=orders", "orders @ 127.0.0.1:8443",
			[]string{"Understood", "no shared access policy"}},
	} {
		t.Run(name, func(t *testing.T) {
			p, notes, err := profiles.FromConnectionString(tt.text)
			if err != nil || p.Name != tt.name || p.ID == "" {
				t.Fatalf("FromConnectionString = %v, %v; want name %q", p, err, tt.name)
			}
			if len(notes) != len(tt.want) {
				t.Fatalf("notes = %q, want %q", notes, tt.want)
			}
			for i, note := range notes {
				if !strings.Contains(note, tt.want[i]) || strings.Contains(note, secret[:43]) {
					t.Errorf("note %d = %q, want %q and no secret", i, note, tt.want[i])
				}
			}
		})
	}
}

func TestFromConnectionStringKeepsEverything(t *testing.T) {
	want := orders()
	p, _, err := profiles.FromConnectionString(" '" + want.ConnectionString().Reveal() + "'\n")
	want.ID = p.ID
	if err != nil || reveal(p) != reveal(want) || p.Validate() != nil {
		t.Errorf("FromConnectionString = %v, %v; want %v", p, err, want)
	}
}

func TestFromConnectionStringRefused(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"empty":           {"", "is empty"},
		"only a key":      {secret, "Endpoint is missing"},
		"line break":      {"Endpoint=sb://c.net/;SharedAccessKeyName=a;Shared\nAccessKey=" + secret, "line break inside. Copy it again"},
		"no key":          {"Endpoint=sb://c.net/;SharedAccessKeyName=a", "SharedAccessKey is missing"},
		"IoT Hub":         {"HostName=c.azure-devices.net;SharedAccessKeyName=a;SharedAccessKey=" + secret, "IoT Hub"},
		"storage account": {"DefaultEndpointsProtocol=https;AccountName=a;AccountKey=" + secret, "storage account"},
		"BizTalk":         {"Endpoint=hc://c.hybrid.biztalk.windows.net/;SharedAccessKeyName=a;SharedAccessKey=" + secret, "BizTalk"},
	} {
		t.Run(name, func(t *testing.T) {
			p, notes, err := profiles.FromConnectionString(tt.text)
			var ie *profiles.ImportError
			if !errors.As(err, &ie) || !strings.Contains(ie.Message, tt.want) || notes != nil || p.ID != "" {
				t.Fatalf("FromConnectionString = %v, %q, %v; want %q", p, notes, err, tt.want)
			}
			if strings.Contains(err.Error(), secret) || !strings.HasSuffix(err.Error(), ".") {
				t.Errorf("error = %q, want a sentence without the secret", err)
			}
		})
	}
}

func FuzzFromConnectionString(f *testing.F) {
	f.Add("Endpoint=sb://c.net/;SharedAccessKeyName=a;SharedAccessKey=%;EntityPath=x")
	f.Add("Endpoint=sb://c.net/;SharedAccessSignature=%;TransportType=Amqp")
	f.Add("HostName=%;SharedAccessKey=%")
	f.Fuzz(func(t *testing.T, text string) {
		p, notes, err := profiles.FromConnectionString(strings.ReplaceAll(text, "SharedAccessKey=", "SharedAccessKey="+secret))
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("error shows the key: %v", err)
		}
		if strings.Contains(strings.Join(notes, " "), p.SignIn.Key.Reveal()) && strings.Contains(p.SignIn.Key.Reveal(), secret) {
			t.Errorf("notes show the key: %q", notes)
		}
	})
}
