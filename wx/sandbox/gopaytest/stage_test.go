package gopaytest

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-pay/gopay"
	gopayv3 "github.com/go-pay/gopay/wechat/v3"

	"wxhub/wx/sandbox"
)

// stage is a platform, one payer, one merchant's gopay client and its notify_url.
type stage struct {
	*testing.T
	platform *sandbox.Platform
	payer    sandbox.User
	merchant sandbox.MerchantCredentials
	client   *gopayv3.ClientV3
	notices  chan *gopayv3.V3NotifyReq
	notify   string
	url      string // the platform's
}

// newStage takes the first merchant (direct, public key) or the third (a service provider, certificates).
func newStage(t *testing.T, partner bool) *stage {
	t.Helper()
	platform, err := sandbox.New(sandbox.Options{Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(platform.Handler())
	t.Cleanup(func() {
		_ = platform.Close()
		server.Close()
	})
	payer, err := platform.CreateUser("payer-1")
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{T: t, platform: platform, payer: payer, merchant: platform.Credentials().Merchants[0], notices: make(chan *gopayv3.V3NotifyReq, 16), url: server.URL}
	if partner {
		s.merchant = platform.Credentials().Merchants[2]
	}
	m := s.merchant
	if s.client, err = gopayv3.NewClientV3(m.ID, m.CertSerial, m.APIv3Key, m.PrivateKeyPEM); err != nil {
		t.Fatal(err)
	}
	s.client.SetProxyHost(server.URL)
	if partner {
		err = s.client.AutoVerifySign(false)
	} else {
		err = s.client.AutoVerifySignByPublicKey([]byte(m.PublicKeyPEM), m.PublicKeyID)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.listen()
	return s
}

// listen parses notifications with gopay and verifies them with the client's keys.
func (s *stage) listen() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		notice, err := gopayv3.V3ParseNotify(r)
		if err == nil {
			err = notice.VerifySignByPKMap(s.client.WxPublicKeyMap())
		}
		if err != nil {
			s.Error(err)
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		_, _ = io.WriteString(w, `{"code":"SUCCESS","message":"成功"}`)
		s.notices <- notice
	}))
	s.Cleanup(server.Close)
	s.notify = server.URL + "/notify"
}

func (s *stage) notice() *gopayv3.V3NotifyReq {
	s.Helper()
	select {
	case n := <-s.notices:
		return n
	case <-time.After(10 * time.Second):
		s.Fatal("no notification")
		return nil
	}
}

// order is a prepay's body.
func (s *stage) order(number string) gopay.BodyMap {
	bm := gopay.BodyMap{}
	bm.Set("description", "茶").Set("out_trade_no", number).Set("notify_url", s.notify).
		SetBodyMap("amount", func(bm gopay.BodyMap) { bm.Set("total", 88).Set("currency", "CNY") })
	return bm
}

func (s *stage) pay(given string) sandbox.Payment {
	s.Helper()
	payment, err := s.platform.Pay(given, s.payer.ID, sandbox.PaySuccess)
	if err != nil {
		s.Fatal(err)
	}
	return payment
}

var background = context.Background()
