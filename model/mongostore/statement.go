package mongostore

import (
	"context"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"wxhub/model"
)

// statementRecord is the document of a statement.
type statementRecord struct {
	ID            string                         `bson:"_id"`
	MerchantID    string                         `bson:"merchant_id"`
	SubMerchantID string                         `bson:"sub_merchant_id"`
	Date          string                         `bson:"date"`
	Status        model.StatementStatus          `bson:"status"`
	Rows          int64                          `bson:"rows"`
	BillPayments  model.Sum                      `bson:"bill_payments"`
	BillRefunds   model.Sum                      `bson:"bill_refunds"`
	BillFees      model.Fen                      `bson:"bill_fees"`
	OurPayments   model.Sum                      `bson:"our_payments"`
	OurRefunds    model.Sum                      `bson:"our_refunds"`
	FlowRows      int64                          `bson:"flow_rows,omitempty"`
	FlowIn        model.Sum                      `bson:"flow_in"`
	FlowOut       model.Sum                      `bson:"flow_out"`
	Differences   map[model.DifferenceKind]int64 `bson:"differences,omitempty"` // the kinds are words of ours, good as field names
	Open          int64                          `bson:"open"`
	Unlisted      int64                          `bson:"unlisted"`
	Attempts      int                            `bson:"attempts"`
	LastError     string                         `bson:"last_error,omitempty"`
	DueAt         time.Time                      `bson:"due_at"`
	StartedAt     time.Time                      `bson:"started_at,omitempty"`
	FinishedAt    time.Time                      `bson:"finished_at,omitempty"`
	Version       int64                          `bson:"version"`
}

func recordOfStatement(t model.Statement, version int64) statementRecord {
	r := statementRecord(t) // does not compile when the model has a field more
	// It may quote what somebody answered, which can be any bytes.
	r.LastError = strings.ToValidUTF8(t.LastError, "\uFFFD")
	r.DueAt, r.StartedAt, r.FinishedAt, r.Version = model.Instant(t.DueAt), model.Instant(t.StartedAt), model.Instant(t.FinishedAt), version
	return r
}

func (r statementRecord) statement() model.Statement { return model.Statement(r) }

// AddStatement stores t with Version 1 unless its ID is taken; false when it was.
func (s *Store) AddStatement(ctx context.Context, t model.Statement) (bool, error) {
	return insert(ctx, s.statements, recordOfStatement(t, 1))
}

// Statement returns one, or model.ErrNotFound.
func (s *Store) Statement(ctx context.Context, id string) (model.Statement, error) {
	r, err := find[statementRecord](ctx, s.statements, id)
	if err != nil {
		return model.Statement{}, err
	}
	return r.statement(), nil
}

// ReplaceStatement stores t as Version t.Version+1 when the stored version is still
// t.Version; else model.ErrStale, or model.ErrNotFound when there is none.
func (s *Store) ReplaceStatement(ctx context.Context, t model.Statement) error {
	return replace(ctx, s.statements, ofVersion(t.ID, t.Version), recordOfStatement(t, t.Version+1))
}

// DueStatements returns pending ones with DueAt at or before now, the longest due first.
func (s *Store) DueStatements(ctx context.Context, now time.Time, limit int) ([]model.Statement, error) {
	if limit <= 0 {
		return nil, nil
	}
	filter := bson.D{
		{Key: "status", Value: string(model.StatementPending)},
		{Key: "due_at", Value: bson.D{{Key: "$lte", Value: now}}},
	}
	return findModels(ctx, s.statements, filter, keys("due_at", "_id"), limit, statementRecord.statement)
}
