package main

import (
	"fmt"
	"io"

	"wxhub/wx/sandbox"
)

// printBanner tells a person where things are and what to try first.
func printBanner(w io.Writer, p *sandbox.Platform, platformURL, controlURL, faults string) error {
	_, err := fmt.Fprintf(w, `
  ●  wxsandbox: the WeChat platform on your machine

     platform   %[1]s        every endpoint: api, open, mch
     phone      %[2]s/sandbox/   open it in a browser: follow, scan, pay, read the log
     control    %[2]s/sandbox/console   users, orders, and every control call
     seed       %[3]d   faults %[4]s

     curl %[1]s/sandbox/config.yaml > sandbox.yaml     (then: wxhub serve --config sandbox.yaml)
     curl %[2]s/sandbox/users -d '{"name":"payer-1"}'
     curl %[2]s/sandbox/login-codes -d '{"app_id":"%[5]s","user":"payer-1"}'

  Keys and secrets in it are public and worthless. Ctrl-C stops it; nothing is kept.

`, platformURL, controlURL, p.Seed(), faults, sandbox.DefaultMiniProgram)
	return err
}
