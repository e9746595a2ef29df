// Command wxsandbox is the local WeChat platform alone: the simulator of wx/sandbox on two ports, one for the
// platform's own paths and one for the control API.
//
// It exits 0 when it is told to stop (SIGINT, SIGTERM), 2 for a mistake that the caller can mend, and 1 for
// everything else.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// flags are the command line.
type flags struct {
	Addr        string `default:"127.0.0.1:9900" help:"Where the platform answers."`
	ControlAddr string `help:"Where the control API answers; default: the port after --addr. /sandbox also answers on --addr."`
	Seed        uint64 `help:"Seed of ids and random faults; 0 is a random one. The same seed and user names give the same openids."`
	Faults      string `enum:"default,none" default:"default" help:"default: a mild seeded mix of duplicates, signature probes, delays and rare system errors. none: only the faults that you order."`
	Log         string `enum:"text,json" default:"text" help:"Format of the log on standard error: text or json."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := command(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "wxsandbox:", err)
	var bad *usageError
	if errors.As(err, &bad) {
		os.Exit(2)
	}
	os.Exit(1)
}

// command parses the arguments and runs.
func command(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var f flags
	parser, err := kong.New(&f, kong.Name("wxsandbox"), kong.Writers(stdout, stderr),
		kong.Description("The WeChat platform on your machine: mini-program login and WeChat Pay APIv3, with faults."))
	if err != nil {
		return err
	}
	if _, err := parser.Parse(args); err != nil {
		return &usageError{err.Error() + "; wxsandbox --help lists the flags"}
	}
	return run(ctx, f, stdout, stderr)
}
