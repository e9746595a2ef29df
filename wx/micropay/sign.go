package micropay

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"wxhub/model"
)

// fields are the fields of a request or an answer, under WeChat Pay's names.
type fields map[string]string

// toSign is the text that a signature is made of: all fields that are not empty, but sign
// itself, in the order of their names, and the key (PROTOCOL §5).
func toSign(f fields, key model.Secret) string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if name != "sign" && f[name] != "" {
			text.WriteString(name + "=" + f[name] + "&")
		}
	}
	text.WriteString("key=" + key.Reveal())
	return text.String()
}

// sign signs by HMAC-SHA256; MD5, the default of APIv2, is never asked for nor taken.
func sign(f fields, key model.Secret) string {
	mac := hmac.New(sha256.New, []byte(key.Reveal()))
	mac.Write([]byte(toSign(f, key)))
	return strings.ToUpper(hex.EncodeToString(mac.Sum(nil)))
}

func signed(f fields, key model.Secret) bool {
	return subtle.ConstantTimeCompare([]byte(f["sign"]), []byte(sign(f, key))) == 1
}
