package ui

import (
	"testing"
	"time"
)

func TestLifetimesAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"": 0, "3 min": 3 * time.Minute, "90": 90 * time.Minute, " 1.5 h ": 90 * time.Minute, "1h30m": 90 * time.Minute,
		"7 days": 7 * 24 * time.Hour, "2 Hours": 2 * time.Hour, "45s": 45 * time.Second,
	} {
		if got, problem := readLifetime(text); got != want || problem != "" {
			t.Errorf("readLifetime(%q) = %v, %q, want %v", text, got, problem, want)
		}
	}
	for _, text := range []string{"soon", "-1 h", "0", "1 fortnight", "1e300 days", "NaN", "h", "1 h 30"} {
		if got, problem := readLifetime(text); problem == "" {
			t.Errorf("readLifetime(%q) = %v, want a sentence", text, got)
		}
	}
}

func TestLifetimesAreReadBack(t *testing.T) {
	for _, d := range []time.Duration{0, time.Second, 90 * time.Second, time.Minute, time.Hour, 90 * time.Minute, 24 * time.Hour, 36 * time.Hour, 7 * 24 * time.Hour} {
		text := lifetimeText(d)
		if got, problem := readLifetime(text); got != d || problem != "" {
			t.Errorf("%v is written %q and read as %v, %q", d, text, got, problem)
		}
	}
	for _, text := range lifetimes() {
		d, _ := readLifetime(text)
		if lifetimeText(d) != text {
			t.Errorf("%q is offered, and shown as %q", text, lifetimeText(d))
		}
	}
}
