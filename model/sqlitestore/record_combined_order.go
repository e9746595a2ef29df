package sqlitestore

import (
	"time"

	"wxhub/model"
)

// combinedOrderRecord is the document of a combined order: everything but id and version.
type combinedOrderRecord struct {
	MerchantID string                  `json:"merchant_id"`
	Orders     []string                `json:"orders,omitempty"`
	Payments   []combinedPaymentRecord `json:"payments,omitempty"`
	BodyHash   string                  `json:"body_hash,omitempty"`
	CreatedAt  time.Time               `json:"created_at,omitzero"`
}

type combinedPaymentRecord struct {
	OutTradeNo string               `json:"out_trade_no"`
	Method     model.Method         `json:"method"`
	AppID      string               `json:"app_id,omitempty"`
	OpenID     string               `json:"open_id,omitempty"`
	ClientIP   string               `json:"client_ip,omitempty"`
	NotifyURL  string               `json:"notify_url,omitempty"`
	Status     model.CombinedStatus `json:"status"`
	PrepayID   string               `json:"prepay_id,omitempty"`
	PrepaidAt  time.Time            `json:"prepaid_at,omitzero"`
	CreatedAt  time.Time            `json:"created_at,omitzero"`
}

func recordOfCombinedOrder(c model.CombinedOrder) combinedOrderRecord {
	r := combinedOrderRecord{MerchantID: c.MerchantID, Orders: c.Orders, BodyHash: c.BodyHash, CreatedAt: model.Instant(c.CreatedAt)}
	for _, p := range c.Payments {
		one := combinedPaymentRecord(p) // does not compile when the model has a field more
		one.PrepaidAt, one.CreatedAt = model.Instant(p.PrepaidAt), model.Instant(p.CreatedAt)
		r.Payments = append(r.Payments, one)
	}
	return r
}

func (r combinedOrderRecord) combinedOrder(h head) model.CombinedOrder {
	c := model.CombinedOrder{ID: h.ID, Version: h.Version, MerchantID: r.MerchantID, Orders: r.Orders, BodyHash: r.BodyHash, CreatedAt: r.CreatedAt}
	for _, p := range r.Payments {
		c.Payments = append(c.Payments, model.CombinedPayment(p))
	}
	return c
}
