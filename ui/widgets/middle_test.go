package widgets

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestShortenMiddleKeepsBothEnds(t *testing.T) {
	width := func(s string) float32 { return float32(utf8.RuneCountInString(s)) }
	for name, tt := range map[string]struct {
		text  string
		room  float32
		wants string
	}{
		"fits":         {"orders", 6, "orders"},
		"odd":          {"orders listener 1", 7, "ord…r 1"},
		"even":         {"orders listener 1", 8, "orde…r 1"},
		"letters":      {"заказы на запад", 5, "за…ад"},
		"hardly room":  {"orders", 1, "…"},
		"not laid out": {"orders", 0, "orders"},
		"empty":        {"", 10, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := shortenMiddle(tt.text, tt.room, width)
			if got != tt.wants || !utf8.ValidString(got) {
				t.Errorf("shortenMiddle(%q, %v) = %q, want %q", tt.text, tt.room, got, tt.wants)
			}
			if strings.Contains(got, "…") && width(got) > tt.room {
				t.Errorf("%q is wider than %v", got, tt.room)
			}
		})
	}
}
