package push

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strings"

	"wxhub/model"
)

// The encryption of the message push: AES-256-CBC, the first half of the key as IV,
// PKCS#7 to blocks of 32; in it 16 random bytes, the length of the message in 4, the
// message, and the app id.
const (
	padBlock = 32
	header   = 16 + 4
)

// decodeKey reads an EncodingAESKey. Its last character has bits that do not count.
func decodeKey(encoded model.Secret) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(encoded.Reveal() + "=")
	if err != nil || len(encoded) != 43 || len(key) != 32 {
		return nil, errors.New("the aes_key is not an EncodingAESKey of 43 letters and digits")
	}
	return key, nil
}

var errDecrypt = errors.New("the message does not open with this app's aes_key and app id")

// decrypt says nothing of what was wrong inside.
func decrypt(key []byte, appID, ciphertext string) ([]byte, error) {
	if strings.ContainsAny(ciphertext, "\r\n") { // which the decoder would skip
		return nil, errDecrypt
	}
	data, err := base64.StdEncoding.Strict().DecodeString(ciphertext)
	if err != nil || len(data) == 0 || len(data)%padBlock != 0 {
		return nil, errDecrypt
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	cipher.NewCBCDecrypter(block, key[:aes.BlockSize]).CryptBlocks(data, data)
	data, ok := unpad(data)
	if !ok || len(data) < header {
		return nil, errDecrypt
	}
	rest := data[header:]
	n := binary.BigEndian.Uint32(data[16:])
	if uint64(n) > uint64(len(rest)) || !same(string(rest[n:]), appID) {
		return nil, errDecrypt
	}
	return rest[:n], nil
}

func unpad(data []byte) ([]byte, bool) {
	n := int(data[len(data)-1])
	if n < 1 || n > padBlock {
		return nil, false
	}
	for _, b := range data[len(data)-n:] {
		if int(b) != n {
			return nil, false
		}
	}
	return data[:len(data)-n], true
}

// encrypt is the other way; random are 16 bytes.
func encrypt(key []byte, appID string, random, message []byte) (string, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return "", err
	}
	data := append([]byte{}, random...)
	data = binary.BigEndian.AppendUint32(data, uint32(len(message)))
	data = append(append(data, message...), appID...)
	n := padBlock - len(data)%padBlock
	data = append(data, strings.Repeat(string(rune(n)), n)...)
	cipher.NewCBCEncrypter(block, key[:aes.BlockSize]).CryptBlocks(data, data)
	return base64.StdEncoding.EncodeToString(data), nil
}
