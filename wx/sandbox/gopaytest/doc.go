// Package gopaytest lets a second, unmodified client, github.com/go-pay/gopay, judge the sandbox's payments and refunds. It
// is a module of its own, so that nobody who uses this one downloads gopay.
package gopaytest
