package paytest

import (
	"context"
	"fmt"
	"time"

	"wxhub/model"
	"wxhub/model/storetest"
)

func combinedOrders(s Store) storetest.Aggregate[model.CombinedOrder] {
	return storetest.Aggregate[model.CombinedOrder]{
		Sample: func(n int) model.CombinedOrder {
			at := storetest.Epoch()
			return model.CombinedOrder{
				MerchantID: "1900000001", Orders: []string{"order-1", fmt.Sprintf("order-%d", n)}, BodyHash: "h", CreatedAt: at,
				Payments: []model.CombinedPayment{{
					OutTradeNo: "combined-1", Method: model.MethodH5, AppID: "wx1", OpenID: "open-1", ClientIP: "203.0.113.9", NotifyURL: "https://example.test/n",
					Status: model.CombinedAsked, PrepayID: "p", PrepaidAt: at.Add(time.Minute), CreatedAt: at,
				}},
			}
		},
		Key:     func(c *model.CombinedOrder, key string) { c.ID = key },
		Version: func(c *model.CombinedOrder) *int64 { return &c.Version },
		Add:     s.AddCombinedOrder,
		Read: func(ctx context.Context, c model.CombinedOrder) (model.CombinedOrder, error) {
			return s.CombinedOrder(ctx, c.ID)
		},
		Replace: s.ReplaceCombinedOrder,
	}
}
