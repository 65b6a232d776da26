// Relayscope tests Azure Relay Hybrid Connections: with a window, or from a
// terminal.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/alecthomas/kong"
)

// version is set by the build.
var version = "dev"

// Exit statuses. They are part of the commands' interface.
const (
	exitOK     = 0
	exitFailed = 1 // what was asked did not happen
	exitUsage  = 2 // the command line is wrong
)

type commandLine struct {
	Version kong.VersionFlag `help:"Print the version and exit."`
	Verbose bool             `help:"Write what happens inside to standard error. No secret is ever written."`

	Window windowCommands `embed:""` // none in the program without a window

	Relay  relayCommand  `cmd:"" help:"Run the local relay alone, for other programs to use."`
	Listen listenCommand `cmd:"" help:"Listen on a hybrid connection."`
	Send   sendCommand   `cmd:"" help:"Connect to a hybrid connection and send messages."`
	Tunnel tunnelCommand `cmd:"" help:"Carry the TCP connections of local programs through a hybrid connection. At its other end, listen with --answer forward-tcp."`
	Token  tokenCommand  `cmd:"" help:"Say what is in a SAS token or JWT and whether it fits. Nothing is sent anywhere unless --verify is given."`
	Sign   signCommand   `cmd:"" help:"Write a token for a hybrid connection to standard output, for a script to use. It is a secret."`
	Test   testCommand   `cmd:"" help:"Test the connection step by step, from the name lookup to a round trip."`
}

// A terminal is what a command reads from and writes to.
type terminal struct {
	context.Context // ends on an interrupt
	out, err        io.Writer
	log             *slog.Logger
}

func main() { os.Exit(run(programName(os.Args[0]), os.Args[1:], os.Stdout, os.Stderr)) }

// programName returns what help and complaints call the program: as it was
// started, for it has one name with a window and another without.
func programName(path string) string {
	name, _, _ := strings.Cut(filepath.Base(path), ".")
	if !strings.HasPrefix(name, "relayscope") {
		return "relayscope"
	}
	return name
}

func run(name string, args []string, stdout, stderr io.Writer) int {
	if holdsSecret(args) {
		fmt.Fprintln(stderr, name+": "+problem{
			Title: "A connection string or token does not belong on a command line",
			Cause: "Other users of this computer can see it there.",
			Next:  "Put it into an environment variable and give the variable's name with --connection-string-env, or a token's with --token-env.",
		}.Error())
		return exitUsage
	}
	for i, a := range args {
		if !utf8.ValidString(a) { // the parser would replace what it cannot read
			fmt.Fprintf(stderr, "%s: argument %d is not valid UTF-8; give the bytes of a binary message with --hex\n", name, i+1)
			return exitUsage
		}
	}
	var cl commandLine
	exit := -1
	parser, err := kong.New(&cl,
		kong.Name(name), kong.Description("Tests Azure Relay Hybrid Connections."),
		kong.Vars{"version": version}, kong.Writers(stdout, stderr), kong.UsageOnError(),
		kong.Exit(func(code int) { exit = code }),
	)
	if err != nil {
		panic(err) // the declarations above are wrong
	}
	parsed, err := parser.Parse(args)
	if exit >= 0 {
		return exit // --help or --version did its work
	}
	if err != nil {
		fmt.Fprintf(stderr, "%[1]s: %[2]s\nTry %[1]s --help.\n", name, keyLike.ReplaceAllString(err.Error(), "[redacted]"))
		return exitUsage
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	t := &terminal{Context: ctx, out: stdout, err: stderr, log: slog.New(slog.DiscardHandler)}
	if cl.Verbose {
		t.log = slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	if err := parsed.Run(t); err != nil {
		fmt.Fprintln(stderr, name+": "+err.Error())
		return exitFailed
	}
	return exitOK
}

// keyLike matches a policy's key: 32 bytes in base64.
var keyLike = regexp.MustCompile(`[A-Za-z0-9+/]{43}=`)

// jwtLike matches the beginning of a JSON Web Token.
var jwtLike = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}\.`)

// holdsSecret reports whether somebody put a connection string or a token on
// the command line. Not even the complaint about it may repeat it. The endpoint
// gives away a connection string whose other keys are misspelled.
func holdsSecret(args []string) bool {
	for _, a := range args {
		compact := strings.ToLower(strings.Join(strings.Fields(a), ""))
		for _, mark := range []string{"sharedaccesskey=", "sharedaccesssignature", "endpoint=sb:"} {
			if strings.Contains(compact, mark) {
				return true
			}
		}
		if jwtLike.MatchString(a) {
			return true
		}
	}
	return false
}
