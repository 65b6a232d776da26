package live

import (
	"reflect"
	"strings"
	"testing"

	"relayscope/relayclient/dialtext"
)

func TestNumberOfConnections(t *testing.T) {
	for text, want := range map[string]int{"": 1, " 7 ": 7, "100": 100, "101": 0, "0": 0, "some": 0} {
		o, err := optionTexts{Connections: text}.parse()
		if (err == nil) != (want > 0) || err == nil && o.Connections != want {
			t.Errorf("%q connections: %d, %v", text, o.Connections, err)
		}
		if err != nil && err.Error() != "connections: give a number from 1 to 100" {
			t.Errorf("%q connections: %v", text, err)
		}
	}
}

func TestOptionsInAFewWords(t *testing.T) {
	texts := optionTexts{Connections: "7", Texts: dialtext.Texts{Path: "/chat", Query: "room=1&code=hidden", Subprotocols: "v2, v1",
		Headers: []dialtext.Header{{Name: "X-Order", Value: "1"}, {Name: "x-order", Value: "2"}}}}
	o, err := texts.parse()
	if err != nil {
		t.Fatal(err)
	}
	if s := o.summary(); s != "/chat?room=1&code=[reda… · 2 headers · v2, v1 · 7 connections" {
		t.Errorf("summary %q", s)
	}
	if o, err := (optionTexts{}).parse(); err != nil || o.summary() != "" {
		t.Errorf("nothing asked for is %q, %v", o.summary(), err)
	}
}

func TestSecretOptionsAreNotStored(t *testing.T) {
	texts := optionTexts{Texts: dialtext.Texts{Path: "/a", Query: "room=1&code=hidden-query", Subprotocols: "bearer.hidden-protocol",
		Headers: []dialtext.Header{{Name: "X-Order", Value: "1"}, {Name: "Authorization", Value: "Bearer hidden-header"}, {Name: " x-api-key", Value: "hidden-key"}}}}
	stored := texts.store()
	if strings.Contains(stored, "hidden") {
		t.Errorf("stored %s", stored)
	}
	back := restoreOptions(stored)
	if want := (optionTexts{Texts: dialtext.Texts{Path: "/a", Headers: []dialtext.Header{{Name: "X-Order", Value: "1"}, {Name: "Authorization"}, {Name: " x-api-key"}}}}); !reflect.DeepEqual(back, want) {
		t.Errorf("restored %+v, want %+v", back, want)
	}
	if _, missing := texts.WithoutSecrets(); strings.Join(missing, ", ") != "the query, the subprotocols, the value of Authorization, the value of x-api-key" {
		t.Errorf("missing %q", missing)
	}
	if o, _ := texts.parse(); strings.Contains(o.summary(), "hidden") {
		t.Errorf("summary %q", o.summary())
	}
	if back := restoreOptions("{half"); !reflect.DeepEqual(back, optionTexts{}) {
		t.Errorf("a broken text gives %+v", back)
	}
}
