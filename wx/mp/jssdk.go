package mp

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"strings"

	"wxhub/model"
)

// JSSignature is the signature of wx.config for the page at pageURL: the address that the
// browser shows, not decoded and not encoded again. What follows a '#' does not count.
func JSSignature(ticket model.Secret, nonce string, timestamp int64, pageURL string) string {
	page, _, _ := strings.Cut(pageURL, "#")
	sum := sha1.Sum(fmt.Appendf(nil, "jsapi_ticket=%s&noncestr=%s&timestamp=%d&url=%s", ticket.Reveal(), nonce, timestamp, page))
	return hex.EncodeToString(sum[:])
}
