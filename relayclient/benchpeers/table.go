package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// A row is a line of the table.
type row [7]string

var heading = row{"Figure", "Measured", "Result", "Against", "Ratio", "Wanted", ""}

// rows turns the outcomes of a figure into lines. Those of contestants that
// are missing are left out.
func (f figure) rows(got rounds) []row {
	var rows []row
	for _, c := range f.comparisons {
		as, bs := numbers(got[c.a], c.metric), numbers(got[c.b], c.metric)
		alone := c.b == contestant{}
		if len(as) == 0 || len(bs) == 0 && !alone {
			continue
		}
		title := f.title
		if c.metric.name != "" {
			title += ", " + c.metric.name
		}
		r := row{title, c.a.String(), c.metric.unit(median(as)), "", "", "", ""}
		judged := median(as)
		bound := c.metric.unit
		if !alone {
			var ratios []float64
			for i := range as {
				if bs[i] > 0 {
					ratios = append(ratios, as[i]/bs[i])
				}
			}
			if len(ratios) == 0 {
				continue // the system does not tell
			}
			judged = median(ratios)
			r[3] = c.b.String() + ": " + c.metric.unit(median(bs))
			r[4] = fmt.Sprintf("%.2f", judged)
			bound = func(v float64) string { return fmt.Sprintf("%.2f", v) }
		}
		switch {
		case c.atLeast > 0:
			r[5], r[6] = "≥ "+bound(c.atLeast), verdict(judged >= c.atLeast)
		case c.atMost > 0:
			r[5], r[6] = "≤ "+bound(c.atMost), verdict(judged <= c.atMost)
		}
		rows = append(rows, r)
	}
	return rows
}

func verdict(met bool) string {
	if met {
		return "met"
	}
	return "not met"
}

func numbers(all []outcome, m metric) []float64 {
	var values []float64
	for _, o := range all {
		values = append(values, m.value(o))
	}
	return values
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	if n := len(sorted); n%2 == 0 {
		return (sorted[n/2-1] + sorted[n/2]) / 2
	}
	return sorted[len(sorted)/2]
}

// header says where and how it was measured.
func (c *conductor) header(ctx context.Context) []string {
	node := "no Node"
	if out, err := exec.CommandContext(ctx, "node", "--version").Output(); err == nil {
		node = "Node " + strings.TrimSpace(string(out))
	}
	return []string{
		fmt.Sprintf("%s, %d cores, %s/%s, %s, %s, %s", cpuModel(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), node, time.Now().Format(time.DateOnly)),
		fmt.Sprintf("Medians of %d rounds taken in turns; a ratio is the median of the ratios of each round.", c.options.rounds),
		"Listener and sender share a process, the relay has its own. The floor is bare gorilla/websocket with " + floorBuffers + ".",
		"Memory is the growth of heap and stacks in use after a collection, divided by 2,000: both ends of each connection count.",
	}
}

func cpuModel() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if name, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown processor"
}

func printTable(w io.Writer, header []string, rows []row, markdown bool) error {
	for _, line := range header {
		fmt.Fprintln(w, line)
	}
	fmt.Fprintln(w)
	if markdown {
		rule := "|" + strings.Repeat(" --- |", len(heading))
		fmt.Fprintf(w, "| %s |\n%s\n", strings.Join(heading[:], " | "), rule)
		for _, r := range rows {
			fmt.Fprintf(w, "| %s |\n", strings.Join(r[:], " | "))
		}
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range append([]row{heading}, rows...) {
		fmt.Fprintln(t, strings.Join(r[:], "\t"))
	}
	return t.Flush()
}
