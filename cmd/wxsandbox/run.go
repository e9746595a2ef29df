package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"wxhub/wx/sandbox"
)

// shutdownGrace is how long calls under way may take when the process is told to stop.
const shutdownGrace = 3 * time.Second

// run serves until ctx ends. It returns a *usageError for what the caller can mend.
func run(ctx context.Context, f flags, stdout, stderr io.Writer) error {
	platformListener, controlListener, err := listen(f)
	if err != nil {
		return err
	}
	platformURL, controlURL := urlOf(platformListener), urlOf(controlListener)
	platform, err := sandbox.New(sandbox.Options{
		Seed: f.Seed, Faults: f.Faults, Logger: newLogger(f.Log, stderr), PublicURL: platformURL,
	})
	if err != nil {
		return errors.Join(err, platformListener.Close(), controlListener.Close())
	}
	if err := printBanner(stdout, platform, platformURL, controlURL, f.Faults); err != nil {
		return errors.Join(err, platform.Close(), platformListener.Close(), controlListener.Close())
	}
	return serve(ctx, platform, map[net.Listener]http.Handler{
		platformListener: platform.Handler(), controlListener: platform.Control(),
	})
}

// serve runs one server for each listener until ctx ends or one fails, then stops all of them.
func serve(ctx context.Context, platform *sandbox.Platform, handlers map[net.Listener]http.Handler) error {
	failed := make(chan error, len(handlers))
	var servers []*http.Server
	for listener, handler := range handlers {
		server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
		servers = append(servers, server)
		go func() { failed <- server.Serve(listener) }()
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	// The platform first: it lets go of calls that hang on purpose.
	err = errors.Join(err, platform.Close())
	grace, cancel := context.WithTimeout(context.Background(), shutdownGrace)
	defer cancel()
	for _, server := range servers {
		if server.Shutdown(grace) != nil {
			_ = server.Close() // calls that outlast the grace are cut off
		}
	}
	return err
}

func newLogger(format string, to io.Writer) *slog.Logger {
	if format == "json" {
		return slog.New(slog.NewJSONHandler(to, nil))
	}
	return slog.New(slog.NewTextHandler(to, &slog.HandlerOptions{ReplaceAttr: brief}))
}

// brief leaves out what is empty and shortens the time, for people.
func brief(_ []string, a slog.Attr) slog.Attr {
	switch {
	case a.Key == slog.TimeKey:
		return slog.String("time", a.Value.Time().Format("15:04:05.000"))
	case a.Key == slog.LevelKey && a.Value.String() == "INFO":
		return slog.Attr{}
	case a.Value.Kind() == slog.KindString && a.Value.String() == "",
		a.Value.Kind() == slog.KindInt64 && a.Value.Int64() == 0:
		return slog.Attr{}
	}
	return a
}
