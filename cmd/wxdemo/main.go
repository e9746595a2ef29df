// Command wxdemo shows wxhub to a newcomer in one command: a mini-program user logs
// in and pays, against a WeChat on this machine that signs and encrypts as the real
// one does. Then it keeps everything running to be explored.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/alecthomas/kong"

	"wxhub/cmd/internal/app"
	"wxhub/cmd/internal/config"
	"wxhub/cmd/wxdemo/stack"
	"wxhub/wx/sandbox"
)

type options struct {
	Once        bool   `help:"Exit after the walk: 0 when every step went well."`
	Data        string `help:"Where the demo keeps its store and configuration." default:"data/wxdemo" placeholder:"DIR"`
	Addr        string `help:"Address of the server; a free port when it is taken." default:"127.0.0.1:8080"`
	SandboxAddr string `help:"Address of the sandbox; a free port when it is taken." default:"127.0.0.1:9900"`
	Verbose     bool   `help:"Show the server's log." short:"v"`
}

func main() {
	var o options
	kong.Parse(&o, kong.Name("wxdemo"), kong.UsageOnError(),
		kong.Description("Everything in one process: watch a mini-program user log in and pay."))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	err := run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "\nwxdemo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	if err := os.MkdirAll(o.Data, 0o700); err != nil {
		return err
	}
	s, err := start(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	out := newConsole(os.Stdout)
	if err := walk(ctx, s, out); err != nil {
		return err
	}
	if o.Once {
		return nil
	}
	if _, err := s.OpenAccount(ctx, shopMenu); err != nil {
		return err
	}
	out.explore(s, o)
	<-ctx.Done()
	out.line("\nStopping.")
	return nil
}

// shopMenu is the menu of the official account on the phone.
var shopMenu = []config.MenuButton{
	{Name: "付款 Pay", Type: "view", URL: "/c/" + collectCode},
	{Name: "茶 Tea", SubButtons: []config.MenuButton{
		{Name: "Green tea ¥19.90", Type: "view", URL: "/c/" + collectCode + "?amount=1990"},
		{Name: "Oolong ¥128.00", Type: "view", URL: "/c/" + collectCode + "?amount=12800"},
	}},
	{Name: "Hello", Type: "click", Key: "hello"},
}

const collectCode = "counter-1"

func start(ctx context.Context, o options) (*stack.Stack, error) {
	level := slog.Level(127) // nothing
	if o.Verbose {
		level = slog.LevelInfo
	}
	dir, err := filepath.Abs(o.Data)
	if err != nil {
		return nil, err
	}
	return stack.Start(ctx, stack.Options{
		Dir: dir, Addr: o.preferred(o.Addr), SandboxAddr: o.preferred(o.SandboxAddr),
		Seed: 1, // the payer has the same openid next time
		Env: []string{
			"WXHUB_JOBS__HARVEST_INTERVAL=0s", // its calls would stand among those of the walk
			"WXHUB_COLLECT_CODES=[{id: " + collectCode + ", merchant: '" + sandbox.DefaultMerchant + "', title: Corner shop, max: 500000}]",
		},
		Log: app.NewLogger(os.Stderr, level), Version: "demo",
	})
}
