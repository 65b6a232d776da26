package main

import "testing"

func outcomes(rates ...int) []outcome {
	var all []outcome
	for _, r := range rates {
		all = append(all, outcome{Count: r, Seconds: 1})
	}
	return all
}

// A ratio is the median of the ratios, which is not the ratio of the medians.
func TestRows(t *testing.T) {
	f := figure{title: "work", comparisons: []comparison{
		{rate, ours, floor, 1.5, 0}, {rate, ours, floor, 0, 1.5}, {rate, ours, hycoWS, 2, 0},
	}}
	rows := f.rows(rounds{ours: outcomes(100, 200, 3000), floor: outcomes(100, 100, 1000)})
	want := []row{
		{"work", "ours", "200/s", "floor over localrelay: 100/s", "2.00", "≥ 1.50", "met"},
		{"work", "ours", "200/s", "floor over localrelay: 100/s", "2.00", "≤ 1.50", "not met"},
	}
	if len(rows) != len(want) {
		t.Fatalf("got %d rows, want %d: whoever is missing has none", len(rows), len(want))
	}
	for i := range want {
		if rows[i] != want[i] {
			t.Errorf("row %d is %q, want %q", i, rows[i], want[i])
		}
	}
}

func TestChosen(t *testing.T) {
	got, err := chosen([]string{"ping64", "idle"})
	if err != nil || len(got) != 2 || got[0].name != "ping64" || got[1].name != "idle" {
		t.Errorf("chose %d figures, %v; want ping64 and idle", len(got), err)
	}
	if _, err := chosen([]string{"ping65"}); err == nil {
		t.Error("a figure that does not exist was chosen")
	}
}

func TestUnits(t *testing.T) {
	for got, want := range map[string]string{
		perSecond(1234567.8): "1,234,568/s", perSecond(999): "999/s",
		micros(0.0000123): "12.3 µs", micros(0.0123): "12,300 µs", kibibytes(1536): "1.5 KiB",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
