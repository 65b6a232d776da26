package journal

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// The values of fields that are compared, or that have words of their own.

func size(value string) (func(*Row) (int, bool), error) {
	text := strings.ToLower(value)
	text = strings.TrimSuffix(strings.TrimSuffix(text, "b"), "i")
	unit := 1.0
	for suffix, factor := range map[string]float64{"k": 1 << 10, "m": 1 << 20, "g": 1 << 30} {
		if rest, ok := strings.CutSuffix(text, suffix); ok {
			text, unit = rest, factor
			break
		}
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n >= 0 && n*unit <= math.MaxInt64/2) {
		return nil, fmt.Errorf("%q is no size", value)
	}
	want := int64(n * unit)
	return func(r *Row) (int, bool) { return cmp.Compare(r.Size, want), r.Kind == Data || r.Size > 0 }, nil
}

func status(value string) (func(*Row) (int, bool), error) {
	want, err := strconv.Atoi(value)
	if err != nil {
		return nil, fmt.Errorf("%q is no status", value)
	}
	return func(r *Row) (int, bool) { return cmp.Compare(r.Status, want), r.Status != 0 }, nil
}

// statuses takes 401 and 4xx.
func statuses(value string) (func(*Row) bool, error) {
	if class, ok := strings.CutSuffix(strings.ToLower(value), "xx"); ok && len(class) == 1 && '1' <= class[0] && class[0] <= '5' {
		hundred := int(class[0] - '0')
		return func(r *Row) bool { return r.Status/100 == hundred }, nil
	}
	want, err := strconv.Atoi(value)
	if err != nil {
		return nil, errors.New("expected a status such as 401 or 4xx")
	}
	return func(r *Row) bool { return r.Status == want && want != 0 }, nil
}

func latency(value string) (func(*Row) (int, bool), error) {
	want, err := time.ParseDuration(strings.ToLower(value))
	if err != nil {
		return nil, fmt.Errorf("%q is no time", value)
	}
	return func(r *Row) (int, bool) { return cmp.Compare(r.Latency, want), r.Latency != 0 }, nil
}

func number(value string) (func(*Row) (int, bool), error) {
	want, err := strconv.ParseUint(strings.TrimPrefix(value, "#"), 10, 64)
	if err != nil {
		return nil, fmt.Errorf("%q is no number", value)
	}
	return func(r *Row) (int, bool) { return cmp.Compare(r.Number, want), true }, nil
}

// clock takes a time of day or a moment, in local time unless a Z follows. A
// row is at 10:02 until 10:03: what is not written does not count.
func clock(value string) (func(*Row) (int, bool), error) {
	text, zone := strings.ToUpper(value), time.Local
	if rest, ok := strings.CutSuffix(text, "Z"); ok {
		text, zone = rest, time.UTC
	}
	for _, form := range []struct {
		layout string
		unit   time.Duration
	}{
		{"15:04", time.Minute}, {"15:04:05", time.Second}, {"15:04:05.0", 100 * time.Millisecond},
		{"15:04:05.00", 10 * time.Millisecond}, {"15:04:05.000", time.Millisecond},
	} {
		if t, err := time.ParseInLocation(form.layout, text, zone); err == nil && len(text) == len(form.layout) {
			want := sinceMidnight(t)
			return func(r *Row) (int, bool) {
				return cmp.Compare(sinceMidnight(r.Time.In(zone)).Truncate(form.unit), want), !r.Time.IsZero()
			}, nil
		}
		if t, err := time.ParseInLocation("2006-01-02T"+form.layout, text, zone); err == nil && len(text) == len(form.layout)+11 {
			return func(r *Row) (int, bool) { return r.Time.Truncate(form.unit).Compare(t), !r.Time.IsZero() }, nil
		}
	}
	if t, err := time.ParseInLocation("2006-01-02", text, zone); err == nil {
		return func(r *Row) (int, bool) {
			y, m, d := r.Time.In(zone).Date()
			return time.Date(y, m, d, 0, 0, 0, 0, zone).Compare(t), !r.Time.IsZero()
		}, nil
	}
	return nil, fmt.Errorf("%q is no time", value)
}

func sinceMidnight(t time.Time) time.Duration {
	h, m, s := t.Clock()
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second + time.Duration(t.Nanosecond())
}

func connection(value string) (func(*Row) bool, error) {
	want := "#" + strings.TrimPrefix(value, "#")
	if want == "#" {
		return nil, errors.New("expected a connection such as #3")
	}
	return func(r *Row) bool { return r.Connection == want }, nil
}

func isA(value string) (func(*Row) bool, error) {
	switch strings.ToLower(value) {
	case "http":
		return (*Row).http, nil
	case "error":
		return (*Row).failed, nil
	case "cut":
		return func(r *Row) bool { return r.Truncated }, nil
	case "marked":
		return func(r *Row) bool { return r.Mark != NoMark }, nil
	case "noted":
		return func(r *Row) bool { return r.facts().Note != "" }, nil
	}
	return nil, errors.New("expected http, error, cut, marked or noted")
}

func marked(value string) (func(*Row) bool, error) {
	if strings.EqualFold(value, "any") {
		return func(r *Row) bool { return r.Mark != NoMark }, nil
	}
	want, ok := parseMark(value)
	if !ok {
		return nil, errors.New("expected red, amber, green, blue, violet, any or none")
	}
	return func(r *Row) bool { return r.Mark == want }, nil
}
