package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"wxhub/cmd/internal/app"
	"wxhub/cmd/internal/config"
)

type serveCommand struct {
	Roles    []string `help:"What this instance does." default:"api,jobs" enum:"api,jobs"`
	LogLevel string   `help:"Least level that is logged." default:"info" enum:"debug,info,warn,error"`
}

// configError is a fault of the configuration: exit code 2, as for a wrong command line.
type configError struct{ error }

// Run serves until SIGINT or SIGTERM, then answers what is in flight and returns nil.
func (s serveCommand) Run(c *commands) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	cfg, err := config.Load(c.Config, os.Environ())
	if err != nil {
		return configError{err}
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(s.LogLevel)); err != nil {
		return err
	}
	log := app.NewLogger(os.Stdout, level)
	a, err := app.New(ctx, cfg, app.Options{
		Roles:   app.Roles{API: slices.Contains(s.Roles, "api"), Jobs: slices.Contains(s.Roles, "jobs")},
		Version: version, Log: log,
	})
	if err != nil {
		return fmt.Errorf("%s: %w", c.Config, err)
	}
	for _, n := range cfg.Notices() {
		log.Warn(n)
	}
	log.Info("wxhub is listening", "addr", a.Addr(), "public_url", cfg.Server.PublicURL, "roles", s.Roles,
		"apps", len(cfg.WeChat.Apps), "merchants", len(cfg.Pay.Merchants), "version", version)
	runErr := a.Run(ctx)
	if err := a.Close(); runErr == nil {
		runErr = err
	}
	if runErr == nil {
		log.Info("stopped")
	}
	return runErr
}
