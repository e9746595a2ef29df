// Package app puts wxhub together: it is the one place that knows the concrete
// stores and WeChat adapters. The program is a struct, so that tests and the demo
// run the same thing as production does.
package app
