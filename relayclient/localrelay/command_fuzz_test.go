package localrelay

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
)

// Whatever a listener sends as a command, the relay makes of it an answer to
// one of its own requests, a renewal, or a deviation. What it says about a
// renewal never quotes it.
func FuzzListenerCommand(f *testing.F) {
	rules := []Rule{{Name: "listen", PrimaryKey: relayclient.NewSecret(vectorKey), Rights: Listen}}
	signer := relayclient.SharedAccessKey{KeyName: "listen", Key: rules[0].PrimaryKey}
	token, err := signer.Token(f.Context(), relayclient.Audience("localhost", "hyco"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"renewToken":{"token":"` + token.Value.Reveal() + `"}}`))
	f.Add([]byte(`{"renewToken":{"token":"SharedAccessSignature sr=http%3A%2F%2Ffabrikam%2Forders&sig=x&se=1924995600&skn=listen"}}`))
	f.Add([]byte(`{"renewToken":{"token":"eyJhbGciOiJub25lIn0.e30."}}`))
	f.Add([]byte(`{"renewToken":{"token":5}}`))
	f.Add([]byte(`{"renewToken":"SharedAccessSignature","response":{"requestId":"asked","statusCode":200}}`))
	f.Add([]byte(`{"response":{"requestId":"asked","statusCode":200,"body":false}}`))
	f.Add([]byte(`{"response":{"requestId":"asked","statusCode":"200","responseHeaders":{"a":1},"body":true}}`))
	f.Add([]byte(`{"response":{"requestId":"asked","statusCode":[],"body":true}}`))
	f.Add([]byte(`{"response":{"requestId":"elsewhere","statusCode":200,"body":false}}`))
	f.Add([]byte(`{"injectFault":{"delay":"00:01:00"}}`))
	f.Add([]byte(`{"accept":{}}`))
	f.Add([]byte(`[]`))
	f.Add([]byte("{\"response\":{\"requestId\":\"\xff\"}}"))
	f.Fuzz(func(t *testing.T, message []byte) {
		own, other := &entity{Entity: Entity{Name: "hyco", Rules: rules}}, &entity{Entity: Entity{Name: "calm"}}
		r := &Relay{log: slog.New(slog.DiscardHandler), requests: map[string]*exchange{}}
		enrolled := func(id string, e *entity) *exchange {
			e.exchanges = map[*exchange]struct{}{}
			x := &exchange{relay: r, entity: e, h: &handshake{relay: r}, id: id, replies: make(chan reply, 1)}
			if refused := r.enroll(x); refused != nil {
				t.Fatal(refused)
			}
			return x
		}
		asked, elsewhere := enrolled("asked", own), enrolled("elsewhere", other)
		c := &controlChannel{relay: r, entity: own, path: []string{"hyco"}, log: r.log}
		members := c.parse(message)
		c.inspectCommand(message, members)
		var announced *response
		if text, ok := members["response"]; ok {
			announced = c.respond(text)
		} else if text, ok := members["renewToken"]; ok {
			switch n := c.renew(text); {
			case n.refused != nil && (n.refused.status != 401 || !n.expires.IsZero()):
				t.Fatalf("a renewal was refused with %+v", n)
			case n.refused != nil && len(text) > 40 && strings.Contains(n.refused.text, string(text[12:len(text)-2])):
				t.Fatal("the refusal quotes the token")
			case n.refused == nil && !n.expires.After(time.Now()):
				t.Fatalf("a renewal until %v", n.expires)
			}
		} else if len(r.Deviations()) == 0 {
			t.Fatalf("%q is a command, but which?", message)
		}
		if announced != nil {
			if len(asked.replies) != 0 {
				t.Fatal("answered before the body has come")
			}
			r.answered(own, announced, []byte("body"))
		}
		if len(elsewhere.replies) != 0 || r.requests["elsewhere"] == nil {
			t.Fatal("another hybrid connection's request was answered")
		}
		if (len(asked.replies) == 0) != (r.requests["asked"] != nil) {
			t.Fatal("a request was taken but not answered")
		}
	})
}
