package wxpay

import (
	"errors"
	"testing"

	"wxhub/wx"
)

// FuzzOpen gives validly signed rubbish to the parser: the worst that somebody with
// WeChat Pay's key could do is to be refused. A nonce that is not 12 bytes, which Go's GCM
// panics on, is among it.
func FuzzOpen(f *testing.F) {
	s := newSigner(f)
	m := s.gateway.merchants["1900007291"] // behind the signature, which is slow to make
	const gcm, nonce = "AEAD_AES_256_GCM", "123456789012"
	f.Add([]byte(`{"event_type":"TRANSACTION.SUCCESS"}`), goodResource, "TRANSACTION.SUCCESS", nonce)
	f.Add(notification("TRANSACTION.SUCCESS", "transaction", gcm, nonce, "", "AAAA"), "{}", "TRANSACTION.SUCCESS", "")
	f.Add([]byte(`{"event_type":"REFUND.SUCCESS"}`), goodRefund, "REFUND.SUCCESS", nonce)
	f.Add([]byte(`[]`), partnerPaid, "REFUND.CLOSED", "12345678901")
	f.Fuzz(func(t *testing.T, body []byte, resource, event, used string) {
		if _, err := s.open(body); !errors.Is(err, wx.ErrNotificationMalformed) {
			t.Fatalf("a body that nobody encrypted: %v", err)
		}
		if _, err := m.read(notification(event, "", gcm, used, "", seal(t, nonce, "", resource))); used != nonce && err == nil {
			t.Fatal("a resource was opened with another nonce")
		}
		n, err := m.read(notification(event, "", gcm, nonce, "", seal(t, nonce, "", resource)))
		if err != nil {
			return
		}
		tx, refund := n.Transaction, n.Refund
		switch {
		case (tx == nil) == (refund == nil):
			t.Fatalf("neither or both: %+v", n)
		case tx != nil && tx.State == wx.TradeSuccess && (tx.TransactionID == "" || tx.Amount <= 0):
			t.Fatalf("an empty payment was believed: %+v", tx)
		case refund != nil && (refund.OutRefundNo == "" || refund.RefundID == "" || refund.Amount <= 0):
			t.Fatalf("an empty refund was believed: %+v", refund)
		}
	})
}
