package pay

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"wxhub/model"
	"wxhub/wx"
)

// The types of receivers and their relations to the merchant (PROTOCOL §2.9).
const (
	receiverMerchant = "MERCHANT_ID"
	receiverPerson   = "PERSONAL_OPENID"
	receiverSub      = "PERSONAL_SUB_OPENID"
)

var (
	receiverTypes = []string{receiverMerchant, receiverPerson, receiverSub}
	relations     = []string{
		"SERVICE_PROVIDER", "STORE", "STAFF", "STORE_OWNER", "PARTNER", "HEADQUARTER", "BRAND", "DISTRIBUTOR", "USER", "SUPPLIER", "CUSTOM",
	}
	account = regexp.MustCompile(`^[!-~]{1,64}$`)
)

func checkProfitSharing(r ProfitSharingRequest) error {
	switch {
	case len(r.Receivers) > maxReceivers:
		return model.InvalidField("receivers", "must be at most %d", maxReceivers)
	case len(r.Receivers) == 0 && !text(r.Description, 1, maxProfitNote):
		return model.InvalidField("description", "must have 1 to %d characters", maxProfitNote)
	}
	seen := map[[2]string]bool{}
	for i, p := range r.Receivers {
		field := func(name string) string { return fmt.Sprintf("receivers[%d].%s", i, name) }
		switch who := [2]string{p.Type, p.Account}; {
		case !slices.Contains(receiverTypes, p.Type):
			return model.InvalidField(field("type"), "must be MERCHANT_ID, PERSONAL_OPENID or PERSONAL_SUB_OPENID")
		case !account.MatchString(p.Account):
			return model.InvalidField(field("account"), "must be a merchant number or an openid")
		case seen[who]: // its two results could not be told apart
			return model.InvalidField(field("account"), "is named twice")
		case p.Amount < 1 || p.Amount > model.MaxAmount:
			return model.InvalidField(field("amount"), "must be from 1 to %d fen", model.MaxAmount)
		case !text(p.Description, 1, maxProfitNote):
			return model.InvalidField(field("description"), "must have 1 to %d characters", maxProfitNote)
		case !text(p.Name, 0, 128):
			return model.InvalidField(field("name"), "must have at most 128 characters")
		default:
			seen[who] = true
		}
	}
	return nil
}

// Receiver is somebody who may receive parts of a merchant's payments.
type Receiver struct {
	MerchantID, SubMerchantID string
	AppID                     string // in which the account of a person is an openid
	Type, Account, Name       string
	Relation, CustomRelation  string
}

// AddReceiver lets somebody receive parts of a merchant's payments. Nothing is kept here.
//
// Errors: invalid_input, and those of wx/wxpay.Gateway.AddReceiver.
func (s *Service) AddReceiver(ctx context.Context, r Receiver) error {
	asked, err := s.receiver(r)
	switch {
	case err != nil:
		return err
	case !slices.Contains(relations, r.Relation):
		return model.InvalidField("relation_type", "is not one that WeChat Pay knows")
	case (r.Relation == "CUSTOM") != (r.CustomRelation != "") || !text(r.CustomRelation, 0, 10):
		return model.InvalidField("custom_relation", "must have 1 to 10 characters with relation_type CUSTOM, and be left out otherwise")
	case !text(r.Name, 0, 128):
		return model.InvalidField("name", "must have at most 128 characters")
	}
	return s.Profits.AddReceiver(ctx, asked)
}

// DeleteReceiver takes that back. Errors: those of AddReceiver.
func (s *Service) DeleteReceiver(ctx context.Context, r Receiver) error {
	asked, err := s.receiver(r)
	if err != nil {
		return err
	}
	return s.Profits.DeleteReceiver(ctx, asked)
}

func (s *Service) receiver(r Receiver) (wx.Receiver, error) {
	if err := s.checkMerchant(&CreateRequest{MerchantID: r.MerchantID, SubMerchantID: r.SubMerchantID}); err != nil {
		return wx.Receiver{}, err
	}
	out := wx.Receiver{
		MerchantID: r.MerchantID, SubMerchantID: r.SubMerchantID, Type: r.Type, Account: r.Account, Name: model.Secret(r.Name),
		Relation: r.Relation, CustomRelation: r.CustomRelation,
	}
	m := s.merchants[r.MerchantID]
	sub := s.subMerchant(model.Order{MerchantID: r.MerchantID, SubMerchantID: r.SubMerchantID})
	switch {
	case !slices.Contains(receiverTypes, r.Type):
		return out, model.InvalidField("type", "must be MERCHANT_ID, PERSONAL_OPENID or PERSONAL_SUB_OPENID")
	case !account.MatchString(r.Account):
		return out, model.InvalidField("account", "must be a merchant number or an openid")
	case r.Type == receiverSub && !slices.Contains(sub.Apps, r.AppID):
		return out, model.InvalidField("app_id", "must be an app of the sub merchant, in which the account is an openid")
	case m.Partner && r.Type == receiverSub:
		out.AppID, out.SubAppID = m.AppID, r.AppID
	case m.Partner && r.AppID != "" && r.AppID != m.AppID:
		return out, model.InvalidField("app_id", "must be the service provider's own app, or left out")
	case m.Partner:
		out.AppID = m.AppID
	case !slices.Contains(s.ownApps(m), r.AppID):
		return out, model.InvalidField("app_id", "must be an app that is bound to this merchant")
	default:
		out.AppID = r.AppID
	}
	return out, nil
}
