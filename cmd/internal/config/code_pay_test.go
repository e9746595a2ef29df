package config_test

import (
	"strings"
	"testing"
)

func TestCodePay(t *testing.T) {
	m := mustLoad(t, example(t), fixtureEnv()...).Pay.Merchants[0]
	if m.CodePay != "v3" || m.Certificate == nil {
		t.Errorf("got %s, %v", m.CodePay, m.Certificate)
	}
	if m = mustLoad(t, partner).Pay.Merchants[0]; m.CodePay != "v3" {
		t.Errorf("by default codes are charged by %q", m.CodePay)
	}
	v2 := strings.Replace(example(t), "code_pay: v3", "code_pay: v2", 1)
	if m = mustLoad(t, v2, fixtureEnv()...).Pay.Merchants[0]; m.CodePay != "v2" || m.APIv2Key.IsZero() {
		t.Errorf("got %+v", m)
	}
}

func TestCodePayByAPIv2NeedsItsKeyAndTheCertificate(t *testing.T) {
	text := strings.Replace(partner, "mode: partner,", "mode: partner, code_pay: v2,", 1)
	want := map[string]string{"pay.merchants[0].api_v2_key": "signs with it", "pay.merchants[0].certificate": "apiclient_cert.pem"}
	for _, f := range faultsOf(t, text) {
		if remedy, ok := want[f.Key]; !ok || !strings.Contains(f.Problem, remedy) {
			t.Errorf("got %v", f)
		}
		delete(want, f.Key)
	}
	if len(want) != 0 {
		t.Errorf("not reported: %v", want)
	}
}

func TestAKeyThatIsNotUsedIsNoticed(t *testing.T) {
	v2 := strings.Replace(example(t), "code_pay: v3", "code_pay: v2", 1)
	for text, want := range map[string]bool{example(t): true, v2: false} {
		notices := strings.Join(mustLoad(t, text, fixtureEnv()...).Notices(), "\n")
		if got := strings.Contains(notices, "api_v2_key"); got != want {
			t.Errorf("noticed: %v; %s", got, notices)
		}
	}
}
