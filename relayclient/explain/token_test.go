package explain_test

import (
	"strings"
	"testing"

	"relayscope/relayclient"
	"relayscope/relayclient/explain"
	"relayscope/relayclient/token"
)

func TestTextThatIsNoToken(t *testing.T) {
	for text, want := range map[string]string{
		"":                                     "There is no token",
		strings.Repeat("x", token.MaxText+1):   "The text is too long for a token",
		"Endpoint=sb://h/;SharedAccessKey=cGF": "This is not a token",
		"eyJhbGciOiJSUzI1NiJ9.e30":             "The JWT cannot be read",
		"SharedAccessSignature sr=a&sig=cGF":   "The SAS token cannot be read",
	} {
		_, err := token.Read(text)
		m := explain.Error(err, relayclient.Listening)
		if m.Title != want || m.Cause == "" || m.Next == "" || strings.Contains(m.Text(), "cGF") {
			t.Errorf("%.30q is explained as %+v, want %q", text, m, want)
		}
	}
}
