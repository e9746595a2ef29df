package wxpay

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"wxhub/wx"
)

const (
	goodRefund = `{"mchid":"1900000001","out_trade_no":"n-1","transaction_id":"4200001","out_refund_no":"r-1","refund_id":"5000001","refund_status":"SUCCESS",` +
		`"success_time":"2026-03-01T20:06:00+08:00","user_received_account":"招商银行信用卡0403","amount":{"total":100,"refund":40,"payer_total":90,"payer_refund":36}}`
	goodPartnerRefund = `{"sp_mchid":"1900000100","sub_mchid":"1900000109",` + goodRefundRest
	goodRefundRest    = `"out_trade_no":"n-1","transaction_id":"4200001","out_refund_no":"r-1","refund_id":"5000001","refund_status":"SUCCESS",` +
		`"success_time":"2026-03-01T20:06:00+08:00","amount":{"total":100,"refund":40}}`
)

// notice is a notification of an event as WeChat Pay encrypts it.
func notice(t testing.TB, event, original, resource string) []byte {
	t.Helper()
	return notification(event, original, "AEAD_AES_256_GCM", "123456789012", original, seal(t, "123456789012", original, resource))
}

// ended makes the resource of a refund that ended in another way.
func ended(resource, status string) string {
	return strings.Replace(strings.Replace(resource, `"SUCCESS"`, `"`+status+`"`, 1), `"success_time":"2026-03-01T20:06:00+08:00",`, "", 1)
}

func TestOpenReadsPaymentsAndRefundsOfBothModes(t *testing.T) {
	refund := wx.RefundState{
		Trade: directTrade, OutRefundNo: "r-1", RefundID: "5000001", TransactionID: "4200001",
		Status: wx.RefundSuccess, Amount: 40, Total: 100, SuccessTime: time.Date(2026, 3, 1, 12, 6, 0, 0, time.UTC),
	}
	of := func(trade wx.Trade, status wx.RefundStatus) *wx.RefundState {
		r := refund
		r.Trade, r.Status = trade, status
		if status != wx.RefundSuccess {
			r.SuccessTime = time.Time{}
		}
		return &r
	}
	p := newPlatform(t)
	g := p.gateway(merchantOf(directID, true), merchantOf(providerID, true))
	for _, c := range []struct {
		merchant, event, original, resource string
		refund                              *wx.RefundState
		payment                             *wx.Transaction
	}{
		{directID, "TRANSACTION.SUCCESS", "transaction", directPaid, nil, &wx.Transaction{
			Trade: directTrade, AppID: "wxA", OpenID: "openid-1", TransactionID: "4200001", State: wx.TradeSuccess, Amount: 100, Currency: "CNY", SuccessTime: paidAt,
		}},
		{providerID, "TRANSACTION.SUCCESS", "", partnerPaid, nil, &wx.Transaction{
			Trade: partnerTrade, AppID: "wxA", SubAppID: "wxB", OpenID: "openid-sub", TransactionID: "4200001", State: wx.TradeSuccess, Amount: 100, Currency: "CNY", SuccessTime: paidAt,
		}},
		{directID, "REFUND.SUCCESS", "refund", goodRefund, of(directTrade, wx.RefundSuccess), nil},
		{directID, "REFUND.ABNORMAL", "refund", ended(goodRefund, "ABNORMAL"), of(directTrade, wx.RefundAbnormal), nil},
		{directID, "REFUND.CLOSED", "", ended(goodRefund, "CLOSED"), of(directTrade, wx.RefundClosed), nil},
		{directID, "REFUND.CLOSED", "refund", strings.Replace(goodRefund, `"SUCCESS"`, `"CLOSED"`, 1), of(directTrade, wx.RefundClosed), nil},
		{providerID, "REFUND.SUCCESS", "refund", goodPartnerRefund, of(partnerTrade, wx.RefundSuccess), nil},
		{providerID, "REFUND.ABNORMAL", "refund", ended(goodPartnerRefund, "ABNORMAL"), of(partnerTrade, wx.RefundAbnormal), nil},
	} {
		body := notice(t, c.event, c.original, c.resource)
		n, err := g.Open(context.Background(), c.merchant, p.notify(keyID, body), body)
		if err != nil || n.ID != "id" || n.EventType != c.event {
			t.Errorf("%s %s: %+v, %v", c.merchant, c.event, n, err)
			continue
		}
		if (n.Refund == nil) != (c.refund == nil) || (n.Refund != nil && *n.Refund != *c.refund) {
			t.Errorf("%s %s: got %+v", c.merchant, c.event, n.Refund)
		}
		if (n.Transaction == nil) != (c.payment == nil) || (n.Transaction != nil && *n.Transaction != *c.payment) {
			t.Errorf("%s %s: got %+v", c.merchant, c.event, n.Transaction)
		}
	}
}

func TestOpenRefusesRefundsItCannotRead(t *testing.T) {
	p := newPlatform(t)
	g := p.gateway(merchantOf(directID, true), merchantOf(providerID, true))
	with := func(from, to string) string { return strings.Replace(goodRefund, from, to, 1) }
	for name, c := range map[string]struct{ merchant, event, original, resource string }{
		"event and status contradict":      {directID, "REFUND.CLOSED", "refund", goodRefund},
		"event and status contradict, too": {directID, "REFUND.SUCCESS", "refund", ended(goodRefund, "CLOSED")},
		"still processing":                 {directID, "REFUND.SUCCESS", "refund", ended(goodRefund, "PROCESSING")},
		"no such event":                    {directID, "REFUND.PROCESSING", "refund", ended(goodRefund, "PROCESSING")},
		"of another original_type":         {directID, "REFUND.SUCCESS", "transaction", goodRefund},
		"profit sharing":                   {directID, "TRANSACTION.SUCCESS", "profitsharing", directPaid},
		"payment inside a refund event":    {directID, "REFUND.SUCCESS", "refund", directPaid},
		"refund inside a payment event":    {directID, "TRANSACTION.SUCCESS", "transaction", goodRefund},
		"provider's at a direct merchant":  {directID, "REFUND.SUCCESS", "refund", goodPartnerRefund},
		"direct one's at a provider":       {providerID, "REFUND.SUCCESS", "refund", goodRefund},
		"direct payment at a provider":     {providerID, "TRANSACTION.SUCCESS", "transaction", directPaid},
		"provider's payment at a direct":   {directID, "TRANSACTION.SUCCESS", "transaction", partnerPaid},
		"provider's without sub merchant":  {providerID, "REFUND.SUCCESS", "refund", strings.Replace(goodPartnerRefund, "sub_mchid", "x", 1)},
		"no out_trade_no":                  {directID, "REFUND.SUCCESS", "refund", with("out_trade_no", "x")},
		"no out_refund_no":                 {directID, "REFUND.SUCCESS", "refund", with("out_refund_no", "x")},
		"no refund_id":                     {directID, "REFUND.SUCCESS", "refund", with("refund_id", "x")},
		"no refund_status":                 {directID, "REFUND.SUCCESS", "refund", with("refund_status", "x")},
		"no success_time":                  {directID, "REFUND.SUCCESS", "refund", with("success_time", "x")},
		"success_time unreadable":          {directID, "REFUND.SUCCESS", "refund", with("2026-03-01T", "soon")},
		"no amount":                        {directID, "REFUND.SUCCESS", "refund", with(`"amount"`, `"x"`)},
		"amount as text":                   {directID, "REFUND.SUCCESS", "refund", with(`"refund":40`, `"refund":"40"`)},
		"amount negative":                  {directID, "REFUND.SUCCESS", "refund", with(`"refund":40`, `"refund":-40`)},
		"amount over the total":            {directID, "REFUND.SUCCESS", "refund", with(`"refund":40`, `"refund":400`)},
		"null":                             {directID, "REFUND.SUCCESS", "refund", "null"},
		"not JSON":                         {directID, "REFUND.SUCCESS", "refund", "refunded!"},
	} {
		body := notice(t, c.event, c.original, c.resource)
		n, err := g.Open(context.Background(), c.merchant, p.notify(keyID, body), body)
		if !errors.Is(err, wx.ErrNotificationMalformed) || n.Transaction != nil || n.Refund != nil {
			t.Errorf("%s: got %+v, %v", name, n, err)
		}
	}
}

// A stored notification opens long after it came, if it was fresh then; nothing else is forgiven.
func TestReopen(t *testing.T) {
	p, ctx := newPlatform(t), context.Background()
	p.list(oldSerial, begin.Add(-day), begin.Add(50*day))
	for _, serial := range []string{keyID, oldSerial} {
		g := p.gateway(merchantOf(directID, true))
		body := notice(t, "REFUND.SUCCESS", "refund", goodRefund)
		header := p.notify(serial, body)
		came := p.clock.now()
		p.clock.advance(10 * day)
		if _, err := g.Open(ctx, directID, header, body); !errors.Is(err, wx.ErrNotificationForged) {
			t.Errorf("opened ten days later: %v", err)
		}
		if n, err := g.Reopen(ctx, directID, header, body, came.Add(299*time.Second)); err != nil || n.Refund == nil {
			t.Errorf("reopened: %+v, %v", n, err)
		}
		for name, c := range map[string]struct {
			merchant string
			header   func(string) string
			body     []byte
			at       time.Time
			want     error
		}{
			"stale when it came":      {directID, header, body, came.Add(300 * time.Second), wx.ErrNotificationForged},
			"from the future":         {directID, header, body, came.Add(-300 * time.Second), wx.ErrNotificationForged},
			"never received":          {directID, header, body, time.Time{}, wx.ErrNotificationForged},
			"altered":                 {directID, header, append([]byte(" "), body...), came, wx.ErrNotificationForged},
			"without its signature":   {directID, renamed(header, "Wechatpay-Signature", ""), body, came, wx.ErrNotificationForged},
			"under another key":       {directID, renamed(header, "Wechatpay-Serial", newSerial), body, came, wx.ErrNotificationForged},
			"a probe":                 {directID, renamed(header, "Wechatpay-Signature", probePrefix), body, came, wx.ErrNotificationProbe},
			"of a merchant not known": {"1", header, body, came, wx.ErrMerchantUnknown},
		} {
			if _, err := g.Reopen(ctx, c.merchant, c.header, c.body, c.at); !errors.Is(err, c.want) {
				t.Errorf("%s: got %v", name, err)
			}
		}
	}
}
