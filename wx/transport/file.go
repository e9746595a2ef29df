package transport

import (
	"net/http"
	"time"
)

// Limits of the download of a file, such as a bill.
const (
	// FileTimeout bounds it from dialling to the last byte.
	FileTimeout = 15 * time.Minute
	// MaxFile is the largest file that is taken, in bytes as they come over the wire.
	MaxFile = 8 << 30
)

// ForFiles makes a client for downloads of one that NewClient made: it sends calls to the same
// places, and takes larger and longer answers. Who uses it streams.
func ForFiles(client *http.Client) *http.Client {
	out := *client
	out.Timeout = FileTimeout
	if r, ok := client.Transport.(rewriter); ok {
		r.most = MaxFile
		out.Transport = r
	}
	return &out
}
