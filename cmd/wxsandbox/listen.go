package main

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// usageError is a mistake that the caller can mend; the process exits 2.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

// listen opens both ports.
func listen(f flags) (platform, control net.Listener, err error) {
	controlAddr := f.ControlAddr
	if controlAddr == "" {
		if controlAddr, err = nextPort(f.Addr); err != nil {
			return nil, nil, err
		}
	}
	if platform, err = open("--addr", f.Addr); err != nil {
		return nil, nil, err
	}
	if control, err = open("--control-addr", controlAddr); err != nil {
		return nil, nil, errors.Join(err, platform.Close())
	}
	return platform, control, nil
}

func open(flag, addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, &usageError{fmt.Sprintf("%s is in use; stop what listens there, or choose another with %s", addr, flag)}
	case err != nil:
		return nil, &usageError{fmt.Sprintf("cannot listen on %s: %v; choose another with %s, for example 127.0.0.1:9900", addr, err, flag)}
	}
	return l, nil
}

// nextPort is the address with its port plus one; port 0 stays 0, so that the system chooses both.
func nextPort(addr string) (string, error) {
	host, text, err := net.SplitHostPort(addr)
	port, convErr := strconv.ParseUint(text, 10, 16)
	if err != nil || convErr != nil || port == 65535 {
		return "", &usageError{fmt.Sprintf("--addr %q: an address is HOST:PORT with a port below 65535, for example 127.0.0.1:9900", addr)}
	}
	if port > 0 {
		port++
	}
	return net.JoinHostPort(host, strconv.FormatUint(port, 10)), nil
}

// urlOf names a listener as a client on this machine reaches it.
func urlOf(l net.Listener) string {
	host, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return "http://" + l.Addr().String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}
