// Command wxsandbox is the local WeChat platform alone: the simulator of wx/sandbox on two ports, one for the
// platform's own paths and one for the control API.
package main

import (
	"context"
	"errors"
	"fmt"
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
	var f flags
	kong.Parse(&f, kong.Name("wxsandbox"), kong.Description("The WeChat platform on your machine: mini-program login and WeChat Pay APIv3, with faults."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, f, os.Stdout, os.Stderr)
	stop()
	var bad *usageError
	switch {
	case errors.As(err, &bad):
		fmt.Fprintln(os.Stderr, "wxsandbox:", err)
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "wxsandbox:", err)
		os.Exit(1)
	}
}
