// Command wxhub is the production binary: the server and its operator's commands.
// Nothing of the simulator can be reached from it.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/alecthomas/kong"
)

// Exit codes of every command.
const (
	exitFailed = 1 // it ran and failed
	exitUsage  = 2 // the command line or the configuration is wrong
	exitDiffer = 3 // it ran and found what somebody must look at
)

// differs is an error that is a finding, not a failure.
type differs struct{ error }

// Set by the linker.
var (
	version = "dev"
	commit  = "unknown"
)

type commands struct {
	Config string `help:"Configuration file." default:"config.yaml" placeholder:"FILE"`

	Serve       serveCommand       `cmd:"" help:"Run the server."`
	Doctor      doctorCommand      `cmd:"" help:"Check configuration, keys, clock, and that WeChat, the store and Redis can be reached; exit 1 when something is wrong."`
	Menu        menuCommand        `cmd:"" help:"The menu of an official account: compare, push, show, delete."`
	Notify      notifyCommand      `cmd:"" help:"Look at the notifications of WeChat Pay that were kept, and replay them."`
	Reconcile   reconcileCommand   `cmd:"" help:"Compare WeChat Pay's bill of a day with the orders; exit 3 when they differ."`
	Differences differencesCommand `cmd:"" help:"Look at what bills and orders do not agree about, and settle it."`

	Token   tokenCommand   `cmd:"" help:"Look at the access token of an app, or replace it."`
	Users   usersCommand   `cmd:"" help:"Look at users, erase them, decide who is who."`
	Version versionCommand `cmd:"" help:"Print version, commit and Go version."`
}

func main() {
	var c commands
	parser, err := kong.New(&c, kong.Name("wxhub"), kong.UsageOnError(), kong.Exit(exit),
		kong.Description("Login and WeChat Pay behind one API. See README.md."))
	if err != nil {
		fail(exitFailed, err)
	}
	run, err := parser.Parse(os.Args[1:])
	if err != nil {
		parser.FatalIfErrorf(err)
	}
	if err := run.Run(&c); err != nil {
		code := exitFailed
		switch {
		case errors.As(err, &configError{}):
			code = exitUsage
		case errors.As(err, &differs{}):
			code = exitDiffer
		}
		fail(code, err)
	}
}

// exit maps kong's code for a bad command line to ours.
func exit(code int) {
	if code != 0 {
		code = exitUsage
	}
	os.Exit(code)
}

func fail(code int, err error) {
	fmt.Fprintln(os.Stderr, "wxhub:", err)
	os.Exit(code)
}
