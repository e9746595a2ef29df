package pay

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"time"
	"unicode/utf8"

	"wxhub/model"
)

// Limits of an order. The lengths are WeChat Pay's (PROTOCOL §2.2), in characters.
const (
	DefaultExpiry  = 2 * time.Hour // as long as a prepay_id is valid
	MinExpiry      = time.Minute   // WeChat Pay raises anything shorter
	MaxExpiry      = 7 * 24 * time.Hour
	MaxDescription = 127
	MaxAttach      = 128
	maxMetadata    = 20
	maxMetadataLen = 500
)

// CreateRequest is a new order. Either a backend gives MerchantID and Description,
// or a user gives CollectCode and is UserID.
type CreateRequest struct {
	MerchantID    string
	SubMerchantID string `json:",omitempty"` // whose money it is, when MerchantID is a service provider
	CollectCode   string
	Amount        model.Fen
	Currency      string // "" is CNY
	Description   string
	Attach        string
	UserID        string        // the only person who may pay; "" leaves it to the first
	ExpiresIn     time.Duration // 0 is DefaultExpiry
	Metadata      map[string]string
	ProfitSharing bool `json:",omitempty"` // what is paid stays frozen until it is shared
}

// IdempotencyKey makes a repeated Create return the first answer. Scope is the
// caller, so that two callers never share a key. The zero value asks for nothing.
type IdempotencyKey struct{ Scope, Key string }

// Create makes an order.
//
// Errors: invalid_input; idempotency_conflict when the key was used with another
// request; merchant_unknown and collect_code_unknown as invalid input.
func (s *Service) Create(ctx context.Context, r CreateRequest, key IdempotencyKey) (model.Order, error) {
	if r.CollectCode != "" {
		if err := s.fromCollectCode(&r); err != nil {
			return model.Order{}, err
		}
	}
	if err := s.checkCreate(ctx, &r); err != nil {
		return model.Order{}, err
	}
	o, err := s.newOrder(r)
	if err != nil {
		return model.Order{}, err
	}
	if o.UserID, err = s.survivor(ctx, o.UserID); err != nil {
		return model.Order{}, err
	}
	if key.Key == "" {
		return o, s.Orders.InsertOrder(ctx, o)
	}
	return s.createOnce(ctx, r, o, key)
}

// createOnce claims the key with the order in it, then inserts the order. A retry
// after a crash between the two finds the claim and finishes the insert.
func (s *Service) createOnce(ctx context.Context, r CreateRequest, o model.Order, key IdempotencyKey) (model.Order, error) {
	body, err := json.Marshal(r)
	if err != nil {
		return model.Order{}, err
	}
	first, _, err := s.Idempotency.ClaimOrder(ctx, model.IdempotentOrder{
		Key: hash(key.Scope + "\x00" + key.Key), BodyHash: hash(string(body)), Order: o, CreatedAt: o.CreatedAt,
	})
	if err != nil {
		return model.Order{}, err
	}
	if first.BodyHash != hash(string(body)) {
		return model.Order{}, errIdempotency
	}
	err = s.Orders.InsertOrder(ctx, first.Order)
	if err != nil && !errors.Is(err, model.ErrExists) {
		return model.Order{}, err
	}
	return first.Order, nil
}

func (s *Service) newOrder(r CreateRequest) (model.Order, error) {
	id, err := s.IDs.New()
	if err != nil {
		return model.Order{}, err
	}
	now := s.now()
	expires := now.Add(r.ExpiresIn)
	return model.Order{
		ID: id, MerchantID: r.MerchantID, SubMerchantID: r.SubMerchantID, Status: model.OrderCreated, Amount: r.Amount, Currency: r.Currency,
		Description: r.Description, Attach: r.Attach, UserID: r.UserID, CollectCode: r.CollectCode, Metadata: r.Metadata, ProfitSharing: r.ProfitSharing,
		CreatedAt: now, ExpiresAt: expires, CheckAt: expires.Add(closeGrace), Version: 1,
		History: []model.Step{{At: now, What: "created"}},
	}, nil
}

func (s *Service) fromCollectCode(r *CreateRequest) error {
	code, ok := s.codes[r.CollectCode]
	if !ok {
		return model.InvalidField("collect_code", "is not configured here")
	}
	if r.Amount < code.Min || r.Amount > code.Max {
		return model.InvalidField("amount", "must be from %d to %d fen for this code", code.Min, code.Max)
	}
	r.MerchantID, r.SubMerchantID, r.Description = code.MerchantID, code.SubMerchantID, code.Title
	return nil
}

func (s *Service) checkCreate(ctx context.Context, r *CreateRequest) error {
	if r.Currency == "" {
		r.Currency = model.CNY
	}
	if r.ExpiresIn == 0 {
		r.ExpiresIn = DefaultExpiry
	}
	if err := s.checkMerchant(r); err != nil {
		return err
	}
	switch {
	case r.Amount < 1 || r.Amount > model.MaxAmount:
		return model.InvalidField("amount", "must be from 1 to %d fen", model.MaxAmount)
	case r.Currency != model.CNY:
		return model.InvalidField("currency", "must be CNY")
	case !text(r.Description, 1, MaxDescription):
		return model.InvalidField("description", "must have 1 to %d characters", MaxDescription)
	case !text(r.Attach, 0, MaxAttach):
		return model.InvalidField("attach", "must have at most %d characters", MaxAttach)
	case r.ExpiresIn < MinExpiry || r.ExpiresIn > MaxExpiry:
		return model.InvalidField("expires_in", "must be from %d to %d seconds", int(MinExpiry.Seconds()), int(MaxExpiry.Seconds()))
	}
	if err := checkMetadata(r.Metadata); err != nil {
		return err
	}
	return s.checkPayer(ctx, r.UserID)
}

func (s *Service) checkMerchant(r *CreateRequest) error {
	m, ok := s.merchants[r.MerchantID]
	known := slices.ContainsFunc(m.SubMerchants, func(sub SubMerchant) bool { return sub.ID == r.SubMerchantID })
	switch {
	case !ok:
		return model.InvalidField("merchant_id", "is not a merchant configured here")
	case m.Partner && r.SubMerchantID == "":
		return model.InvalidField("sub_merchant_id", "is needed: the merchant is a service provider")
	case m.Partner && !known:
		return model.InvalidField("sub_merchant_id", "is not a sub merchant configured here")
	case !m.Partner && r.SubMerchantID != "":
		return model.InvalidField("sub_merchant_id", "is for merchants in partner mode; this one is direct")
	}
	return nil
}

func (s *Service) checkPayer(ctx context.Context, userID string) error {
	if userID == "" {
		return nil
	}
	err := s.Payers.CheckUser(ctx, userID)
	if err != nil && model.AsError(err).Kind == model.KindNotFound {
		return model.InvalidField("user_id", "is not a user here")
	}
	return err
}

func checkMetadata(m map[string]string) error {
	if len(m) > maxMetadata {
		return model.InvalidField("metadata", "must have at most %d entries", maxMetadata)
	}
	for k, v := range m {
		if !text(k, 1, 40) || !text(v, 0, maxMetadataLen) {
			return model.InvalidField("metadata", "keys must have 1 to 40 characters, values at most %d", maxMetadataLen)
		}
	}
	return nil
}

// text reports whether s is UTF-8 of min to max characters without control characters.
func text(s string, min, max int) bool {
	n := utf8.RuneCountInString(s)
	return utf8.ValidString(s) && n >= min && n <= max &&
		!slices.ContainsFunc([]rune(s), func(r rune) bool { return r < ' ' || r == 0x7f })
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
