package sandbox_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/verifiers"
	"github.com/wechatpay-apiv3/wechatpay-go/core/notify"
	"github.com/wechatpay-apiv3/wechatpay-go/core/option"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments"
	payjsapi "github.com/wechatpay-apiv3/wechatpay-go/services/payments/jsapi"

	"wxhub/wx/sandbox"
)

// elsewhere sends every request to another address after the SDK has signed it for the real one. The
// signature covers the path, not the host.
type elsewhere struct{ to *url.URL }

func (e elsewhere) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host, r.Host = e.to.Scheme, e.to.Host, ""
	return http.DefaultTransport.RoundTrip(r)
}

func (s *stage) rewriting() *http.Client {
	s.t.Helper()
	to, err := url.Parse(s.url)
	if err != nil {
		s.t.Fatal(err)
	}
	return &http.Client{Transport: elsewhere{to}, Timeout: 10 * time.Second}
}

func (s *stage) officialSDK() *core.Client {
	s.t.Helper()
	client, err := core.NewClient(context.Background(),
		option.WithWechatPayPublicKeyAuthCipher(s.merchant.ID, s.merchant.CertSerial, s.key, s.merchant.PublicKeyID, publicKey(s.t, s.merchant.PublicKeyPEM)),
		option.WithHTTPClient(s.rewriting()))
	if err != nil {
		s.t.Fatal(err)
	}
	return client
}

func (s *stage) sdkPrepay(number, notifyURL string, total int64) payjsapi.PrepayRequest {
	return payjsapi.PrepayRequest{
		Appid: core.String(sandbox.DefaultMiniProgram), Mchid: core.String(s.merchant.ID), Description: core.String("茶 & <点心>"),
		OutTradeNo: core.String(number), NotifyUrl: core.String(notifyURL), Attach: core.String("table 4"),
		TimeExpire: core.Time(time.Now().Add(time.Hour)), Amount: &payjsapi.Amount{Total: core.Int64(total), Currency: core.String("CNY")},
		Payer: &payjsapi.Payer{Openid: core.String(s.payer.OpenIDs[sandbox.DefaultMiniProgram])},
	}
}

func TestOfficialSDKPaysAnOrder(t *testing.T) {
	s, r, ctx := newStage(t, sandbox.Options{}), newReceiver(t, 204), context.Background()
	service := payjsapi.JsapiApiService{Client: s.officialSDK()}
	invoke, _, err := service.PrepayWithRequestPayment(ctx, s.sdkPrepay("sdk|order*1", r.url, 88))
	if err != nil {
		t.Fatal(err)
	}
	id, err := s.platform.CheckInvocation(sandbox.Invocation{
		AppID: *invoke.Appid, TimeStamp: *invoke.TimeStamp, NonceStr: *invoke.NonceStr, Package: *invoke.Package,
		SignType: *invoke.SignType, PaySign: *invoke.PaySign,
	})
	if err != nil || id != *invoke.PrepayId {
		t.Fatalf("%q %v", id, err)
	}
	number, mchid := core.String("sdk|order*1"), core.String(s.merchant.ID)
	unpaid, _, err := service.QueryOrderByOutTradeNo(ctx, payjsapi.QueryOrderByOutTradeNoRequest{OutTradeNo: number, Mchid: mchid})
	if err != nil || *unpaid.TradeState != "NOTPAY" || *unpaid.Amount.Total != 88 {
		t.Fatalf("%v %v", unpaid, err)
	}
	payment := s.pay(id)
	paid, _, err := service.QueryOrderById(ctx, payjsapi.QueryOrderByIdRequest{TransactionId: core.String(payment.TransactionID), Mchid: mchid})
	if err != nil || *paid.TradeState != "SUCCESS" || *paid.OutTradeNo != *number {
		t.Fatalf("%v %v", paid, err)
	}
	got, err := s.sdkParse(r.wait(t, 1)[0])
	if err != nil || *got.TransactionId != payment.TransactionID || *got.Amount.PayerTotal != 88 || *got.Attach != "table 4" {
		t.Errorf("%v %v", got, err)
	}
}

// sdkParse reads a notification with the SDK's handler.
func (s *stage) sdkParse(a arrival) (*payments.Transaction, error) {
	s.t.Helper()
	transaction := new(payments.Transaction)
	verifier := verifiers.NewSHA256WithRSAPubkeyVerifier(s.merchant.PublicKeyID, *publicKey(s.t, s.merchant.PublicKeyPEM))
	return transaction, s.sdkRead(verifier, a, transaction)
}

// sdkRead reads a notification into v with any of the SDK's verifiers.
func (s *stage) sdkRead(verifier auth.Verifier, a arrival, v any) error {
	s.t.Helper()
	handler, err := notify.NewRSANotifyHandler(s.merchant.APIv3Key, verifier)
	if err != nil {
		s.t.Fatal(err)
	}
	request := (&http.Request{Header: a.header, Body: http.NoBody}).Clone(context.Background())
	request.Body = bodyOf(a.body)
	_, err = handler.ParseNotifyRequest(context.Background(), request, v)
	return err
}

func TestOfficialSDKClosesAnOrderAndReadsRefusals(t *testing.T) {
	s, ctx := newStage(t, sandbox.Options{}), context.Background()
	service := payjsapi.JsapiApiService{Client: s.officialSDK()}
	number, mchid := core.String("sdk-order-2"), core.String(s.merchant.ID)
	if _, _, err := service.Prepay(ctx, s.sdkPrepay(*number, "https://shop.example.com/n", 1)); err != nil {
		t.Fatal(err)
	}
	if _, err := service.CloseOrder(ctx, payjsapi.CloseOrderRequest{OutTradeNo: number, Mchid: mchid}); err != nil {
		t.Fatal(err)
	}
	closed, _, err := service.QueryOrderByOutTradeNo(ctx, payjsapi.QueryOrderByOutTradeNoRequest{OutTradeNo: number, Mchid: mchid})
	if err != nil || *closed.TradeState != "CLOSED" {
		t.Errorf("%v %v", closed, err)
	}
	_, _, err = service.Prepay(ctx, s.sdkPrepay(*number, "https://shop.example.com/n", 1))
	if !core.IsAPIError(err, "ORDER_CLOSED") {
		t.Errorf("%v", err)
	}
}

func TestOfficialSDKRefusesSpoiledAnswersAndNotifications(t *testing.T) {
	for _, kind := range []string{"bad_signature", "signtest", "unsigned", "old_timestamp", "wrong_serial", "tampered"} {
		s, r := newStage(t, sandbox.Options{}), newReceiver(t, 500)
		service := payjsapi.JsapiApiService{Client: s.officialSDK()}
		s.fault(sandbox.Fault{Match: jsapi, Kind: kind})
		if _, _, err := service.Prepay(context.Background(), s.sdkPrepay(s.number(), "https://shop.example.com/n", 1)); err == nil {
			t.Errorf("%s: the SDK believes the answer", kind)
		}
		s.fault(sandbox.Fault{Match: "notify", Kind: kind})
		s.paidOrder(r)
		if _, err := s.sdkParse(r.wait(t, 1)[0]); err == nil {
			t.Errorf("%s: the SDK believes the notification", kind)
		}
	}
}
