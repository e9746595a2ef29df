package mongostore

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"wxhub/model"
)

// movedBatch is how many orders come in one answer of the server.
const movedBatch = 1000

// movedFields leave out what is most of a document.
var movedFields = bson.D{
	{Key: "merchant_id", Value: 1}, {Key: "sub_merchant_id", Value: 1}, {Key: "status", Value: 1}, {Key: "amount", Value: 1},
	{Key: "currency", Value: 1}, {Key: "payments", Value: 1}, {Key: "refunds", Value: 1},
}

// MovedOrders calls each with every order of a merchant (of a sub merchant, unless that is "") with a payment
// that was made, or a refund that succeeded, from a moment until before another.
func (s *Store) MovedOrders(ctx context.Context, merchantID, subMerchantID string, from, until time.Time, each func(model.Order) error) error {
	// One element may be late enough and another early enough, so what comes is looked at again.
	within := bson.D{{Key: "$gte", Value: ceilMilli(from)}, {Key: "$lt", Value: ceilMilli(until)}}
	filter := bson.D{
		{Key: "merchant_id", Value: merchantID},
		{Key: "$or", Value: bson.A{
			bson.D{{Key: "payments.paid_at", Value: within}}, bson.D{{Key: "refunds.succeeded_at", Value: within}},
		}},
	}
	if subMerchantID != "" {
		filter = append(filter, bson.E{Key: "sub_merchant_id", Value: subMerchantID})
	}
	cursor, err := s.orders.Find(ctx, filter, options.Find().SetProjection(movedFields).SetBatchSize(movedBatch))
	if err != nil {
		return unavailable("moved orders", err)
	}
	defer cursor.Close(ctx) //nolint:errcheck // it was read, or the reading has failed
	for cursor.Next(ctx) {
		var r orderRecord
		if err := cursor.Decode(&r); err != nil {
			return unavailable("moved orders", err)
		}
		o := r.order()
		if !o.MovedBetween(from, until) {
			continue
		}
		if err := each(o); err != nil {
			return err
		}
	}
	if err := cursor.Err(); err != nil {
		return unavailable("moved orders", err)
	}
	return nil
}
