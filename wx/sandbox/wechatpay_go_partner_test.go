package sandbox_test

import (
	"context"
	"testing"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/verifiers"
	"github.com/wechatpay-apiv3/wechatpay-go/core/downloader"
	"github.com/wechatpay-apiv3/wechatpay-go/core/option"
	"github.com/wechatpay-apiv3/wechatpay-go/services/partnerpayments"
	spapp "github.com/wechatpay-apiv3/wechatpay-go/services/partnerpayments/app"
	sph5 "github.com/wechatpay-apiv3/wechatpay-go/services/partnerpayments/h5"
	spjsapi "github.com/wechatpay-apiv3/wechatpay-go/services/partnerpayments/jsapi"
	spnative "github.com/wechatpay-apiv3/wechatpay-go/services/partnerpayments/native"

	"wxhub/wx/sandbox"
)

// sdkCertificates is the SDK's manager of platform certificates, with the stage's merchant registered.
func (s *stage) sdkCertificates() *downloader.CertificateDownloaderMgr {
	s.t.Helper()
	ctx := context.Background()
	manager := downloader.NewCertificateDownloaderMgr(ctx)
	s.t.Cleanup(manager.Stop)
	client, err := core.NewClient(ctx, option.WithMerchantCredential(s.merchant.ID, s.merchant.CertSerial, s.key),
		option.WithoutValidator(), option.WithHTTPClient(s.rewriting()))
	if err != nil {
		s.t.Fatal(err)
	}
	if err := manager.RegisterDownloaderWithClient(ctx, client, s.merchant.ID, s.merchant.APIv3Key); err != nil {
		s.t.Fatal(err)
	}
	return manager
}

func (s *stage) certifiedSDK(manager *downloader.CertificateDownloaderMgr) *core.Client {
	s.t.Helper()
	client, err := core.NewClient(context.Background(),
		option.WithWechatPayAutoAuthCipherUsingDownloaderMgr(s.merchant.ID, s.merchant.CertSerial, s.key, manager),
		option.WithHTTPClient(s.rewriting()))
	if err != nil {
		s.t.Fatal(err)
	}
	return client
}

// sdkPrepays are the prepay calls of the four services, with the queries and closes of each.
func (s *stage) sdkPrepays(client *core.Client) map[string]func(number, notifyURL string) (string, error) {
	ctx := context.Background()
	sp, sub, account, mini := core.String(s.merchant.ID), core.String(sandbox.DefaultSubMerchant), core.String(sandbox.DefaultPartnerAccount), core.String(sandbox.DefaultSubMini)
	tea := core.String("茶")
	return map[string]func(number, notifyURL string) (string, error){
		"JSAPI": func(number, notifyURL string) (string, error) {
			got, _, err := (&spjsapi.JsapiApiService{Client: client}).PrepayWithRequestPayment(ctx, spjsapi.PrepayRequest{
				SpAppid: account, SpMchid: sp, SubAppid: mini, SubMchid: sub, Description: tea, OutTradeNo: &number, NotifyUrl: &notifyURL,
				Amount: &spjsapi.Amount{Total: core.Int64(88)}, Payer: &spjsapi.Payer{SubOpenid: core.String(s.payer.OpenIDs[*mini])},
			}, *mini)
			if err != nil {
				return "", err
			}
			return s.platform.CheckInvocation(sandbox.Invocation{
				AppID: *got.Appid, TimeStamp: *got.TimeStamp, NonceStr: *got.NonceStr, Package: *got.Package, SignType: *got.SignType, PaySign: *got.PaySign,
			})
		},
		"NATIVE": func(number, notifyURL string) (string, error) {
			got, _, err := (&spnative.NativeApiService{Client: client}).Prepay(ctx, spnative.PrepayRequest{
				SpAppid: account, SpMchid: sp, SubMchid: sub, Description: tea, OutTradeNo: &number, NotifyUrl: &notifyURL, Amount: &spnative.Amount{Total: core.Int64(88)},
			})
			if err != nil {
				return "", err
			}
			return *got.CodeUrl, nil
		},
		"MWEB": func(number, notifyURL string) (string, error) {
			got, _, err := (&sph5.H5ApiService{Client: client}).Prepay(ctx, sph5.PrepayRequest{
				SpAppid: account, SpMchid: sp, SubMchid: sub, Description: tea, OutTradeNo: &number, NotifyUrl: &notifyURL, Amount: &sph5.Amount{Total: core.Int64(88)},
				SceneInfo: &sph5.SceneInfo{PayerClientIp: core.String("14.23.150.211"), H5Info: &sph5.H5Info{Type: core.String("iOS")}},
			})
			if err != nil {
				return "", err
			}
			return *got.H5Url, nil
		},
		"APP": func(number, notifyURL string) (string, error) {
			got, _, err := (&spapp.AppApiService{Client: client}).Prepay(ctx, spapp.PrepayRequest{
				SpAppid: core.String(sandbox.DefaultMobileApp), SpMchid: sp, SubMchid: sub, Description: tea, OutTradeNo: &number, NotifyUrl: &notifyURL,
				Amount: &spapp.Amount{Total: core.Int64(88)},
			})
			if err != nil {
				return "", err
			}
			return *got.PrepayId, nil
		},
	}
}

func TestOfficialSDKPaysForASubMerchantWithDownloadedCertificates(t *testing.T) {
	s := newPartnerStage(t, sandbox.Options{})
	manager := s.sdkCertificates()
	client, ctx := s.certifiedSDK(manager), context.Background()
	service := spnative.NativeApiService{Client: client}
	sp, sub := core.String(s.merchant.ID), core.String(sandbox.DefaultSubMerchant)
	for tradeType, prepay := range s.sdkPrepays(client) {
		t.Run(tradeType, func(t *testing.T) {
			r, number, other := newReceiver(t, 204), s.number(), s.number()
			given, err := prepay(number, r.url)
			if err != nil {
				t.Fatal(err)
			}
			payment := s.pay(given)
			paid, _, err := service.QueryOrderById(ctx, spnative.QueryOrderByIdRequest{TransactionId: &payment.TransactionID, SpMchid: sp, SubMchid: sub})
			if err != nil || *paid.TradeState != "SUCCESS" || *paid.TradeType != tradeType || *paid.SubMchid != *sub {
				t.Fatalf("%v %v", paid, err)
			}
			got, err := s.sdkParsePartner(manager, r.wait(t, 1)[0])
			if err != nil || *got.TransactionId != payment.TransactionID || *got.SpMchid != *sp || *got.Payer.SpOpenid == "" {
				t.Errorf("%v %v", got, err)
			}
			if _, err := prepay(other, r.url); err != nil {
				t.Fatal(err)
			}
			if _, err := service.CloseOrder(ctx, spnative.CloseOrderRequest{OutTradeNo: &other, SpMchid: sp, SubMchid: sub}); err != nil {
				t.Fatal(err)
			}
			closed, _, err := service.QueryOrderByOutTradeNo(ctx, spnative.QueryOrderByOutTradeNoRequest{OutTradeNo: &other, SpMchid: sp, SubMchid: sub})
			if err != nil || *closed.TradeState != "CLOSED" {
				t.Errorf("%v %v", closed, err)
			}
		})
	}
}

func (s *stage) sdkParsePartner(manager *downloader.CertificateDownloaderMgr, a arrival) (*partnerpayments.Transaction, error) {
	s.t.Helper()
	transaction := new(partnerpayments.Transaction)
	return transaction, s.sdkRead(verifiers.NewSHA256WithRSAVerifier(manager.GetCertificateVisitor(s.merchant.ID)), a, transaction)
}

func TestOfficialSDKSurvivesARotation(t *testing.T) {
	s := newPartnerStage(t, sandbox.Options{})
	manager := s.sdkCertificates()
	client, ctx := s.certifiedSDK(manager), context.Background()
	ask := func() error {
		_, _, err := (&spnative.NativeApiService{Client: client}).QueryOrderByOutTradeNo(ctx, spnative.QueryOrderByOutTradeNoRequest{
			OutTradeNo: core.String("unknown-1"), SpMchid: core.String(s.merchant.ID), SubMchid: core.String(sandbox.DefaultSubMerchant)})
		return err
	}
	prepay := s.sdkPrepays(client)["NATIVE"]
	for _, step := range []string{sandbox.RotateAdd, sandbox.RotateSwitch, sandbox.RotateRemove} {
		if _, err := s.platform.RotateCertificate(s.merchant.ID, step); err != nil {
			t.Fatal(err)
		}
		if step == sandbox.RotateAdd {
			manager.DownloadCertificates(ctx)
		}
		if _, err := prepay(s.number(), "https://shop.example.com/n"); err != nil {
			t.Errorf("%s: %v", step, err)
		}
		if err := ask(); !core.IsAPIError(err, "ORDER_NOT_EXIST") {
			t.Errorf("%s: %v", step, err)
		}
	}
}

func TestOfficialSDKRefusesSpoiledAnswersInCertificateMode(t *testing.T) {
	for _, kind := range []string{"bad_signature", "signtest", "unsigned", "old_timestamp", "wrong_serial", "tampered"} {
		s, r := newPartnerStage(t, sandbox.Options{}), newReceiver(t, 500)
		manager := s.sdkCertificates()
		prepay := s.sdkPrepays(s.certifiedSDK(manager))["NATIVE"]
		s.fault(sandbox.Fault{Match: partnerRoot, Kind: kind})
		if _, err := prepay(s.number(), r.url); err == nil {
			t.Errorf("%s: the SDK believes the answer", kind)
		}
		s.fault(sandbox.Fault{Match: "notify", Kind: kind})
		s.pay(s.placed("native", true, s.number(), set("notify_url", r.url)))
		if _, err := s.sdkParsePartner(manager, r.wait(t, 1)[0]); err == nil {
			t.Errorf("%s: the SDK believes the notification", kind)
		}
	}
}
