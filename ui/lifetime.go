package ui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"relayscope/relayclient"
)

// lifetimes are offered; others can be typed. Three minutes show a renewal to
// whoever does not want to wait for an hour.
func lifetimes() []string {
	return []string{"3 min", "15 min", "1 h", "8 h", "24 h", "7 days"}
}

// lifetimeText writes a lifetime as people do; the default is empty.
func lifetimeText(d time.Duration) string {
	units := []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "days"}, {time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}}
	if d == 0 {
		return ""
	}
	if d == 24*time.Hour {
		return "24 h"
	}
	for _, u := range units {
		if d%u.of == 0 {
			return fmt.Sprintf("%d %s", d/u.of, u.name)
		}
	}
	return d.String()
}

// defaultLifetime is what an empty field stands for.
func defaultLifetime() string { return lifetimeText(relayclient.DefaultTokenLifetime) }

// readLifetime reads "20 min", "1.5 h", "1h30m" or a bare number of minutes.
// problem is a sentence; "" if there is none.
func readLifetime(text string) (d time.Duration, problem string) {
	const shape = "The token lifetime should be a time such as 20 min, 8 h or 7 days, or be empty."
	compact := strings.ToLower(strings.Join(strings.Fields(text), ""))
	if compact == "" {
		return 0, ""
	}
	if d, err := time.ParseDuration(compact); err == nil && d > 0 {
		return d, ""
	}
	number := strings.TrimRight(compact, "abcdefghijklmnopqrstuvwxyz")
	unit, known := map[string]time.Duration{
		"": time.Minute, "s": time.Second, "sec": time.Second, "seconds": time.Second,
		"m": time.Minute, "min": time.Minute, "minute": time.Minute, "minutes": time.Minute,
		"h": time.Hour, "hour": time.Hour, "hours": time.Hour, "d": 24 * time.Hour, "day": 24 * time.Hour, "days": 24 * time.Hour,
	}[compact[len(number):]]
	n, err := strconv.ParseFloat(number, 64)
	const most = 100 * 365 * 24 // hours, below what a Duration can hold
	if !known || err != nil || !(n > 0) || n*unit.Hours() > most {
		return 0, shape
	}
	return time.Duration(n * float64(unit)), ""
}
