// Package browsertest drives the pages for payers in a real browser, against the real server
// and the sandbox. It is a module of its own, so that the main one does not depend on the
// browser's driver.
package browsertest
