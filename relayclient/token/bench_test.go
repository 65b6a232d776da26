package token_test

import (
	"testing"

	"relayscope/relayclient/token"
)

// No mistake explains this signature, so that all are tried.
func BenchmarkCheckKeyInVain(b *testing.B) {
	got, err := token.Read(vectorToken)
	if err != nil {
		b.Fatal(err)
	}
	key := secret("another")
	b.ReportAllocs()
	for b.Loop() {
		if check := got.SAS.CheckKey(key); check.Verdict != token.Wrong {
			b.Fatal(check)
		}
	}
}
