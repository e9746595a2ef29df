// Package apiv3 is the cryptography of WeChat Pay APIv3 as the platform does it: the Authorization header, the
// messages that are signed, RSA-SHA256 signatures and AES-GCM resources.
//
// It holds no state and does no I/O; the sandbox decides what to do with the results. It is written from the
// protocol's description, not from a client's code, so that a mistake in a client shows.
package apiv3
