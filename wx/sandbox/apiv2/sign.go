// Package apiv2 is the signature of WeChat Pay's older API.
package apiv2

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
)

// Values of sign_type.
const (
	MD5        = "MD5"
	HMACSHA256 = "HMAC-SHA256"
)

// Sign is the signature of APIv2 over all fields that are not empty, sign excepted. signType is MD5, which an empty one
// means too, or HMAC-SHA256.
func Sign(fields map[string]string, key, signType string) string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if name != "sign" && fields[name] != "" {
			text.WriteString(name + "=" + fields[name] + "&")
		}
	}
	text.WriteString("key=" + key)
	if signType == HMACSHA256 {
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write([]byte(text.String()))
		return strings.ToUpper(hex.EncodeToString(mac.Sum(nil)))
	}
	sum := md5.Sum([]byte(text.String()))
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}
