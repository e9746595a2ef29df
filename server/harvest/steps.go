package harvest

import (
	"context"
	"encoding/json"
	"errors"

	"wxhub/model"
	"wxhub/server/tasks"
	"wxhub/wx"
)

// followers looks at the next followers of an account. WeChat lists up to 10,000 at a
// time, after any openid, so a part of a page is as good a place to go on from as its
// end.
func (h *Harvester) followers(ctx context.Context, appID string, p *progress) (more bool, err error) {
	list, err := h.Accounts.ListFollowers(ctx, appID, p.After)
	if errors.Is(err, wx.ErrRejected) && p.After != "" { // that follower may have left: begin anew
		p.After = ""
		return true, nil
	}
	if err != nil || len(list.OpenIDs) == 0 {
		return false, err
	}
	for openIDs := list.OpenIDs; len(openIDs) > 0; {
		part := openIDs[:min(batch, len(openIDs))]
		openIDs = openIDs[len(part):]
		if !h.mayCall(ctx, p) {
			return true, nil // what is done is kept
		}
		found, err := h.Accounts.FollowersOf(ctx, appID, part)
		if err != nil {
			return false, err
		}
		for _, f := range found {
			if !f.Subscribed {
				continue
			}
			if err := h.People.Meet(ctx, model.IdentityKey{AppID: appID, OpenID: f.OpenID}, f.UnionID); err != nil {
				return false, err
			}
		}
		p.After, p.Done = part[len(part)-1], p.Done+len(part)
		if err := h.save(ctx, "followers:"+appID, *p); err != nil {
			return false, err
		}
	}
	return list.Next != "", nil
}

// migrate asks what became of the next openids of the old account.
func (h *Harvester) migrate(ctx context.Context, from, to string, p *progress) (more bool, err error) {
	openIDs, err := h.People.OpenIDs(ctx, from, p.After, batch)
	if err != nil || len(openIDs) == 0 {
		return false, err
	}
	moved, err := h.Accounts.Moved(ctx, to, from, openIDs)
	if err != nil {
		return false, err
	}
	if _, err := h.People.Moved(ctx, from, to, moved); err != nil {
		return false, err
	}
	p.After, p.Done = openIDs[len(openIDs)-1], p.Done+len(openIDs)
	return true, nil
}

// PaidKind is the kind of the tasks that Paid does.
const PaidKind = "paid_union_id"

// Payment is a payment that WeChat may tell a UnionID for, within five minutes.
type Payment struct {
	AppID         string `json:"app_id"`
	OpenID        string `json:"open_id"`
	TransactionID string `json:"transaction_id"`
}

// Payers asks WeChat for the UnionID of a payer. wx/mini.Client is one.
type Payers interface {
	PaidUnionID(ctx context.Context, appID, openID, transactionID string) (string, error)
}

// Paid makes the tasks.Handler that asks for the UnionID of a payer.
func Paid(payers Payers, people People) tasks.Handler {
	return func(ctx context.Context, body []byte) ([]model.Event, error) {
		var p Payment
		if err := json.Unmarshal(body, &p); err != nil {
			return nil, tasks.Final(err)
		}
		unionID, err := payers.PaidUnionID(ctx, p.AppID, p.OpenID, p.TransactionID)
		for _, hopeless := range []error{wx.ErrRejected, wx.ErrNotPaidLately, wx.ErrOpenIDUnknown} {
			if errors.Is(err, hopeless) {
				return nil, tasks.Final(err) // too late, say; the next login may tell
			}
		}
		if err != nil || unionID == "" {
			return nil, err
		}
		return nil, people.Meet(ctx, model.IdentityKey{AppID: p.AppID, OpenID: p.OpenID}, unionID)
	}
}
