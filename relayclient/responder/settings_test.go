package responder_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient/responder"
)

func TestMistakes(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*responder.Settings)
		field  responder.Field
		want   string
	}{
		"nothing":     {func(s *responder.Settings) {}, "", ""},
		"no answer":   {func(s *responder.Settings) { s.WebSocket = "" }, responder.FieldWebSocket, "one of echo, manual, canned, forward-tcp"},
		"manual HTTP": {func(s *responder.Settings) { s.HTTP = responder.Manual }, responder.FieldHTTP, "one of echo, canned, forward-http, silence"},
		"text":        {func(s *responder.Settings) { s.WebSocket, s.Text = responder.Canned, "{{x}}" }, responder.FieldText, "no placeholder {{x}}"},
		"unused text": {func(s *responder.Settings) { s.Text = "{{x}}" }, "", ""},
		"no target":   {func(s *responder.Settings) { s.WebSocket = responder.ForwardTCP }, responder.FieldTCPTarget, "host:port"},
		"port":        {func(s *responder.Settings) { s.WebSocket, s.TCPTarget = responder.ForwardTCP, "a:99999" }, responder.FieldTCPTarget, "1 to 65535"},
		"port alone":  {func(s *responder.Settings) { s.WebSocket, s.TCPTarget = responder.ForwardTCP, " 5432 " }, "", ""},
		"IPv6":        {func(s *responder.Settings) { s.WebSocket, s.TCPTarget = responder.ForwardTCP, "::1:5432" }, responder.FieldTCPTarget, "brackets"},
		"URL":         {func(s *responder.Settings) { s.WebSocket, s.TCPTarget = responder.ForwardTCP, "http://a:1" }, responder.FieldTCPTarget, "brackets"},
		"scheme":      {func(s *responder.Settings) { s.HTTP, s.HTTPTarget = responder.ForwardHTTP, "ftp://a" }, responder.FieldHTTPTarget, "http:// or https://"},
		"no scheme":   {func(s *responder.Settings) { s.HTTP, s.HTTPTarget = responder.ForwardHTTP, "localhost:8080/x" }, "", ""},
		"password":    {func(s *responder.Settings) { s.HTTP, s.HTTPTarget = responder.ForwardHTTP, "http://me:hush@a" }, responder.FieldHTTPTarget, "leave user and password out"},
		"query":       {func(s *responder.Settings) { s.HTTP, s.HTTPTarget = responder.ForwardHTTP, "http://a/?b" }, responder.FieldHTTPTarget, "leave query"},
		"rule": {func(s *responder.Settings) {
			s.HTTP, s.HTTPTarget, s.Rules = responder.ForwardHTTP, "a", "X-A: 1\n- b c"
		}, responder.FieldRules, "a header rule is"},
		"rule value": {func(s *responder.Settings) {
			s.HTTP, s.HTTPTarget, s.Rules = responder.ForwardHTTP, "a", "X-A: hush\x01"
		}, responder.FieldRules, "value of the header X-A has a character"},
		"rejection": {func(s *responder.Settings) { s.WebSocket, s.Rejection.Status = responder.Reject, 200 }, responder.FieldRejection, "300 to 599"},
		"two lines": {func(s *responder.Settings) { s.WebSocket, s.Rejection.Text = responder.Reject, "a\nb" }, responder.FieldRejection, "one line"},
		"long text": {func(s *responder.Settings) {
			s.WebSocket, s.Rejection.Text = responder.Reject, strings.Repeat("ä", 201)
		}, responder.FieldRejection, "at most 200"},
		"status": {func(s *responder.Settings) { s.HTTP, s.Reply.Status = responder.Canned, 101 }, responder.FieldStatus, "200 to 599"},
		"header": {func(s *responder.Settings) { s.HTTP, s.Reply.Header = responder.Canned, "no colon" }, responder.FieldHeader, "a line such as"},
		"length": {func(s *responder.Settings) { s.HTTP, s.Reply.Header = responder.Canned, "content-length: 5" }, responder.FieldHeader, "follows from the rest"},
		"body":   {func(s *responder.Settings) { s.HTTP, s.Reply.Body = responder.Canned, "{{time:noon}}" }, responder.FieldBody, "{{time:ms}}"},
		"delay":  {func(s *responder.Settings) { s.Delay = time.Hour }, responder.FieldDelay, "0 and 5 minutes"},
		"jitter": {func(s *responder.Settings) { s.Jitter = -1 }, responder.FieldJitter, "0 and 5 minutes"},
	} {
		mistakes := with(tt.change).Mistakes()
		switch {
		case tt.want == "" && mistakes != nil:
			t.Errorf("%s: %v", name, mistakes[0])
		case tt.want != "" && (len(mistakes) != 1 || mistakes[0].Field != tt.field || !strings.Contains(mistakes[0].Error(), tt.want)):
			t.Errorf("%s: %+v, want …%s… in %s", name, mistakes, tt.want, tt.field)
		case tt.want != "" && strings.Contains(mistakes[0].Error(), "hush"):
			t.Errorf("%s quotes a secret: %v", name, mistakes[0])
		}
	}
}

func TestSettingsAsJSON(t *testing.T) {
	s := toHTTP("http://127.0.0.1:8080")
	s.Delay = 1500 * time.Millisecond
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back responder.Settings
	if err := json.Unmarshal(data, &back); err != nil || back != s {
		t.Errorf("%s reads back as %+v, %v", data, back, err)
	}
}

// Whatever is accepted can be used: addresses have a port, headers one line.
func FuzzSettings(f *testing.F) {
	f.Add("127.0.0.1:80", "http://a:1/x", "X: y\n-Z", "a: {{counter}}")
	f.Add("[::1]:80", "b", "<-A\n< B: c", "{{{{")
	f.Add("80", "https://[::1]", "", "\r\n")
	f.Fuzz(func(t *testing.T, tcp, web, rules, header string) {
		if address, err := responder.TCPAddress(tcp); err == nil {
			if again, err := responder.TCPAddress(address); err != nil || again != address {
				t.Errorf("%q becomes %q, which becomes %q, %v", tcp, address, again, err)
			}
		}
		if u, err := responder.HTTPAddress(web); err == nil {
			if again, err := responder.HTTPAddress(u.String()); err != nil || again.Host != u.Host {
				t.Errorf("%q becomes %q, which becomes %v, %v", web, u, again, err)
			}
		}
		s := toHTTP("http://a")
		s.HTTP, s.Rules, s.Reply.Header = responder.Canned, rules, header
		s.Mistakes()
	})
}
