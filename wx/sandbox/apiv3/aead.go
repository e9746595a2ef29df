package apiv3

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"
)

// Algorithm is the name that resources carry. The key decides the real strength: 32 bytes on the platform.
const Algorithm = "AEAD_AES_256_GCM"

// ErrNonce says that a nonce is not the 12 bytes that GCM wants.
var ErrNonce = errors.New("apiv3: nonce is not 12 bytes")

// Seal encrypts plaintext and returns base64 of ciphertext and tag. key is the raw APIv3 key; nonce is 12
// ASCII characters; associated may be empty.
func Seal(key, nonce, associated string, plaintext []byte) (string, error) {
	gcm, err := newGCM(key)
	if err != nil {
		return "", err
	}
	if len(nonce) != gcm.NonceSize() {
		return "", ErrNonce
	}
	return base64.StdEncoding.EncodeToString(gcm.Seal(nil, []byte(nonce), plaintext, []byte(associated))), nil
}

// Open is the inverse of Seal.
func Open(key, nonce, associated, ciphertext string) ([]byte, error) {
	gcm, err := newGCM(key)
	if err != nil {
		return nil, err
	}
	if len(nonce) != gcm.NonceSize() {
		return nil, ErrNonce
	}
	raw, err := base64.StdEncoding.DecodeString(ciphertext)
	if err != nil {
		return nil, err
	}
	return gcm.Open(nil, []byte(nonce), raw, []byte(associated))
}

func newGCM(key string) (cipher.AEAD, error) {
	block, err := aes.NewCipher([]byte(key))
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
