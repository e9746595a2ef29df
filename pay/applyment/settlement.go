package applyment

import (
	"context"
	"regexp"

	"wxhub/model"
	"wxhub/wx"
)

var (
	merchantShape    = regexp.MustCompile(`^[0-9]{1,32}$`)
	applicationShape = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)
	errNoChange      = model.NewError(model.KindNotFound, "settlement_change_not_found", "there is no such change of a settlement account")
)

func (s *Service) sub(merchantID, subMerchantID string) error {
	if err := s.provider(merchantID); err != nil {
		return err
	}
	if !merchantShape.MatchString(subMerchantID) {
		return model.InvalidField("sub_merchant_id", "must be a merchant number")
	}
	return nil
}

// Settlement asks WeChat Pay where a sub merchant's money goes. It need not be in the configuration.
//
// Errors: invalid_input, and those of wx/wxpay.Gateway.QuerySettlement.
func (s *Service) Settlement(ctx context.Context, merchantID, subMerchantID string) (wx.SettlementAccount, error) {
	if err := s.sub(merchantID, subMerchantID); err != nil {
		return wx.SettlementAccount{}, err
	}
	return s.WeChat.QuerySettlement(ctx, merchantID, subMerchantID)
}

// ModifySettlement asks for another account. Nothing of it is kept, so an answer that is lost is not asked for here:
// Settlement shows the account that counts.
//
// Errors: invalid_input, and those of wx/wxpay.Gateway.ModifySettlement.
func (s *Service) ModifySettlement(ctx context.Context, merchantID, subMerchantID string, c wx.SettlementChange) (string, error) {
	if err := s.sub(merchantID, subMerchantID); err != nil {
		return "", err
	}
	return s.WeChat.ModifySettlement(ctx, merchantID, subMerchantID, c)
}

// SettlementChange asks what became of a change.
//
// Errors: invalid_input, settlement_change_not_found, and those of wx/wxpay.Gateway.QuerySettlementChange.
func (s *Service) SettlementChange(ctx context.Context, merchantID, subMerchantID, applicationNo string) (wx.SettlementAccount, error) {
	if err := s.sub(merchantID, subMerchantID); err != nil {
		return wx.SettlementAccount{}, err
	}
	if !applicationShape.MatchString(applicationNo) {
		return wx.SettlementAccount{}, errNoChange
	}
	return s.WeChat.QuerySettlementChange(ctx, merchantID, subMerchantID, applicationNo)
}
