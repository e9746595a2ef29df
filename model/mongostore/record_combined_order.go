package mongostore

import (
	"time"

	"wxhub/model"
)

// combinedOrderRecord is the document of a combined order.
type combinedOrderRecord struct {
	ID         string                  `bson:"_id"`
	Version    int64                   `bson:"version"`
	MerchantID string                  `bson:"merchant_id"`
	Orders     []string                `bson:"orders,omitempty"`
	Payments   []combinedPaymentRecord `bson:"payments,omitempty"`
	BodyHash   string                  `bson:"body_hash,omitempty"`
	CreatedAt  time.Time               `bson:"created_at,omitempty"`
}

type combinedPaymentRecord struct {
	OutTradeNo string               `bson:"out_trade_no"`
	Method     model.Method         `bson:"method"`
	AppID      string               `bson:"app_id,omitempty"`
	OpenID     string               `bson:"open_id,omitempty"`
	ClientIP   string               `bson:"client_ip,omitempty"`
	NotifyURL  string               `bson:"notify_url,omitempty"`
	Status     model.CombinedStatus `bson:"status"`
	PrepayID   string               `bson:"prepay_id,omitempty"`
	PrepaidAt  time.Time            `bson:"prepaid_at,omitempty"`
	CreatedAt  time.Time            `bson:"created_at,omitempty"`
}

func recordOfCombinedOrder(c model.CombinedOrder, version int64) combinedOrderRecord {
	r := combinedOrderRecord{
		ID: c.ID, Version: version, MerchantID: c.MerchantID, Orders: c.Orders, BodyHash: c.BodyHash, CreatedAt: model.Instant(c.CreatedAt),
	}
	for _, p := range c.Payments {
		one := combinedPaymentRecord(p) // does not compile when the model has a field more
		one.PrepaidAt, one.CreatedAt = model.Instant(p.PrepaidAt), model.Instant(p.CreatedAt)
		r.Payments = append(r.Payments, one)
	}
	return r
}

func (r combinedOrderRecord) combinedOrder() model.CombinedOrder {
	c := model.CombinedOrder{ID: r.ID, Version: r.Version, MerchantID: r.MerchantID, Orders: r.Orders, BodyHash: r.BodyHash, CreatedAt: r.CreatedAt}
	for _, p := range r.Payments {
		c.Payments = append(c.Payments, model.CombinedPayment(p))
	}
	return c
}
