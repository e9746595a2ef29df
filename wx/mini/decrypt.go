package mini

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"unicode/utf8"

	"wxhub/model"
	"wxhub/wx"
)

// maxEncrypted bounds the encryptedData that is looked at, in characters.
const maxEncrypted = 64 << 10

// Decrypt opens what a mini-program's API encrypted with the session key
// (encryptedData and iv, both base64), and returns the JSON in it.
//
// The encryption does not authenticate: who has the session key of his own session can
// make WeChat's data say anything. So a phone number comes from PhoneNumber, not from here.
//
// Errors: invalid_input, naming encrypted_data or iv, when that cannot be something
// WeChat encrypted, or was encrypted for another app; wx.ErrSessionKeyStale when it does
// not open with this key.
func Decrypt(sessionKey model.Secret, appID, encryptedData, iv string) (json.RawMessage, error) {
	if len(encryptedData) > maxEncrypted {
		return nil, model.InvalidField("encrypted_data", "is longer than WeChat's ever is")
	}
	data, err := base64.StdEncoding.DecodeString(encryptedData)
	if err != nil || len(data) == 0 || len(data)%aes.BlockSize != 0 {
		return nil, model.InvalidField("encrypted_data", "must be the encryptedData of WeChat's API, base64 as it came; a '+' that became a space breaks it")
	}
	start, err := base64.StdEncoding.DecodeString(iv)
	if err != nil || len(start) != aes.BlockSize {
		return nil, model.InvalidField("iv", "must be the iv of WeChat's API, base64 as it came; a '+' that became a space breaks it")
	}
	key, err := base64.StdEncoding.DecodeString(sessionKey.Reveal())
	if err != nil || len(key) != aes.BlockSize {
		return nil, wx.ErrSessionKeyStale.Because(errors.New("the session key that is kept is not one"))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	cipher.NewCBCDecrypter(block, start).CryptBlocks(data, data)
	return opened(unpad(data), appID)
}

// unpad takes the PKCS#7 padding off; nil when there is none, as after a wrong key. To
// tell that from a text that is no JSON would help nobody but an attacker.
func unpad(data []byte) []byte {
	n := int(data[len(data)-1])
	if n < 1 || n > aes.BlockSize || n > len(data) {
		return nil
	}
	for _, b := range data[len(data)-n:] {
		if int(b) != n {
			return nil
		}
	}
	return data[:len(data)-n]
}

func opened(text []byte, appID string) (json.RawMessage, error) {
	var mark struct {
		Watermark struct {
			AppID string `json:"appid"`
		} `json:"watermark"`
	}
	if !utf8.Valid(text) || json.Unmarshal(text, &mark) != nil {
		return nil, wx.ErrSessionKeyStale
	}
	if mark.Watermark.AppID != appID {
		return nil, model.InvalidField("encrypted_data", "was encrypted for another app")
	}
	return text, nil
}

// RawDataSignature reports whether signature is the one that WeChat gives with rawData:
// sha1(rawData + session_key), in hex.
func RawDataSignature(rawData string, sessionKey model.Secret, signature string) bool {
	if sessionKey.IsZero() {
		return false
	}
	sum := sha1.Sum([]byte(rawData + sessionKey.Reveal()))
	return subtle.ConstantTimeCompare([]byte(hex.EncodeToString(sum[:])), []byte(signature)) == 1
}

// Decrypt is the function of that name, for those who have a Client.
func (*Client) Decrypt(sessionKey model.Secret, appID, encryptedData, iv string) (json.RawMessage, error) {
	return Decrypt(sessionKey, appID, encryptedData, iv)
}

// SignedBy is RawDataSignature, for those who have a Client.
func (*Client) SignedBy(sessionKey model.Secret, rawData, signature string) bool {
	return RawDataSignature(rawData, sessionKey, signature)
}
