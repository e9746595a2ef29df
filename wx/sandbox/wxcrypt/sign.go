package wxcrypt

import (
	"crypto/sha1" // the platform's choice
	"encoding/hex"
	"slices"
	"strings"
)

// Signature is the one of the message push: SHA-1 over the sorted parts, joined, in lower hex. The parts are token,
// timestamp and nonce, and for msg_signature the Encrypt text too.
func Signature(parts ...string) string {
	return sha1Hex(strings.Join(slices.Sorted(slices.Values(parts)), ""))
}

// RawDataSignature proves to a backend that rawData came from WeChat.
func RawDataSignature(rawData, sessionKey string) string { return sha1Hex(rawData + sessionKey) }

// PageSignature is the JS-SDK's. A fragment of the URL does not count.
func PageSignature(ticket, nonce, timestamp, url string) string {
	url, _, _ = strings.Cut(url, "#")
	return sha1Hex("jsapi_ticket=" + ticket + "&noncestr=" + nonce + "&timestamp=" + timestamp + "&url=" + url)
}

func sha1Hex(text string) string {
	sum := sha1.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}
