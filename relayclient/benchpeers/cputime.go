package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
)

// cpuTime returns the seconds of processor time that a process has used, in
// steps of 10 ms, or 0 where the system has no /proc that tells.
func cpuTime(pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	// The program's name, in parentheses, may hold anything.
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	if len(fields) < 13 {
		return 0
	}
	ticks := 0
	for _, field := range fields[11:13] { // in the program, in the kernel
		n, err := strconv.Atoi(string(field))
		if err != nil {
			return 0
		}
		ticks += n
	}
	return float64(ticks) / 100 // Linux tells all programs of 100 ticks a second
}
