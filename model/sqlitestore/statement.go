package sqlitestore

import (
	"context"
	"strings"
	"time"

	"wxhub/model"
)

const statementColumns = "SELECT id, version, status, due_at, doc FROM statements"

// statementRecord is the document of a statement: everything that has no column.
type statementRecord struct {
	MerchantID    string                         `json:"merchant_id"`
	SubMerchantID string                         `json:"sub_merchant_id,omitempty"`
	Date          string                         `json:"date"`
	Rows          int64                          `json:"rows,omitzero"`
	BillPayments  sumRecord                      `json:"bill_payments,omitzero"`
	BillRefunds   sumRecord                      `json:"bill_refunds,omitzero"`
	BillFees      model.Fen                      `json:"bill_fees,omitzero"`
	OurPayments   sumRecord                      `json:"our_payments,omitzero"`
	OurRefunds    sumRecord                      `json:"our_refunds,omitzero"`
	FlowRows      int64                          `json:"flow_rows,omitzero"`
	FlowIn        sumRecord                      `json:"flow_in,omitzero"`
	FlowOut       sumRecord                      `json:"flow_out,omitzero"`
	Differences   map[model.DifferenceKind]int64 `json:"differences,omitempty"`
	Open          int64                          `json:"open,omitzero"`
	Unlisted      int64                          `json:"unlisted,omitzero"`
	Attempts      int                            `json:"attempts,omitzero"`
	LastError     string                         `json:"last_error,omitempty"`
	StartedAt     time.Time                      `json:"started_at,omitzero"`
	FinishedAt    time.Time                      `json:"finished_at,omitzero"`
}

type sumRecord struct {
	Count  int64     `json:"count"`
	Amount model.Fen `json:"amount"`
}

func encodeStatement(t model.Statement) (string, error) {
	return encode(statementRecord{
		MerchantID: t.MerchantID, SubMerchantID: t.SubMerchantID, Date: t.Date, Rows: t.Rows,
		BillPayments: sumRecord(t.BillPayments), BillRefunds: sumRecord(t.BillRefunds), BillFees: t.BillFees,
		OurPayments: sumRecord(t.OurPayments), OurRefunds: sumRecord(t.OurRefunds),
		FlowRows: t.FlowRows, FlowIn: sumRecord(t.FlowIn), FlowOut: sumRecord(t.FlowOut), Differences: t.Differences,
		Open: t.Open, Unlisted: t.Unlisted, Attempts: t.Attempts,
		// It may quote what somebody answered, which can be any bytes.
		LastError: strings.ToValidUTF8(t.LastError, "\uFFFD"),
		StartedAt: model.Instant(t.StartedAt), FinishedAt: model.Instant(t.FinishedAt),
	})
}

// AddStatement stores t with Version 1 unless its ID is taken; false when it was.
func (s *Store) AddStatement(ctx context.Context, t model.Statement) (bool, error) {
	doc, err := encodeStatement(t)
	if err != nil {
		return false, err
	}
	return s.change(ctx, "add statement", `
		INSERT INTO statements (id, version, status, due_at, doc) VALUES (?, 1, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
		t.ID, string(t.Status), t.DueAt.UnixMilli(), doc)
}

// Statement returns one, or model.ErrNotFound.
func (s *Store) Statement(ctx context.Context, id string) (model.Statement, error) {
	t, err := scanStatement(s.read.QueryRowContext(ctx, statementColumns+" WHERE id = ?", id))
	if err != nil {
		return model.Statement{}, missing("statement", err)
	}
	return t, nil
}

// ReplaceStatement stores t as Version t.Version+1 when the stored version is still
// t.Version; else model.ErrStale, or model.ErrNotFound when there is none.
func (s *Store) ReplaceStatement(ctx context.Context, t model.Statement) error {
	doc, err := encodeStatement(t)
	if err != nil {
		return err
	}
	replaced, err := s.change(ctx, "replace statement", `
		UPDATE statements SET version = version + 1, status = ?, due_at = ?, doc = ? WHERE id = ? AND version = ?`,
		string(t.Status), t.DueAt.UnixMilli(), doc, t.ID, t.Version)
	if err == nil && !replaced {
		return s.staleOrMissing(ctx, "SELECT count(*) FROM statements WHERE id = ?", t.ID)
	}
	return err
}

// DueStatements returns pending ones with DueAt at or before now, the longest due first.
func (s *Store) DueStatements(ctx context.Context, now time.Time, limit int) ([]model.Statement, error) {
	rows, err := s.read.QueryContext(ctx, statementColumns+`
		WHERE status = 'pending' AND due_at <= ? ORDER BY due_at, id LIMIT ?`, now.UnixMilli(), max(limit, 0))
	return collect("due statements", rows, err, scanStatement)
}

func scanStatement(row scanner) (t model.Statement, err error) {
	var (
		dueAt int64
		doc   string
		r     statementRecord
	)
	if err := row.Scan(&t.ID, &t.Version, &t.Status, &dueAt, &doc); err != nil {
		return model.Statement{}, err
	}
	if err := decode("statement "+t.ID, doc, &r); err != nil {
		return model.Statement{}, err
	}
	return model.Statement{
		ID: t.ID, Version: t.Version, Status: t.Status, DueAt: instant(dueAt),
		MerchantID: r.MerchantID, SubMerchantID: r.SubMerchantID, Date: r.Date, Rows: r.Rows,
		BillPayments: model.Sum(r.BillPayments), BillRefunds: model.Sum(r.BillRefunds), BillFees: r.BillFees,
		OurPayments: model.Sum(r.OurPayments), OurRefunds: model.Sum(r.OurRefunds),
		FlowRows: r.FlowRows, FlowIn: model.Sum(r.FlowIn), FlowOut: model.Sum(r.FlowOut), Differences: r.Differences,
		Open: r.Open, Unlisted: r.Unlisted, Attempts: r.Attempts, LastError: r.LastError,
		StartedAt: r.StartedAt, FinishedAt: r.FinishedAt,
	}, nil
}
