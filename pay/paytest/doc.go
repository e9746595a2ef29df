// Package paytest is what every store of orders must pass: the comments of
// pay.Orders and pay.Idempotency as tests, races included.
//
// The suite knows only the interfaces. A backend's own test calls Run and adds
// what is particular to it, such as durability.
package paytest
