package sandbox_test

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"wxhub/wx/sandbox"
	"wxhub/wx/sandbox/apiv2"
)

// Each kind that strikes an APIv2 call: what the client sees of a charge, and whether it was carried out.
func TestFaultsOfAPIv2(t *testing.T) {
	for kind, test := range map[string]struct {
		sees string
		done bool
	}{
		"delay":              {"SUCCESS", true},
		"drop":               {"broken", false},
		"hang":               {"broken", false},
		"http_500":           {"html", false},
		"not_json":           {"html", false},
		"system_error":       {"FAIL SYSTEMERROR", false},
		"system_error_after": {"FAIL SYSTEMERROR", true},
		"frequency_limited":  {"FAIL FREQUENCY_LIMITED", false},
		"lost_answer":        {"broken", true},
		"truncate":           {"broken", true},
		"bad_signature":      {"unverified SUCCESS", true},
	} {
		t.Run(kind, func(t *testing.T) {
			s := newStage(t, sandbox.Options{})
			code := s.showCode("")
			s.fault(sandbox.Fault{Match: "/pay/micropay", Kind: kind, Delay: 10 * time.Millisecond})
			body := v2Document(s.v2Fields(map[string]string{"body": "tea", "out_trade_no": "number-1", "total_fee": "88", "spbill_create_ip": "192.0.2.1", "auth_code": code}))
			if got := s.v2Seen("/pay/micropay", body); got != test.sees {
				t.Errorf("%s, not %s", got, test.sees)
			}
			if done := s.v2State("number-1") == "SUCCESS SUCCESS"; done != test.done {
				t.Errorf("carried out: %v", done)
			}
			log := s.platform.Log(0)
			if len(log) < 2 || log[0].Fault != kind || log[0].Path != "/pay/micropay" {
				t.Errorf("%+v", log)
			}
		})
	}
}

// v2Seen is what a client makes of the answer.
func (s *stage) v2Seen(path, body string) string {
	s.t.Helper()
	answer, err := http.Post(s.url+path, "application/xml", strings.NewReader(body))
	if err != nil {
		return "broken"
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	switch {
	case err != nil:
		return "broken"
	case strings.HasPrefix(string(text), "<html>"):
		return "html"
	}
	got := v2Read(s.t, text)
	if got["sign"] != apiv2.Sign(got, s.merchant.APIv2Key, "") {
		return "unverified " + got.brief()
	}
	return got.brief()
}

func TestFaultsReachAPIv2ByPath(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	for _, match := range []string{"/", "/pay", "/pay/", "/p", "/secapi/pay/reverse", "/tools/"} {
		if _, err := s.platform.AddFault(sandbox.Fault{Match: match, Kind: "bad_signature"}); err != nil {
			t.Errorf("%s: %v", match, err)
		}
	}
	for _, match := range []string{"/pay/", "/secapi/"} {
		if _, err := s.platform.AddFault(sandbox.Fault{Match: match, Kind: "old_timestamp"}); err == nil {
			t.Errorf("%s takes a fault of APIv3", match)
		}
	}
}

// Over TLS the platform wants the certificate of the merchant that signs, below /secapi/ alone.
func TestReverseWantsTheMerchantsCertificate(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	server := httptest.NewUnstartedServer(s.platform.Handler())
	server.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
	server.StartTLS()
	t.Cleanup(server.Close)
	s.micropay("number-1", s.showCode(""), "88")
	s.advance(15 * time.Second)
	ask := func(path string, shown ...tls.Certificate) (int, string) {
		client := server.Client()
		client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots(server), Certificates: shown}}
		defer client.CloseIdleConnections()
		answer, err := client.Post(server.URL+path, "text/xml", strings.NewReader(v2Document(s.v2Fields(map[string]string{"out_trade_no": "number-1"}))))
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(text)
	}
	const reverse = "/secapi/pay/reverse"
	if status, text := ask("/pay/orderquery"); status != 200 || v2Read(t, []byte(text)).brief() != "SUCCESS SUCCESS" {
		t.Errorf("a query needs none: %d %s", status, text)
	}
	if status, text := ask(reverse); status != 400 {
		t.Errorf("none: %d %s", status, text)
	}
	other := s.platform.Credentials().Merchants[1]
	if _, text := ask(reverse, selfSigned(t, other.PrivateKeyPEM)); !strings.Contains(text, "FAIL") || strings.Contains(text, "sign") {
		t.Errorf("another's: %s", text)
	}
	if status, text := ask(reverse, selfSigned(t, s.merchant.PrivateKeyPEM)); status != 200 || v2Read(t, []byte(text)).brief() != "SUCCESS" {
		t.Errorf("its own: %d %s", status, text)
	}
}

func roots(server *httptest.Server) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	return pool
}

// selfSigned is a client certificate over a merchant's key.
func selfSigned(t *testing.T, keyPEM string) tls.Certificate {
	t.Helper()
	key := privateKey(t, keyPEM)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
