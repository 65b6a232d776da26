package live

import "testing"

func TestBodiesAreTextOrBytes(t *testing.T) {
	for _, tt := range []struct {
		body      string
		cut, text bool
	}{
		{"", false, true}, {"", true, true}, {"grün", false, true}, {"gr\xc3", true, true}, {"gr\xf0\x9f\x98", true, true},
		{"gr\xc3", false, false}, {"\xff", false, false}, {"\xff\x00", false, false}, {"gr\xff", true, false}, {"a\x00b", false, false}, {"\x9f\x98\x80", true, false},
	} {
		if got := isText([]byte(tt.body), tt.cut); got != tt.text {
			t.Errorf("isText(%q, %v) = %v", tt.body, tt.cut, got)
		}
	}
}
