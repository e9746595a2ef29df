package mongostore

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"wxhub/model"
)

// differenceRecord is the document of a difference.
type differenceRecord struct {
	ID            string                 `bson:"_id"`
	MerchantID    string                 `bson:"merchant_id"`
	SubMerchantID string                 `bson:"sub_merchant_id"`
	Date          string                 `bson:"date"`
	Kind          model.DifferenceKind   `bson:"kind"`
	Entry         model.Entry            `bson:"entry"`
	Number        string                 `bson:"number"`
	OutTradeNo    string                 `bson:"out_trade_no,omitempty"`
	OrderID       string                 `bson:"order_id,omitempty"`
	Upstream      string                 `bson:"upstream,omitempty"`
	BillAmount    model.Fen              `bson:"bill_amount,omitempty"`
	OurAmount     model.Fen              `bson:"our_amount,omitempty"`
	BillStatus    string                 `bson:"bill_status,omitempty"`
	OurStatus     string                 `bson:"our_status,omitempty"`
	Rows          int                    `bson:"rows,omitempty"`
	Status        model.DifferenceStatus `bson:"status"`
	Note          string                 `bson:"note,omitempty"`
	FoundAt       time.Time              `bson:"found_at,omitempty"`
	ChangedAt     time.Time              `bson:"changed_at,omitempty"`
	Version       int64                  `bson:"version"`
}

func recordOfDifference(d model.Difference, version int64) differenceRecord {
	r := differenceRecord(d) // does not compile when the model has a field more
	r.FoundAt, r.ChangedAt, r.Version = model.Instant(d.FoundAt), model.Instant(d.ChangedAt), version
	return r
}

func (r differenceRecord) difference() model.Difference { return model.Difference(r) }

// AddDifference stores d with Version 1 unless its ID is taken; false when it was.
func (s *Store) AddDifference(ctx context.Context, d model.Difference) (bool, error) {
	return insert(ctx, s.differences, recordOfDifference(d, 1))
}

// Difference returns one, or model.ErrNotFound.
func (s *Store) Difference(ctx context.Context, id string) (model.Difference, error) {
	r, err := find[differenceRecord](ctx, s.differences, id)
	if err != nil {
		return model.Difference{}, err
	}
	return r.difference(), nil
}

// ReplaceDifference stores d as Version d.Version+1 when the stored version is still
// d.Version; else model.ErrStale, or model.ErrNotFound when there is none.
func (s *Store) ReplaceDifference(ctx context.Context, d model.Difference) error {
	return replace(ctx, s.differences, ofVersion(d.ID, d.Version), recordOfDifference(d, d.Version+1))
}

// ListDifferences returns at most f.Limit of them, in the order of ID.
func (s *Store) ListDifferences(ctx context.Context, f model.DifferenceFilter) ([]model.Difference, error) {
	if f.Limit <= 0 {
		return nil, nil
	}
	filter := bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: f.AfterID}}}}
	for _, x := range []struct{ field, value string }{
		{"merchant_id", f.MerchantID}, {"sub_merchant_id", f.SubMerchantID}, {"date", f.Date}, {"status", string(f.Status)},
	} {
		if x.value != "" {
			filter = append(filter, bson.E{Key: x.field, Value: x.value})
		}
	}
	return findModels(ctx, s.differences, filter, keys("_id"), f.Limit, differenceRecord.difference)
}
