package pay

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// TransferBills is what this package needs of WeChat Pay to pay people. wx/wxpay.Gateway is one;
// the errors are those listed there.
type TransferBills interface {
	Transfer(ctx context.Context, t wx.Transfer) (wx.TransferState, error)
	QueryTransfer(ctx context.Context, merchantID, outBillNo string) (wx.TransferState, error)
	CancelTransfer(ctx context.Context, merchantID, outBillNo string) (wx.TransferState, error)
}

const (
	maxRemark     = 32 // WeChat Pay's, in characters
	maxPerception = 32
	maxReports    = 10
)

var sceneID = regexp.MustCompile(`^[0-9]{1,36}$`)

// TransferRequest is what a backend asks for: money for one of its users.
type TransferRequest struct {
	MerchantID string
	AppID      string
	UserID     string
	Amount     model.Fen
	SceneID    string
	Remark     string
	Perception string `json:",omitempty"`
	Reports    []model.TransferReport
	UserName   string `json:",omitempty"`
}

// Transfer pays money to a user. It is in the store before WeChat Pay hears of it. When WeChat
// Pay's answer is not known, it stands and the sweep goes on with it, always under the same
// number. Usually the user must confirm: InvokeTransfer makes what their client needs.
//
// Errors: invalid_input, payer_has_no_openid, idempotency_conflict; those of
// wx/wxpay.Gateway.Transfer when WeChat Pay refused for good: then the money did not move.
func (s *Service) Transfer(ctx context.Context, r TransferRequest, key IdempotencyKey) (model.Transfer, error) {
	if err := s.checkTransfer(ctx, r); err != nil {
		return model.Transfer{}, err
	}
	t, err := s.newTransfer(ctx, r, key)
	if err != nil {
		return t, err
	}
	created, err := s.Transfers.AddTransfer(ctx, t)
	if err != nil {
		return t, err
	}
	t.Version = 1
	if !created {
		asked := t.BodyHash
		if t, err = s.Transfers.Transfer(ctx, t.ID); err != nil {
			return t, err
		}
		if t.BodyHash != asked {
			return model.Transfer{}, errIdempotency
		}
	}
	if t.Status != model.TransferCreated { // the answer to a repeated request
		return t, nil
	}
	after, err := s.carryOutTransfer(ctx, t)
	if unknown(err) {
		return t, nil // it stands, and the sweep goes on with it
	}
	return after, err
}

func (s *Service) checkTransfer(ctx context.Context, r TransferRequest) error {
	m, known := s.merchants[r.MerchantID]
	switch {
	case !known:
		return model.InvalidField("merchant_id", "is not a merchant configured here")
	case m.Partner:
		return model.InvalidField("merchant_id", "must be a direct merchant: a service provider pays nobody for its sub merchants")
	case !slices.Contains(s.ownApps(m), r.AppID):
		return model.InvalidField("app_id", "must be an app that is bound to this merchant")
	case r.UserID == "":
		return model.InvalidField("user_id", "is needed")
	case r.Amount < 1 || r.Amount > model.MaxAmount:
		return model.InvalidField("amount", "must be from 1 to %d fen", model.MaxAmount)
	case !sceneID.MatchString(r.SceneID):
		return model.InvalidField("scene_id", "must be WeChat Pay's number of the purpose, such as 1000")
	case !text(r.Remark, 1, maxRemark):
		return model.InvalidField("remark", "must have 1 to %d characters", maxRemark)
	case !text(r.Perception, 0, maxPerception):
		return model.InvalidField("perception", "must have at most %d characters", maxPerception)
	case !text(r.UserName, 0, 64):
		return model.InvalidField("user_name", "must have at most 64 characters")
	case len(r.Reports) > maxReports:
		return model.InvalidField("report_infos", "must be at most %d", maxReports)
	}
	for i, info := range r.Reports {
		if !text(info.Type, 1, 15) || !text(info.Content, 1, 32) {
			return model.InvalidField(fmt.Sprintf("report_infos[%d]", i), "must have a type of 1 to 15 characters and a content of 1 to 32")
		}
	}
	return s.checkPayer(ctx, r.UserID)
}

// newTransfer makes the transfer of a request. With an Idempotency-Key its id is made of the
// key, so that the store itself lets each request make one only.
func (s *Service) newTransfer(ctx context.Context, r TransferRequest, key IdempotencyKey) (model.Transfer, error) {
	openID, err := s.Payers.OpenID(ctx, r.UserID, r.AppID)
	if err != nil {
		return model.Transfer{}, err
	}
	id, err := s.IDs.New()
	if err != nil {
		return model.Transfer{}, err
	}
	t := model.Transfer{
		ID: "T" + id, MerchantID: r.MerchantID, AppID: r.AppID, UserID: r.UserID, OpenID: openID, Amount: r.Amount, SceneID: r.SceneID,
		Remark: r.Remark, Perception: r.Perception, Reports: r.Reports, UserName: r.UserName, NotifyURL: s.notifyURL(r.MerchantID),
		Status: model.TransferCreated, CreatedAt: s.now(), CheckAt: s.now().Add(s.SweepEvery),
	}
	if key.Key != "" {
		sum := sha256.Sum256([]byte(key.Scope + "\x00" + key.Key))
		body, err := json.Marshal(r)
		if err != nil {
			return model.Transfer{}, err
		}
		t.ID, t.BodyHash = "T"+hex.EncodeToString(sum[:])[:transferIDLength-1], hash(string(body))
	}
	s.noteTransfer(&t, "created", fmt.Sprintf("%d fen", t.Amount))
	return t, nil
}

// transferIDLength is the most that WeChat Pay takes as a number.
const transferIDLength = 32

var transferID = regexp.MustCompile(`^T[0-9A-Za-z]{1,31}$`)

// FindTransfer returns one transfer; fresh asks WeChat Pay first.
//
// Errors: transfer_not_found; with fresh those of wx/wxpay.Gateway.QueryTransfer.
func (s *Service) FindTransfer(ctx context.Context, id string, fresh bool) (model.Transfer, error) {
	t, err := s.storedTransfer(ctx, id)
	if err != nil || !fresh {
		return t, err
	}
	return s.chaseTransfer(ctx, t)
}

func (s *Service) storedTransfer(ctx context.Context, id string) (model.Transfer, error) {
	if !transferID.MatchString(id) {
		return model.Transfer{}, errNoTransfer
	}
	t, err := s.Transfers.Transfer(ctx, id)
	if errors.Is(err, model.ErrNotFound) {
		err = errNoTransfer
	}
	return t, err
}

// CancelTransfer asks WeChat Pay to cancel a transfer that its receiver has not confirmed.
// WeChat Pay accepts that first and does it later: the transfer is canceling, and
// transfer.failed tells the end. Cancelling twice is no error.
//
// Errors: transfer_not_found, transfer_over, transfer_not_accepted, and those of
// wx/wxpay.Gateway.CancelTransfer; after these nothing has changed.
func (s *Service) CancelTransfer(ctx context.Context, id string) (model.Transfer, error) {
	t, err := s.storedTransfer(ctx, id)
	switch {
	case err != nil:
		return t, err
	case t.Status == model.TransferCancelled || t.Status == model.TransferCanceling:
		return t, nil
	case !movingTransfer(t.Status):
		return t, errTransferOver
	case t.Status == model.TransferCreated: // WeChat Pay may get it only after it said that it does not know it
		return t, errTransferNotAccepted
	}
	state, err := s.Bills.CancelTransfer(ctx, t.MerchantID, t.ID)
	if err != nil {
		return t, err
	}
	return s.settleTransfer(ctx, state)
}

// InvokeTransfer is what the receiver's client hands to wx.requestMerchantTransfer; false when there is
// nothing to confirm.
func InvokeTransfer(t model.Transfer) (wx.TransferInvoke, bool) {
	return wx.TransferInvoke{MerchantID: t.MerchantID, AppID: t.AppID, Package: t.PackageInfo}, t.Status == model.TransferWaiting && t.PackageInfo != ""
}

// noteTransfer adds a line to a transfer's history.
func (s *Service) noteTransfer(t *model.Transfer, what, note string) {
	step := model.Step{At: s.now(), What: what, Note: note}
	if len(t.History) >= maxHistory {
		t.History[len(t.History)-1] = step
		return
	}
	t.History = append(t.History, step)
}

// updateTransfer is update for a transfer.
func (s *Service) updateTransfer(ctx context.Context, id string, change func(*model.Transfer) error) (model.Transfer, error) {
	for range maxConflicts {
		t, err := s.storedTransfer(ctx, id)
		if err != nil {
			return t, err
		}
		switch err := change(&t); {
		case errors.Is(err, errNothingToDo):
			return t, nil
		case err != nil:
			return t, err
		}
		err = s.Transfers.ReplaceTransfer(ctx, t)
		if err == nil {
			t.Version++
			if len(t.Outbox) > 0 && s.OnEvent != nil {
				s.OnEvent()
			}
			return t, nil
		}
		if !errors.Is(err, model.ErrStale) {
			return t, err
		}
	}
	return model.Transfer{}, model.ErrStale
}

// nextTransferCheck is when a transfer is looked at again if nothing happens to it: ever more
// rarely, though once an hour at least.
func (s *Service) nextTransferCheck(t model.Transfer) time.Time {
	now := s.now()
	return now.Add(max(s.SweepEvery, min(now.Sub(t.CreatedAt)/2, time.Hour)))
}
