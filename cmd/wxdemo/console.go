package main

import (
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"wxhub/cmd/wxdemo/stack"
	"wxhub/wx/sandbox"
)

// console prints the walk: one line a step, and below it what went over the wire.
type console struct {
	w     io.Writer
	color bool
	steps int
	begun time.Time
}

func newConsole(f *os.File) *console {
	info, err := f.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0
	return &console{w: f, color: terminal && os.Getenv("NO_COLOR") == "", begun: time.Now()}
}

func (c *console) line(format string, args ...any) { _, _ = fmt.Fprintf(c.w, format+"\n", args...) }

func (c *console) paint(code, s string) string {
	if !c.color {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// step prints a step that went well.
func (c *console) step(who, what string) {
	c.steps++
	c.line("\n %s %s  %s", c.paint("32", "✓"), c.paint("1", fmt.Sprintf("%d. %s", c.steps, what)), c.paint("2", who))
}

// fact prints one wire fact of the step before.
func (c *console) fact(name, format string, args ...any) {
	c.line("      %s %s", c.paint("36", fmt.Sprintf("%-15s", name)), fmt.Sprintf(format, args...))
}

// wire prints what the sandbox saw since the last look, oldest first.
func (c *console) wire(entries []sandbox.Entry) {
	for _, e := range entries {
		arrow := "wxhub → WeChat"
		path, _, _ := strings.Cut(e.Path, "?")
		if path == "/v3/certificates" { // fetched at the start, whatever the walk is about
			continue
		}
		if e.Direction == sandbox.DirectionNotification {
			arrow = "WeChat → wxhub"
		}
		c.fact(arrow, "%s %s  %d", e.Method, path, e.Status)
	}
}

// explore tells what can be done while the stack runs on.
func (c *console) explore(s *stack.Stack, o options) {
	c.line(`
Everything keeps running. Have a look:

  %s
      the phone: open the official account, scan, pay, read, with WeChat's log beside it

  %s  the API, readable: try the calls with the key below
  %s  liveness of each dependency
  %s  what the sandbox knows: users, apps, orders
  %s  pay at the counter; poster.svg below it is the code to print

  API key   %s
  config    %s
  store     %s/wxhub.db (SQLite; it is there again next time)

  A login code for a new user:
    curl -s -XPOST %s/sandbox/users -d '{"name":"you"}'
    curl -s -XPOST %s/sandbox/login-codes -d '{"app_id":"%s","user":"you"}'

Ctrl-C stops it.`,
		c.paint("1;4", phoneURL(s)), c.paint("4", fmt.Sprintf("%-38s", s.URL+"/docs/")), c.paint("4", fmt.Sprintf("%-38s", s.URL+"/readyz")),
		c.paint("4", fmt.Sprintf("%-38s", s.ControlURL+"/sandbox/console")), c.paint("4", fmt.Sprintf("%-38s", s.URL+"/c/"+collectCode)),
		s.APIKey, s.Config, o.Data, s.ControlURL, s.ControlURL, miniProgram(s))
}

// phoneURL is the phone of the payer, which knows where the server is.
func phoneURL(s *stack.Stack) string {
	q := url.Values{"user": {payerName}, "server": {s.URL}, "code": {collectCode}}
	return s.ControlURL + "/sandbox/?" + q.Encode()
}
