// Command trimgl makes a copy of the OpenGL bindings with only the functions
// that Fyne calls, and a go.mod that uses the copy:
//
//	go run .ci/trimgl/main.go dist/gl
//	go build -modfile=dist/gl/window.mod .
//
// The bindings declare some 2,850 functions and Fyne calls fewer than 60, but
// cgo works through all of them: that is four fifths of a build from scratch.
// If this goes wrong the program does not compile; it cannot misbehave later,
// because a function is either there, unchanged, or unknown to the compiler.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/format"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const (
	fyneModule = "fyne.io/fyne/v2"
	glModule   = "github.com/go-gl/gl"
)

// A rule finds a kind of declaration in generated code. The first group of
// start is its name; it ends with its first line, or with the line end.
type rule struct {
	start *regexp.Regexp
	end   string
}

var (
	functions = []rule{{regexp.MustCompile(`^func ([A-Z]\w*)\(`), "}"}}
	support   = []rule{
		{regexp.MustCompile(`^// typedef .*\(APIENTRYP (GP\w+)\)`), ""},
		{regexp.MustCompile(`^// static .*\bglow\w+\((GP\w+) +fnptr`), "// }"},
		{regexp.MustCompile(`^\t(gp\w+) +C\.GP`), ""},
		{regexp.MustCompile(`^\t(gp\w+) = \(C\.GP`), ""},
		{regexp.MustCompile(`^\tif (gp\w+) == nil`), "\t}"},
	}
	binding = regexp.MustCompile(`"` + glModule + `/([\w./]+)"`)
	call    = regexp.MustCompile(`\bgl\.([A-Z]\w*)\(`)
	pointer = regexp.MustCompile(`\bC\.glow\w+\((gp\w+)`)
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("trimgl: ")
	if len(os.Args) != 2 {
		log.Fatal("usage: trimgl output-folder")
	}
	if err := run(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func run(out string) error {
	fyneDir, err := moduleDir(fyneModule)
	if err != nil {
		return err
	}
	glDir, err := moduleDir(glModule)
	if err != nil {
		return err
	}
	painters, err := filepath.Glob(filepath.Join(fyneDir, "internal/painter/gl/*.go"))
	if err != nil {
		return err
	}
	for _, painter := range painters {
		src, err := os.ReadFile(painter)
		if err != nil {
			return err
		}
		// One file of the painter uses one binding: desktop OpenGL or OpenGL ES.
		if m := binding.FindSubmatch(src); m != nil {
			if err := trimPackage(filepath.Join(glDir, string(m[1])), filepath.Join(out, string(m[1])), calls(src)); err != nil {
				return err
			}
		}
	}
	return writeModule(out)
}

// moduleDir downloads a required module, if need be, and returns its folder.
func moduleDir(path string) (string, error) {
	cmd := exec.Command("go", "mod", "download", "-json", path)
	cmd.Stderr = os.Stderr
	answer, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("download %s: %w", path, err)
	}
	var module struct{ Dir string }
	return module.Dir, json.Unmarshal(answer, &module)
}

func calls(src []byte) map[string]bool {
	names := map[string]bool{"Init": true, "InitWithProcAddrFunc": true}
	for _, m := range call.FindAllSubmatch(src, -1) {
		names[string(m[1])] = true
	}
	return names
}

// trimPackage copies a package; only package.go, the generated one, is trimmed.
func trimPackage(from, to string, keep map[string]bool) error {
	if err := os.RemoveAll(to); err != nil { // an older copy cannot be overwritten
		return err
	}
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return err
	}
	src, err := os.ReadFile(filepath.Join(from, "package.go"))
	if err != nil {
		return err
	}
	src, err = format.Source([]byte(trim(string(src), keep)))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(to, "package.go"), src, 0o644)
}

// trim drops the functions that are not in keep, then all that served only them.
func trim(src string, keep map[string]bool) string {
	src = drop(src, functions, func(name string) bool { return !keep[name] })
	used := make(map[string]bool) // as in gpActiveTexture, and its type GPACTIVETEXTURE
	for _, m := range pointer.FindAllStringSubmatch(src, -1) {
		used[m[1]], used[strings.ToUpper(m[1])] = true, true
	}
	return drop(src, support, func(name string) bool { return !used[name] })
}

// drop returns src without the declarations whose names are unwanted.
func drop(src string, rules []rule, unwanted func(name string) bool) string {
	var b strings.Builder
	var end string // of the declaration that is being dropped
	for line := range strings.Lines(src) {
		if end != "" {
			if strings.HasPrefix(line, end) {
				end = ""
			}
			continue
		}
		i := slices.IndexFunc(rules, func(r rule) bool { return r.start.MatchString(line) })
		if i < 0 || !unwanted(rules[i].start.FindStringSubmatch(line)[1]) {
			b.WriteString(line)
			continue
		}
		end = rules[i].end
	}
	return b.String()
}

// writeModule writes the go.mod of the copy, and the window.mod that replaces
// the module by the copy. The checksums of all other modules still apply.
func writeModule(out string) error {
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		return err
	}
	sum, err := os.ReadFile("go.sum")
	if err != nil {
		return err
	}
	mod = fmt.Appendf(mod, "\nreplace %s => ./%s\n", glModule, filepath.ToSlash(out))
	return errors.Join(
		os.WriteFile(filepath.Join(out, "go.mod"), []byte("module "+glModule+"\n"), 0o644),
		os.WriteFile(filepath.Join(out, "window.sum"), sum, 0o644),
		os.WriteFile(filepath.Join(out, "window.mod"), mod, 0o644), // last: make goes by its date
	)
}
