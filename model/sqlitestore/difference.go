package sqlitestore

import (
	"context"
	"strings"
	"time"

	"wxhub/model"
)

const differenceColumns = "SELECT id, version, merchant_id, sub_merchant_id, date, status, doc FROM differences"

// differenceRecord is the document of a difference: everything that has no column.
type differenceRecord struct {
	Kind       model.DifferenceKind `json:"kind"`
	Entry      model.Entry          `json:"entry"`
	Number     string               `json:"number"`
	OutTradeNo string               `json:"out_trade_no,omitempty"`
	OrderID    string               `json:"order_id,omitempty"`
	Upstream   string               `json:"upstream,omitempty"`
	BillAmount model.Fen            `json:"bill_amount,omitzero"`
	OurAmount  model.Fen            `json:"our_amount,omitzero"`
	BillStatus string               `json:"bill_status,omitempty"`
	OurStatus  string               `json:"our_status,omitempty"`
	Rows       int                  `json:"rows,omitzero"`
	Note       string               `json:"note,omitempty"`
	FoundAt    time.Time            `json:"found_at,omitzero"`
	ChangedAt  time.Time            `json:"changed_at,omitzero"`
}

func encodeDifference(d model.Difference) (string, error) {
	return encode(differenceRecord{
		Kind: d.Kind, Entry: d.Entry, Number: d.Number, OutTradeNo: d.OutTradeNo, OrderID: d.OrderID, Upstream: d.Upstream,
		BillAmount: d.BillAmount, OurAmount: d.OurAmount, BillStatus: d.BillStatus, OurStatus: d.OurStatus, Rows: d.Rows, Note: d.Note,
		FoundAt: model.Instant(d.FoundAt), ChangedAt: model.Instant(d.ChangedAt),
	})
}

// AddDifference stores d with Version 1 unless its ID is taken; false when it was.
func (s *Store) AddDifference(ctx context.Context, d model.Difference) (bool, error) {
	doc, err := encodeDifference(d)
	if err != nil {
		return false, err
	}
	return s.change(ctx, "add difference", `
		INSERT INTO differences (id, version, merchant_id, sub_merchant_id, date, status, doc)
		VALUES (?, 1, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
		d.ID, d.MerchantID, d.SubMerchantID, d.Date, string(d.Status), doc)
}

// Difference returns one, or model.ErrNotFound.
func (s *Store) Difference(ctx context.Context, id string) (model.Difference, error) {
	d, err := scanDifference(s.read.QueryRowContext(ctx, differenceColumns+" WHERE id = ?", id))
	if err != nil {
		return model.Difference{}, missing("difference", err)
	}
	return d, nil
}

// ReplaceDifference stores d as Version d.Version+1 when the stored version is still
// d.Version; else model.ErrStale, or model.ErrNotFound when there is none.
func (s *Store) ReplaceDifference(ctx context.Context, d model.Difference) error {
	doc, err := encodeDifference(d)
	if err != nil {
		return err
	}
	replaced, err := s.change(ctx, "replace difference", `
		UPDATE differences SET version = version + 1, merchant_id = ?, sub_merchant_id = ?, date = ?, status = ?, doc = ?
		WHERE id = ? AND version = ?`,
		d.MerchantID, d.SubMerchantID, d.Date, string(d.Status), doc, d.ID, d.Version)
	if err == nil && !replaced {
		return s.staleOrMissing(ctx, "SELECT count(*) FROM differences WHERE id = ?", d.ID)
	}
	return err
}

// ListDifferences returns at most f.Limit of them, in the order of ID.
func (s *Store) ListDifferences(ctx context.Context, f model.DifferenceFilter) ([]model.Difference, error) {
	terms, args := []string{"id > ?"}, []any{f.AfterID}
	for _, x := range []struct{ column, value string }{
		{"merchant_id", f.MerchantID}, {"sub_merchant_id", f.SubMerchantID}, {"date", f.Date}, {"status", string(f.Status)},
	} {
		if x.value != "" {
			terms, args = append(terms, x.column+" = ?"), append(args, x.value)
		}
	}
	rows, err := s.read.QueryContext(ctx,
		differenceColumns+" WHERE "+strings.Join(terms, " AND ")+" ORDER BY id LIMIT ?", append(args, max(f.Limit, 0))...)
	return collect("list differences", rows, err, scanDifference)
}

func scanDifference(row scanner) (d model.Difference, err error) {
	var (
		doc string
		r   differenceRecord
	)
	if err := row.Scan(&d.ID, &d.Version, &d.MerchantID, &d.SubMerchantID, &d.Date, &d.Status, &doc); err != nil {
		return model.Difference{}, err
	}
	if err := decode("difference "+d.ID, doc, &r); err != nil {
		return model.Difference{}, err
	}
	d.Kind, d.Entry, d.Number, d.OutTradeNo, d.OrderID, d.Upstream = r.Kind, r.Entry, r.Number, r.OutTradeNo, r.OrderID, r.Upstream
	d.BillAmount, d.OurAmount, d.BillStatus, d.OurStatus = r.BillAmount, r.OurAmount, r.BillStatus, r.OurStatus
	d.Rows, d.Note, d.FoundAt, d.ChangedAt = r.Rows, r.Note, r.FoundAt, r.ChangedAt
	return d, nil
}
