package wxcrypt_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"wxhub/wx/sandbox/wxcrypt"
)

const encodingAESKey = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"

func TestMessagesOfEveryLengthComeBack(t *testing.T) {
	key, err := wxcrypt.Key(encodingAESKey)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 70 {
		text := strings.Repeat("x", n)
		sealed, err := wxcrypt.SealMessage(key, []byte("aaaabbbbccccdddd"), []byte(text), "wxapp")
		if err != nil {
			t.Fatal(err)
		}
		got, app, err := wxcrypt.OpenMessage(key, sealed)
		if err != nil || string(got) != text || app != "wxapp" {
			t.Errorf("%d: %q %q %v", n, got, app, err)
		}
	}
}

func TestDamagedMessagesAreRefused(t *testing.T) {
	key, _ := wxcrypt.Key(encodingAESKey)
	for name, text := range map[string]string{
		"empty": "", "not base64": "!", "not whole blocks": "aaaa",
		"another key's": base64.StdEncoding.EncodeToString(make([]byte, 64)),
	} {
		if _, _, err := wxcrypt.OpenMessage(key, text); !errors.Is(err, wxcrypt.ErrCipher) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, bad := range []string{"", "short", encodingAESKey + "H", strings.Repeat("!", 43)} {
		if _, err := wxcrypt.Key(bad); !errors.Is(err, wxcrypt.ErrAESKey) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestDamagedDataIsRefused(t *testing.T) {
	key, iv := base64.StdEncoding.EncodeToString(make([]byte, 16)), base64.StdEncoding.EncodeToString(make([]byte, 16))
	for name, in := range map[string][3]string{
		"key":  {"x", iv, "AAAA"},
		"iv":   {key, "x", "AAAA"},
		"data": {key, iv, "!"},
		"cut":  {key, iv, "AAAA"},
	} {
		if _, err := wxcrypt.OpenData(in[0], in[1], in[2]); !errors.Is(err, wxcrypt.ErrCipher) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
