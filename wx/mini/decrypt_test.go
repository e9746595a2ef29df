package mini

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"wxhub/model"
	"wxhub/wx"
)

func TestDecryptRefuses(t *testing.T) {
	var good encrypted
	load(t, "WXBizDataCrypt-userinfo", &good, &struct{}{})
	invalid := model.InvalidField("any", "")
	flip := func(text string) string {
		b, _ := base64.StdEncoding.DecodeString(text)
		b[len(b)-1] ^= 1
		return base64.StdEncoding.EncodeToString(b)
	}
	for name, c := range map[string]struct {
		change func(*encrypted)
		want   error
		field  string
	}{
		"data empty":           {func(e *encrypted) { e.EncryptedData = "" }, invalid, "encrypted_data"},
		"data of 15 bytes":     {func(e *encrypted) { e.EncryptedData = "AAAAAAAAAAAAAAAAAAAA" }, invalid, "encrypted_data"},
		"data not base64":      {func(e *encrypted) { e.EncryptedData = "!" + e.EncryptedData[1:] }, invalid, "encrypted_data"},
		"'+' became a space":   {func(e *encrypted) { e.EncryptedData = strings.ReplaceAll(e.EncryptedData, "+", " ") }, invalid, "encrypted_data"},
		"data of a megabyte":   {func(e *encrypted) { e.EncryptedData = strings.Repeat("A", 1<<20) }, invalid, "encrypted_data"},
		"iv empty":             {func(e *encrypted) { e.IV = "" }, invalid, "iv"},
		"iv of 32 bytes":       {func(e *encrypted) { e.IV = base64.StdEncoding.EncodeToString(make([]byte, 32)) }, invalid, "iv"},
		"iv not base64":        {func(e *encrypted) { e.IV = "****" }, invalid, "iv"},
		"another app":          {func(e *encrypted) { e.AppID = "wxother" }, invalid, "encrypted_data"},
		"another key":          {func(e *encrypted) { e.SessionKey = "MDEyMzQ1Njc4OWFiY2RlZg==" }, wx.ErrSessionKeyStale, ""},
		"key not base64":       {func(e *encrypted) { e.SessionKey = "?" }, wx.ErrSessionKeyStale, ""},
		"key of 24 bytes":      {func(e *encrypted) { e.SessionKey = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3" }, wx.ErrSessionKeyStale, ""},
		"no key":               {func(e *encrypted) { e.SessionKey = "" }, wx.ErrSessionKeyStale, ""},
		"another iv":           {func(e *encrypted) { e.IV = base64.StdEncoding.EncodeToString(make([]byte, 16)) }, wx.ErrSessionKeyStale, ""},
		"the end is cut off":   {func(e *encrypted) { e.EncryptedData = e.EncryptedData[:64] }, wx.ErrSessionKeyStale, ""},
		"the padding is wrong": {func(e *encrypted) { e.EncryptedData = flip(e.EncryptedData) }, wx.ErrSessionKeyStale, ""},
	} {
		t.Run(name, func(t *testing.T) {
			e := good
			c.change(&e)
			got, err := Decrypt(e.SessionKey, e.AppID, e.EncryptedData, e.IV)
			if !errors.Is(err, c.want) || got != nil {
				t.Fatalf("got %s, %v", got, err)
			}
			if fields := model.AsError(err).Fields; c.field != "" && (len(fields) != 1 || fields[0].Name != c.field) {
				t.Errorf("the error names %+v", fields)
			}
		})
	}
}

// Texts that open with the right key and are still not what WeChat encrypts.
func TestDecryptRefusesWhatIsInside(t *testing.T) {
	const key = "0123456789abcdef"
	block, err := aes.NewCipher([]byte(key))
	if err != nil {
		t.Fatal(err)
	}
	good := `{"a":"b","watermark":{"appid":"wxapp1"}}` // 8 bytes short of a block
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"good":              {good + "\x08\x08\x08\x08\x08\x08\x08\x08", nil},
		"mixed padding":     {good + "       \x08", wx.ErrSessionKeyStale},
		"no padding":        {good + "        ", wx.ErrSessionKeyStale},
		"padding of 0":      {good + "       \x00", wx.ErrSessionKeyStale},
		"padding of 17":     {good + "       \x11", wx.ErrSessionKeyStale},
		"nothing but it":    {strings.Repeat("\x10", 16), wx.ErrSessionKeyStale},
		"not UTF-8":         {strings.Replace(good, "b", "\xff", 1) + "\x08\x08\x08\x08\x08\x08\x08\x08", wx.ErrSessionKeyStale},
		"without watermark": {`{"a":"b"}` + "\x07\x07\x07\x07\x07\x07\x07", model.InvalidField("any", "")},
		"not an object":     {`"watermark"` + "\x05\x05\x05\x05\x05", wx.ErrSessionKeyStale},
	} {
		data := []byte(c.text)
		cipher.NewCBCEncrypter(block, make([]byte, 16)).CryptBlocks(data, data)
		b64 := base64.StdEncoding.EncodeToString
		got, err := Decrypt(model.Secret(b64([]byte(key))), "wxapp1", b64(data), b64(make([]byte, 16)))
		if !errors.Is(err, c.want) || (err == nil) != (string(got) == good) {
			t.Errorf("%s: got %s, %v", name, got, err)
		}
	}
}

func FuzzDecrypt(f *testing.F) {
	var good encrypted
	load(f, "WXBizDataCrypt-userinfo", &good, &struct{}{})
	f.Add(good.SessionKey.Reveal(), good.EncryptedData, good.IV, true)
	f.Add("0123456789abcdef", strings.Repeat("a", 15), "0123456789abcdef", false)
	f.Add("0123456789abcdef", strings.Repeat("a", 32), "0123456789abcdef", false)
	f.Fuzz(func(t *testing.T, key, data, iv string, encoded bool) {
		if !encoded { // let the fuzzer reach what is behind the base64
			key, data, iv = base64.StdEncoding.EncodeToString([]byte(key)), base64.StdEncoding.EncodeToString([]byte(data)), base64.StdEncoding.EncodeToString([]byte(iv))
		}
		got, err := Decrypt(model.Secret(key), good.AppID, data, iv)
		if kind := model.AsError(err).Kind; err != nil && (got != nil || kind != model.KindInvalid && kind != model.KindConflict) {
			t.Fatalf("got %q, %v", got, err)
		}
		if err == nil && !json.Valid(got) {
			t.Fatalf("got %q", got)
		}
	})
}
