package mongostore

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

// createIndexes makes the indexes that queries need; those that exist stay. None
// is unique: that is what _id is for.
func (s *Store) createIndexes(ctx context.Context) error {
	for _, c := range []struct {
		of   *mongo.Collection
		keys []bson.D
	}{
		{s.orders, []bson.D{
			{{Key: "user_id", Value: 1}, {Key: "_id", Value: -1}},
			{{Key: "merchant_id", Value: 1}, {Key: "_id", Value: -1}},
			{{Key: "status", Value: 1}, {Key: "_id", Value: -1}},
			{{Key: "check_at", Value: 1}, {Key: "_id", Value: 1}},
			{{Key: "has_outbox", Value: 1}, {Key: "created_at", Value: 1}, {Key: "_id", Value: 1}},
			{{Key: "merchant_id", Value: 1}, {Key: "payments.paid_at", Value: 1}},
			{{Key: "merchant_id", Value: 1}, {Key: "refunds.succeeded_at", Value: 1}},
		}},
		{s.transfers, []bson.D{
			{{Key: "check_at", Value: 1}, {Key: "_id", Value: 1}},
			{{Key: "has_outbox", Value: 1}, {Key: "created_at", Value: 1}, {Key: "_id", Value: 1}},
		}},
		{s.applyments, []bson.D{
			{{Key: "merchant_id", Value: 1}, {Key: "_id", Value: 1}},
			{{Key: "check_at", Value: 1}, {Key: "_id", Value: 1}},
			{{Key: "has_outbox", Value: 1}, {Key: "created_at", Value: 1}, {Key: "_id", Value: 1}},
		}},
		{s.users, []bson.D{
			{{Key: "merged_into", Value: 1}, {Key: "_id", Value: -1}},
			{{Key: "erasing", Value: 1}, {Key: "_id", Value: 1}},
			{{Key: "has_outbox", Value: 1}, {Key: "created_at", Value: 1}, {Key: "_id", Value: 1}},
		}},
		{s.identities, []bson.D{
			{{Key: "user_id", Value: 1}, {Key: "created_at", Value: 1}},
			{{Key: "linking", Value: 1}, {Key: "created_at", Value: 1}},
		}},
		{s.unions, []bson.D{
			{{Key: "user_id", Value: 1}},
		}},
		{s.conflicts, []bson.D{
			{{Key: "status", Value: 1}, {Key: "_id", Value: 1}},
			{{Key: "app_id", Value: 1}, {Key: "open_id", Value: 1}},
		}},
		{s.tasks, []bson.D{
			{{Key: "status", Value: 1}, {Key: "due_at", Value: 1}, {Key: "_id", Value: 1}},
			{{Key: "status", Value: 1}, {Key: "created_at", Value: 1}, {Key: "_id", Value: 1}},
			{{Key: "has_outbox", Value: 1}, {Key: "created_at", Value: 1}, {Key: "_id", Value: 1}},
		}},
		{s.differences, []bson.D{
			{{Key: "merchant_id", Value: 1}, {Key: "date", Value: 1}, {Key: "_id", Value: 1}},
			{{Key: "status", Value: 1}, {Key: "_id", Value: 1}},
		}},
		{s.statements, []bson.D{
			{{Key: "status", Value: 1}, {Key: "due_at", Value: 1}, {Key: "_id", Value: 1}},
		}},
		{s.deliveries, []bson.D{
			{{Key: "status", Value: 1}, {Key: "due_at", Value: 1}, {Key: "_id", Value: 1}},
		}},
	} {
		// One by one: the stand-in of the tests fails when several exist already.
		for _, keys := range c.keys {
			if _, err := c.of.Indexes().CreateOne(ctx, mongo.IndexModel{Keys: keys}); err != nil {
				return unavailable("create indexes of "+c.of.Name(), err)
			}
		}
	}
	return nil
}
