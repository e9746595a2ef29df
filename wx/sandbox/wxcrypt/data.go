package wxcrypt

import (
	"crypto/aes"
	"encoding/base64"
)

// SealData makes encryptedData under a session_key. All but plain is base64.
func SealData(sessionKey, iv string, plain []byte) (string, error) {
	key, vector, err := dataKey(sessionKey, iv)
	if err != nil {
		return "", err
	}
	sealed, err := seal(key, vector, plain, aes.BlockSize)
	return base64.StdEncoding.EncodeToString(sealed), err
}

// OpenData is the reverse. It returns ErrCipher.
func OpenData(sessionKey, iv, encryptedData string) ([]byte, error) {
	key, vector, err := dataKey(sessionKey, iv)
	if err != nil {
		return nil, err
	}
	sealed, err := base64.StdEncoding.DecodeString(encryptedData)
	if err != nil {
		return nil, ErrCipher
	}
	return open(key, vector, sealed, aes.BlockSize)
}

func dataKey(sessionKey, iv string) (key, vector []byte, err error) {
	key, errKey := base64.StdEncoding.DecodeString(sessionKey)
	vector, errIV := base64.StdEncoding.DecodeString(iv)
	if errKey != nil || errIV != nil || len(key) != 16 || len(vector) != aes.BlockSize {
		return nil, nil, ErrCipher
	}
	return key, vector, nil
}
