package token_test

import (
	"errors"
	"net/url"
	"strconv"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay/localrelaytest"
	"relayscope/relayclient/token"
)

// What Judge says of a token is what a relay does with it: it is refused if,
// and only if, something is wrong.
func TestJudgeAgreesWithTheRelay(t *testing.T) {
	r := localrelaytest.New(t)
	access, err := r.ConnectionString("hyco", "listen")
	if err != nil {
		t.Fatal(err)
	}
	key, host := access.Key.Reveal(), r.Host()
	target := token.Target{Namespace: access.Namespace, HybridConnection: "hyco", Permission: token.Listen, Key: access.Key}
	soon := strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10)
	past := strconv.FormatInt(time.Now().Add(-time.Hour).Unix(), 10)
	signed := func(sr, se string) string { return sasText(sr, sign64(key, sr+"\n"+se), se, "listen") }
	plain := url.QueryEscape("http://" + host + "/hyco")
	for name, text := range map[string]string{
		"good":                    signed(plain, soon),
		"lower-case hex":          signed("http%3a%2f%2f"+host+"%2fhyco", soon),
		"trailing slash":          signed(plain+"%2F", soon),
		"port":                    signed(url.QueryEscape("https://"+host+":443/hyco"), soon),
		"scheme sb":               signed(url.QueryEscape("sb://"+host+"/hyco"), soon),
		"scheme ftp":              signed(url.QueryEscape("ftp://"+host+"/hyco"), soon),
		"no scheme":               signed(url.QueryEscape(host+"/hyco"), soon),
		"namespace":               signed(url.QueryEscape("http://"+host+"/"), soon),
		"$hc":                     signed(url.QueryEscape("wss://"+host+"/$hc/HYCO"), soon),
		"another namespace":       signed(url.QueryEscape("http://contoso.servicebus.windows.net/hyco"), soon),
		"another connection":      signed(url.QueryEscape("http://"+host+"/open"), soon),
		"part of the name":        signed(url.QueryEscape("http://"+host+"/hyc"), soon),
		"something below":         signed(url.QueryEscape("http://"+host+"/hyco/listen"), soon),
		"policy in the host":      signed(url.QueryEscape("http://listen."+host+"/hyco"), soon),
		"encoded twice":           signed(url.QueryEscape(plain), soon),
		"expired":                 signed(plain, past),
		"expiry is text":          signed(plain, "tomorrow"),
		"milliseconds":            signed(plain, soon+"000"),
		"end of the calendar":     signed(plain, "253402300799"),
		"after the calendar":      signed(plain, "253402300800"),
		"other hex than signed":   sasText(plain, sign64(key, "http%3a%2f%2f"+host+"%2fhyco\n"+soon), soon, "listen"),
		"slash that was not sent": sasText(plain, sign64(key, plain+"%2F\n"+soon), soon, "listen"),
		"other expiry":            sasText(plain, sign64(key, plain+"\n"+past), soon, "listen"),
		"fields in another order": "SharedAccessSignature skn=listen&se=" + soon + "&sig=" + url.QueryEscape(sign64(key, plain+"\n"+soon)) + "&sr=" + plain,
		"word missing":            signed(plain, soon)[len("SharedAccessSignature "):],
	} {
		t.Run(name, func(t *testing.T) {
			facts := mustRead(t, text).Judge(target)
			l, err := relayclient.Listen(t.Context(), relayclient.Config{
				Namespace: access.Namespace, HybridConnection: "hyco", RootCAs: r.RootCAs(),
				Token: relayclient.StaticToken{Value: secret(text)},
			})
			if err == nil {
				l.Close()
			}
			if err != nil && !errors.Is(err, relayclient.ErrUnauthorized) {
				t.Fatal(err)
			}
			if (err != nil) != (token.Worst(facts) == token.Wrong) {
				t.Errorf("the relay says %v, yet the facts are %+v", err, facts)
			}
		})
	}
}
