package mini

import (
	"encoding/json"
	"errors"
	"os"
	"testing"

	"wxhub/model"
)

// vector is one known answer; testdata/vectors.json names the source of each.
type vector struct {
	Name     string          `json:"name"`
	Inputs   json.RawMessage `json:"inputs"`
	Expected json.RawMessage `json:"expected"`
}

// load reads one vector into in and want. A name that is gone fails the test.
func load(t testing.TB, name string, in, want any) {
	t.Helper()
	raw, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		if v.Name != name {
			continue
		}
		if err := errors.Join(json.Unmarshal(v.Inputs, in), json.Unmarshal(v.Expected, want)); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Fatalf("there is no vector %q", name)
}

func TestOfficialRawDataSignature(t *testing.T) {
	var in struct {
		RawData    string       `json:"rawData"`
		SessionKey model.Secret `json:"session_key"`
	}
	var want struct {
		Signature string `json:"signature"`
	}
	load(t, "wxa-rawData-signature", &in, &want)
	if !RawDataSignature(in.RawData, in.SessionKey, want.Signature) {
		t.Error("WeChat's own signature is refused")
	}
	for name, forged := range map[string]bool{
		"other data":      RawDataSignature(in.RawData+" ", in.SessionKey, want.Signature),
		"other key":       RawDataSignature(in.RawData, "other", want.Signature),
		"no signature":    RawDataSignature(in.RawData, in.SessionKey, ""),
		"half of it":      RawDataSignature(in.RawData, in.SessionKey, want.Signature[:20]),
		"no key":          RawDataSignature("", "", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
		"the hex in caps": RawDataSignature(in.RawData, in.SessionKey, "75E81CEDA165F4FFA64F4068AF58C64B8F54B88C"),
	} {
		if forged {
			t.Errorf("%s is believed", name)
		}
	}
}

func TestOfficialUserSignature(t *testing.T) {
	var in struct {
		SessionKey model.Secret `json:"session_key"`
		Data       string       `json:"data"`
	}
	var want struct {
		Signature string `json:"signature"`
	}
	load(t, "wxa-user-session-signature-hmac", &in, &want)
	if got := userSignature(in.SessionKey, in.Data); got != want.Signature {
		t.Errorf("got %s", got)
	}
}

// encrypted is the official sample of encryptedData.
type encrypted struct {
	AppID         string       `json:"appid"`
	SessionKey    model.Secret `json:"session_key"`
	IV            string       `json:"iv"`
	EncryptedData string       `json:"encryptedData"`
}

func TestOfficialEncryptedData(t *testing.T) {
	var in encrypted
	var want struct {
		Plaintext string `json:"plaintext"`
	}
	load(t, "WXBizDataCrypt-userinfo", &in, &want)
	got, err := Decrypt(in.SessionKey, in.AppID, in.EncryptedData, in.IV)
	if err != nil || string(got) != want.Plaintext {
		t.Errorf("got %s, %v", got, err)
	}
}
