package sandbox_test

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wxhub/wx/sandbox"
	"wxhub/wx/sandbox/apiv3"
)

// stage is a platform behind a real listener, with one payer.
type stage struct {
	t        testing.TB
	platform *sandbox.Platform
	url      string
	payer    sandbox.User
	merchant sandbox.MerchantCredentials
	key      *rsa.PrivateKey
	numbers  *atomic.Int64
}

func newStage(t testing.TB, o sandbox.Options) *stage {
	t.Helper()
	return newStageFor(t, o, 0)
}

// newStageFor is a stage of another merchant of the credentials.
func newStageFor(t testing.TB, o sandbox.Options, merchant int) *stage {
	t.Helper()
	if o.Seed == 0 {
		o.Seed = 7
	}
	p, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(p.Handler())
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	payer, err := p.CreateUser("payer-1")
	if err != nil {
		t.Fatal(err)
	}
	m := p.Credentials().Merchants[merchant]
	return &stage{t, p, server.URL, payer, m, privateKey(t, m.PrivateKeyPEM), &atomic.Int64{}}
}

func privateKey(t testing.TB, text string) *rsa.PrivateKey {
	t.Helper()
	block, _ := pem.Decode([]byte(text))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key.(*rsa.PrivateKey)
}

func publicKey(t testing.TB, text string) *rsa.PublicKey {
	t.Helper()
	block, _ := pem.Decode([]byte(text))
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key.(*rsa.PublicKey)
}

// response is an answer read to its end.
type response struct {
	status int
	header http.Header
	body   []byte
}

func (r response) code() string {
	var body struct {
		Code string `json:"code"`
	}
	_ = json.Unmarshal(r.body, &body)
	return body.Code
}

func (r response) field(name string) string {
	var body map[string]any
	_ = json.Unmarshal(r.body, &body)
	switch v := body[name].(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// request builds a signed APIv3 request; the caller may spoil it.
func (s *stage) request(method, uri, body string) *http.Request {
	s.t.Helper()
	r, err := http.NewRequest(method, s.url+uri, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", s.authorization(method, uri, body, time.Now()))
	return r
}

func (s *stage) authorization(method, uri, body string, at time.Time) string {
	s.t.Helper()
	timestamp, nonce := strconv.FormatInt(at.Unix(), 10), "593BEC0C930BF1AFEB40B4A08C8FB242"
	signature, err := apiv3.Sign(s.key, apiv3.RequestMessage(method, uri, timestamp, nonce, []byte(body)))
	if err != nil {
		s.t.Fatal(err)
	}
	return fmt.Sprintf(`%s mchid="%s",nonce_str="%s",timestamp="%s",serial_no="%s",signature="%s"`,
		apiv3.Scheme, s.merchant.ID, nonce, timestamp, s.merchant.CertSerial, signature)
}

// send returns an error only when there is no whole answer.
func (s *stage) send(r *http.Request) (response, error) {
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return response{}, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return response{answer.StatusCode, answer.Header, body}, err
}

func (s *stage) must(r *http.Request) response {
	s.t.Helper()
	answer, err := s.send(r)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer
}

func (s *stage) v3(method, uri, body string) response {
	s.t.Helper()
	return s.must(s.request(method, uri, body))
}

func (s *stage) get(uri string) response {
	s.t.Helper()
	r, err := http.NewRequest(http.MethodGet, s.url+uri, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.must(r)
}

func (s *stage) post(uri, body string) response {
	s.t.Helper()
	r, err := http.NewRequest(http.MethodPost, s.url+uri, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	return s.must(r)
}

// number is a fresh out_trade_no.
func (s *stage) number() string { return fmt.Sprintf("order-%06d", s.numbers.Add(1)) }

// prepayBody is a good body, changed by the given edits.
func (s *stage) prepayBody(number string, edits ...func(map[string]any)) string {
	body := map[string]any{
		"appid": sandbox.DefaultMiniProgram, "mchid": s.merchant.ID, "description": "一杯茶", "out_trade_no": number,
		"notify_url": "http://127.0.0.1:9/notify", "amount": map[string]any{"total": 100},
		"payer": map[string]any{"openid": s.payer.OpenIDs[sandbox.DefaultMiniProgram]},
	}
	for _, edit := range edits {
		edit(body)
	}
	text, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

func set(name string, value any) func(map[string]any) {
	return func(body map[string]any) { body[name] = value }
}

func unset(name string) func(map[string]any) {
	return func(body map[string]any) { delete(body, name) }
}

const jsapi = "/v3/pay/transactions/jsapi"

// prepay makes an order and returns its prepay_id.
func (s *stage) prepay(number string, edits ...func(map[string]any)) string {
	s.t.Helper()
	answer := s.v3(http.MethodPost, jsapi, s.prepayBody(number, edits...))
	if answer.status != http.StatusOK {
		s.t.Fatalf("prepay %s: %d %s", number, answer.status, answer.body)
	}
	return answer.field("prepay_id")
}

func (s *stage) query(number string) response {
	s.t.Helper()
	return s.v3(http.MethodGet, "/v3/pay/transactions/out-trade-no/"+number+"?mchid="+s.merchant.ID, "")
}

func (s *stage) closeOrder(number string) response {
	s.t.Helper()
	return s.v3(http.MethodPost, "/v3/pay/transactions/out-trade-no/"+number+"/close", `{"mchid":"`+s.merchant.ID+`"}`)
}

func (s *stage) pay(prepayID string) sandbox.Payment {
	s.t.Helper()
	payment, err := s.platform.Pay(prepayID, s.payer.ID, sandbox.PaySuccess)
	if err != nil {
		s.t.Fatal(err)
	}
	return payment
}

func (s *stage) advance(d time.Duration) {
	s.t.Helper()
	if _, err := s.platform.AdvanceClock(d); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) fault(f sandbox.Fault) {
	s.t.Helper()
	if _, err := s.platform.AddFault(f); err != nil {
		s.t.Fatal(err)
	}
}

// verified tells whether an answer or a notification carries WeChat Pay's signature for the stage's merchant.
func (s *stage) verified(header http.Header, body []byte) bool {
	message := apiv3.ResponseMessage(header.Get("Wechatpay-Timestamp"), header.Get("Wechatpay-Nonce"), body)
	return header.Get("Wechatpay-Serial") == s.merchant.PublicKeyID &&
		apiv3.Verify(publicKey(s.t, s.merchant.PublicKeyPEM), message, header.Get("Wechatpay-Signature")) == nil
}

// eventually polls until done says so. The deadline only bounds a failing test.
func eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-deadline:
			t.Fatalf("it never came true: %s", what)
		case <-tick.C:
		}
	}
}

// wantJSON compares JSON texts after compaction.
func wantJSON(t testing.TB, got []byte, want string) {
	t.Helper()
	var a, b bytes.Buffer
	if json.Compact(&a, got) != nil || json.Compact(&b, []byte(want)) != nil || a.String() != b.String() {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
