// Package stack runs everything that wxhub needs in one process: the sandbox as
// WeChat, the server with its jobs on an embedded store and Redis, and a small
// business backend that receives webhooks. The demo shows it to a newcomer; the
// end-to-end tests drive the same thing.
package stack

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"wxhub/cmd/internal/app"
	"wxhub/cmd/internal/config"
	"wxhub/wx/sandbox"
)

// Options are what Start needs. The zero value listens on free loopback ports.
type Options struct {
	Dir         string           // where the configuration and the store live; must exist
	Addr        string           // of the server
	SandboxAddr string           // of the sandbox
	Env         []string         // WXHUB_… overrides, on top of those that Start makes
	Faults      string           // of the sandbox: "none" (default) or "default"
	Seed        uint64           // of the sandbox: openids derive from it; 0 is random
	Now         func() time.Time // WeChat's wall clock; nil: time.Now
	Log         *slog.Logger
	Version     string
}

// Stack is a running stack.
type Stack struct {
	Sandbox    *sandbox.Platform
	SandboxURL string
	ControlURL string
	URL        string // of the server
	APIKey     string // of the business backend "shop", with every scope
	Shop       *Shop
	Config     string // the configuration file, as an operator would write it

	config *config.Config
	log    *slog.Logger
	stops  []func() error // in the order of starting
	ran    chan error
	stop   context.CancelFunc
}

const anyPort = "127.0.0.1:0"

// Start starts the stack. Stop it in the end.
func Start(ctx context.Context, o Options) (_ *Stack, err error) {
	s := &Stack{ran: make(chan error, 1)}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Stop())
		}
	}()
	if err := s.startSandbox(o); err != nil {
		return nil, err
	}
	listener, err := listen(o.Addr)
	if err != nil {
		return nil, err
	}
	s.URL = "http://" + listener.Addr().String()
	env, err := s.environment(o, listener.Addr().String())
	if err != nil {
		_ = listener.Close()
		return nil, err
	}
	return s, s.startServer(ctx, o, listener, append(env, o.Env...))
}

func (s *Stack) startSandbox(o Options) (err error) {
	platform, err := listen(o.SandboxAddr)
	if err != nil {
		return err
	}
	s.SandboxURL = "http://" + platform.Addr().String()
	if s.Sandbox, err = sandbox.New(sandbox.Options{Seed: o.Seed, Faults: o.Faults, Now: o.Now, PublicURL: s.SandboxURL}); err != nil {
		return errors.Join(err, platform.Close())
	}
	s.stops = append(s.stops, s.Sandbox.Close)
	s.serveOn(platform, s.Sandbox.Handler())
	control, err := s.serve("", s.Sandbox.Control())
	s.ControlURL = "http://" + control
	return err
}

// environment writes the configuration file and makes the overrides of this run.
func (s *Stack) environment(o Options, addr string) ([]string, error) {
	secret := make([]byte, 48)
	_, _ = rand.Read(secret) // crypto/rand does not fail
	s.APIKey = "demo_" + hex.EncodeToString(secret[:16])
	hook := "whsec_" + base64.StdEncoding.EncodeToString(secret[16:])
	var err error
	if s.Shop, err = newShop(hook); err != nil {
		return nil, err
	}
	shop, err := s.serve("", s.Shop)
	if err != nil {
		return nil, err
	}
	file, err := s.Sandbox.ConfigYAML(s.SandboxURL)
	if err != nil {
		return nil, err
	}
	s.Config = filepath.Join(o.Dir, "config.yaml")
	if err := os.WriteFile(s.Config, file, 0o600); err != nil {
		return nil, err
	}
	return []string{
		"WXHUB_SERVER__ADDR=" + addr,
		"WXHUB_SERVER__PUBLIC_URL=" + s.URL,
		"WXHUB_SERVER__API_KEYS=[{name: shop, key: '" + s.APIKey + "', scopes: [orders, users, tokens, transfers, merchants]}]",
		"WXHUB_STORE__URL=sqlite:" + filepath.Join(o.Dir, "wxhub.db"),
		"WXHUB_JOBS__RECONCILE_AT=off", // what happens in a demo does not depend on the time of day
		"WXHUB_WEBHOOKS=[{url: 'http://" + shop + "/events', secret: '" + hook + "', events: [order.paid, order.closed, user.created, user.merged, user.erased, follower.subscribed, menu.clicked, message.received, transfer.succeeded, transfer.failed]}]",
	}, nil
}

func (s *Stack) startServer(ctx context.Context, o Options, l net.Listener, env []string) error {
	s.log = o.Log
	cfg, err := config.Load(s.Config, env)
	if err != nil {
		_ = l.Close()
		return err
	}
	s.config = cfg
	a, err := app.New(ctx, cfg, app.Options{
		Roles: app.Roles{API: true, Jobs: true}, Version: o.Version, Log: o.Log, Listener: l,
	})
	if err != nil {
		return err
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	go func() { s.ran <- a.Run(run) }()
	s.stops = append(s.stops, func() error {
		stop()
		return errors.Join(<-s.ran, a.Close())
	})
	return nil
}

// Stop stops everything, the last started first, and waits.
func (s *Stack) Stop() error {
	var errs []error
	for i := len(s.stops) - 1; i >= 0; i-- {
		errs = append(errs, s.stops[i]())
	}
	s.stops = nil
	return errors.Join(errs...)
}

// serve serves a handler until the stack stops, and returns its address.
func (s *Stack) serve(addr string, h http.Handler) (string, error) {
	l, err := listen(addr)
	if err != nil {
		return "", err
	}
	s.serveOn(l, h)
	return l.Addr().String(), nil
}

func (s *Stack) serveOn(l net.Listener, h http.Handler) {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	s.stops = append(s.stops, func() error {
		err := server.Close()
		<-done // always http.ErrServerClosed after Close
		return err
	})
}

func listen(addr string) (net.Listener, error) {
	if addr == "" {
		addr = anyPort
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("%w; stop what listens there, or choose another address", err)
	}
	return l, nil
}
