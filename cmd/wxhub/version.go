package main

import (
	"fmt"
	"runtime"
)

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run() error {
	fmt.Printf("wxhub %s (commit %s, %s)\n", version, commit, runtime.Version())
	return nil
}
