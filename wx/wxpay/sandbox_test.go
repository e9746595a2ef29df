package wxpay_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/utils"

	"wxhub/model"
	"wxhub/wx"
	"wxhub/wx/sandbox"
	"wxhub/wx/transport"
	"wxhub/wx/wxpay"
)

// The simulator is a second reading of the protocol: a payment by JSAPI goes through all of
// it, with probes on the way.
func TestSandboxPaysByJSAPI(t *testing.T) {
	ctx := context.Background()
	platform, err := sandbox.New(sandbox.Options{Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	peer := httptest.NewServer(platform.Handler())
	t.Cleanup(func() {
		if err := platform.Close(); err != nil {
			t.Error(err)
		}
		peer.Close()
	})
	m := platform.Credentials().Merchants[0]
	g := gatewayTo(t, peer.URL, m)
	payer, err := platform.CreateUser("payer-1")
	if err != nil {
		t.Fatal(err)
	}
	opened := make(chan wx.Notification, 1)
	refused := make(chan error, 8)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		n, err := g.Open(ctx, m.ID, r.Header.Get, body)
		if err != nil {
			refused <- err
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		opened <- n
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(receiver.Close)

	trade := wx.Trade{MerchantID: m.ID, OutTradeNo: "sandbox-1"}
	p := wx.Prepay{
		Trade: trade, Channel: wx.ChannelJSAPI, AppID: sandbox.DefaultMiniProgram, OpenID: payer.OpenIDs[sandbox.DefaultMiniProgram],
		Description: "茶 & <点心>", NotifyURL: receiver.URL + "/notify", Amount: 88, Currency: model.CNY, ExpiresAt: time.Now().Add(time.Hour),
	}
	probe(t, platform, "/v3/pay/transactions/jsapi")
	probe(t, platform, "notify")
	id, err := g.Prepay(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	in, err := g.Invoke(m.ID, p.AppID, id)
	if err != nil {
		t.Fatal(err)
	}
	checked, err := platform.CheckInvocation(sandbox.Invocation{
		AppID: in.AppID, TimeStamp: in.TimeStamp, NonceStr: in.NonceStr, Package: in.Package, SignType: in.SignType, PaySign: in.PaySign,
	})
	if err != nil || checked != id {
		t.Fatalf("the phone refuses to pay: %q, %v", checked, err)
	}
	if got, err := g.Query(ctx, trade); err != nil || got.State != wx.TradeNotPay {
		t.Errorf("before: %+v, %v", got, err)
	}
	payment, err := platform.Pay(id, payer.ID, sandbox.PaySuccess)
	if err != nil {
		t.Fatal(err)
	}
	want := wx.Transaction{
		Trade: trade, AppID: p.AppID, OpenID: p.OpenID, TransactionID: payment.TransactionID, State: wx.TradeSuccess,
		Amount: 88, Currency: model.CNY,
	}
	got, err := g.Query(ctx, trade)
	want.SuccessTime = got.SuccessTime
	if err != nil || got != want {
		t.Errorf("after: %+v, %v", got, err)
	}
	select {
	case n := <-opened:
		if n.Transaction == nil || *n.Transaction != want {
			t.Errorf("notified of %+v", n.Transaction)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("no notification came")
	}
	if err := <-refused; !errors.Is(err, wx.ErrNotificationProbe) {
		t.Errorf("the probe was refused as %v", err)
	}
	if err := g.Close(ctx, trade); !errors.Is(err, wx.ErrTradePaid) {
		t.Errorf("closing what is paid: %v", err)
	}
	if _, err := g.Query(ctx, wx.Trade{MerchantID: m.ID, OutTradeNo: "sandbox-2"}); !errors.Is(err, wx.ErrTradeUnknown) {
		t.Errorf("unknown: %v", err)
	}
}

func probe(t *testing.T, platform *sandbox.Platform, match string) {
	t.Helper()
	if _, err := platform.AddFault(sandbox.Fault{Match: match, Kind: "signtest"}); err != nil {
		t.Fatal(err)
	}
}

func gatewayTo(t *testing.T, peer string, m sandbox.MerchantCredentials) *wxpay.Gateway {
	t.Helper()
	private, err := utils.LoadPrivateKey(m.PrivateKeyPEM)
	if err != nil {
		t.Fatal(err)
	}
	public, err := utils.LoadPublicKey(m.PublicKeyPEM)
	if err != nil {
		t.Fatal(err)
	}
	client, err := transport.NewClient(transport.Hosts{"api.mch.weixin.qq.com": peer})
	if err != nil {
		t.Fatal(err)
	}
	g, err := wxpay.New(context.Background(), client, time.Now, []wxpay.Merchant{{
		ID: m.ID, CertSerial: m.CertSerial, PrivateKey: private, APIv3Key: model.Secret(m.APIv3Key), PublicKeyID: m.PublicKeyID, PublicKey: public,
	}})
	if err != nil {
		t.Fatal(err)
	}
	return g
}
