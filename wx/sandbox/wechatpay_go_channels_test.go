package sandbox_test

import (
	"context"
	"testing"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments"
	payapp "github.com/wechatpay-apiv3/wechatpay-go/services/payments/app"
	payh5 "github.com/wechatpay-apiv3/wechatpay-go/services/payments/h5"
	paynative "github.com/wechatpay-apiv3/wechatpay-go/services/payments/native"

	"wxhub/wx/sandbox"
)

// sdkChannel is one service of the SDK, reduced to what every one of them can do.
type sdkChannel struct {
	prepay func(number, notifyURL string) (given string, err error)
	byNo   func(number string) (*payments.Transaction, error)
	byID   func(id string) (*payments.Transaction, error)
	close  func(number string) error
}

func (s *stage) sdkChannels(client *core.Client) map[string]sdkChannel {
	ctx, mchid, mobile := context.Background(), core.String(s.merchant.ID), core.String(sandbox.DefaultMobileApp)
	native, h5, app := paynative.NativeApiService{Client: client}, payh5.H5ApiService{Client: client}, payapp.AppApiService{Client: client}
	return map[string]sdkChannel{
		"NATIVE": {
			prepay: func(number, notifyURL string) (string, error) {
				got, _, err := native.Prepay(ctx, paynative.PrepayRequest{
					Appid: core.String(sandbox.DefaultOfficialAccount), Mchid: mchid, Description: core.String("茶"), OutTradeNo: &number, NotifyUrl: &notifyURL,
					Amount: &paynative.Amount{Total: core.Int64(88), Currency: core.String("CNY")}, SceneInfo: &paynative.SceneInfo{PayerClientIp: core.String("14.23.150.211")},
				})
				if err != nil {
					return "", err
				}
				return *got.CodeUrl, nil
			},
			byNo: func(number string) (*payments.Transaction, error) {
				got, _, err := native.QueryOrderByOutTradeNo(ctx, paynative.QueryOrderByOutTradeNoRequest{OutTradeNo: &number, Mchid: mchid})
				return got, err
			},
			byID: func(id string) (*payments.Transaction, error) {
				got, _, err := native.QueryOrderById(ctx, paynative.QueryOrderByIdRequest{TransactionId: &id, Mchid: mchid})
				return got, err
			},
			close: func(number string) error {
				_, err := native.CloseOrder(ctx, paynative.CloseOrderRequest{OutTradeNo: &number, Mchid: mchid})
				return err
			},
		},
		"MWEB": {
			prepay: func(number, notifyURL string) (string, error) {
				got, _, err := h5.Prepay(ctx, payh5.PrepayRequest{
					Appid: core.String(sandbox.DefaultOfficialAccount), Mchid: mchid, Description: core.String("茶"), OutTradeNo: &number, NotifyUrl: &notifyURL,
					Amount:    &payh5.Amount{Total: core.Int64(88)},
					SceneInfo: &payh5.SceneInfo{PayerClientIp: core.String("14.23.150.211"), H5Info: &payh5.H5Info{Type: core.String("Wap")}},
				})
				if err != nil {
					return "", err
				}
				return *got.H5Url, nil
			},
			byNo: func(number string) (*payments.Transaction, error) {
				got, _, err := h5.QueryOrderByOutTradeNo(ctx, payh5.QueryOrderByOutTradeNoRequest{OutTradeNo: &number, Mchid: mchid})
				return got, err
			},
			byID: func(id string) (*payments.Transaction, error) {
				got, _, err := h5.QueryOrderById(ctx, payh5.QueryOrderByIdRequest{TransactionId: &id, Mchid: mchid})
				return got, err
			},
			close: func(number string) error {
				_, err := h5.CloseOrder(ctx, payh5.CloseOrderRequest{OutTradeNo: &number, Mchid: mchid})
				return err
			},
		},
		"APP": {
			prepay: func(number, notifyURL string) (string, error) {
				got, _, err := app.PrepayWithRequestPayment(ctx, payapp.PrepayRequest{
					Appid: mobile, Mchid: mchid, Description: core.String("茶"), OutTradeNo: &number, NotifyUrl: &notifyURL, Amount: &payapp.Amount{Total: core.Int64(88)},
				})
				if err != nil {
					return "", err
				}
				return s.platform.CheckAppInvocation(sandbox.AppInvocation{
					AppID: *mobile, PartnerID: *got.PartnerId, PrepayID: *got.PrepayId, Package: *got.Package, NonceStr: *got.NonceStr,
					TimeStamp: *got.TimeStamp, Sign: *got.Sign,
				})
			},
			byNo: func(number string) (*payments.Transaction, error) {
				got, _, err := app.QueryOrderByOutTradeNo(ctx, payapp.QueryOrderByOutTradeNoRequest{OutTradeNo: &number, Mchid: mchid})
				return got, err
			},
			byID: func(id string) (*payments.Transaction, error) {
				got, _, err := app.QueryOrderById(ctx, payapp.QueryOrderByIdRequest{TransactionId: &id, Mchid: mchid})
				return got, err
			},
			close: func(number string) error {
				_, err := app.CloseOrder(ctx, payapp.CloseOrderRequest{OutTradeNo: &number, Mchid: mchid})
				return err
			},
		},
	}
}

func TestOfficialSDKPaysThroughEveryChannel(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	for tradeType, channel := range s.sdkChannels(s.officialSDK()) {
		t.Run(tradeType, func(t *testing.T) {
			r, number := newReceiver(t, 204), s.number()
			given, err := channel.prepay(number, r.url)
			if err != nil {
				t.Fatal(err)
			}
			if unpaid, err := channel.byNo(number); err != nil || *unpaid.TradeState != "NOTPAY" || *unpaid.Amount.Total != 88 {
				t.Fatalf("%v %v", unpaid, err)
			}
			payment := s.pay(given)
			paid, err := channel.byID(payment.TransactionID)
			if err != nil || *paid.TradeState != "SUCCESS" || *paid.TradeType != tradeType || *paid.OutTradeNo != number {
				t.Fatalf("%v %v", paid, err)
			}
			if got, err := s.sdkParse(r.wait(t, 1)[0]); err != nil || *got.TransactionId != payment.TransactionID || *got.Payer.Openid == "" {
				t.Errorf("%v %v", got, err)
			}
			other := s.number()
			if _, err := channel.prepay(other, r.url); err != nil {
				t.Fatal(err)
			}
			if err := channel.close(other); err != nil {
				t.Fatal(err)
			}
			if closed, err := channel.byNo(other); err != nil || *closed.TradeState != "CLOSED" {
				t.Errorf("%v %v", closed, err)
			}
			if err := channel.close(number); !core.IsAPIError(err, "ORDERPAID") {
				t.Errorf("%v", err)
			}
		})
	}
}
