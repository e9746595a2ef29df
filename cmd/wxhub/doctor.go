package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"wxhub/cmd/internal/app"
	"wxhub/cmd/internal/config"
)

type doctorCommand struct{}

// Run prints one line a check, and what to do.
func (doctorCommand) Run(c *commands) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	cfg, err := config.Load(c.Config, os.Environ())
	if err != nil {
		return configError{err}
	}
	fmt.Printf("ok    config: %s is valid, with %d apps and %d merchants\n", c.Config, len(cfg.WeChat.Apps), len(cfg.Pay.Merchants))
	quiet := app.NewLogger(os.Stderr, slog.LevelError+1) // what goes wrong is in the lines
	failed, err := app.Examine(ctx, cfg, quiet, func(f app.Finding) {
		mark := "ok   "
		switch {
		case f.Failed:
			mark = "FAIL "
		case f.Advice:
			mark = "note "
		}
		line := mark + " " + f.Name + ": " + f.Says
		if f.Remedy != "" {
			line += " → " + f.Remedy
		}
		fmt.Println(line)
	})
	if err == nil && failed > 0 {
		err = fmt.Errorf("%d checks failed", failed)
	}
	return err
}
