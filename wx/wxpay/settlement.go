package wxpay

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/consts"

	"wxhub/model"
	"wxhub/wx"
)

// subMerchants are the calls about a sub merchant's bank account (partner/4012761102, 4012761113, 4012761120).
func subMerchants(id, path string) string {
	return consts.WechatPayAPIServer + "/v3/apply4sub/sub_merchants/" + url.PathEscape(id) + path
}

// settlementRequest asks for the change in the mode that answers with an application_no. WeChat Pay's documentation
// says that this is the only one since 2023-04-17; in the field it was only when it was asked for.
type settlementRequest struct {
	ModifyMode      string       `json:"modify_mode"`
	AccountType     string       `json:"account_type"`
	AccountName     model.Secret `json:"account_name"`
	AccountBank     string       `json:"account_bank"`
	BankAddressCode string       `json:"bank_address_code"`
	BankName        string       `json:"bank_name"`
	BankBranchID    string       `json:"bank_branch_id"`
	AccountNumber   model.Secret `json:"account_number"`
}

// ModifySettlement asks for another bank account for a sub merchant, and returns the application_no under which
// QuerySettlementChange tells what became of it; "" when WeChat Pay gives none. It is not repeated: WeChat Pay takes
// five a day.
//
// Errors: wx.ErrRejected, wx.ErrRateLimited, wx.ErrBusy, wx.ErrForged, wx.ErrTimeout, wx.ErrMerchantUnknown.
func (g *Gateway) ModifySettlement(ctx context.Context, merchantID, subMerchantID string, c wx.SettlementChange) (string, error) {
	m, err := g.merchant(merchantID)
	if err != nil {
		return "", err
	}
	if ctx, err = m.readyToSeal(ctx); err != nil {
		return "", err
	}
	body, err := m.sealedBody(ctx, settlementRequest{
		"MODIFY_MODE_ASYNC", c.AccountType, c.AccountName, c.AccountBank, c.BankAddressCode, c.BankName, c.BankBranchID, c.AccountNumber,
	})
	if err != nil {
		return "", wx.ErrBusy.Because(err)
	}
	var answer struct {
		ApplicationNo string `json:"application_no"`
	}
	err = m.onceVerified(ctx, onSettlement, func() (*core.APIResult, error) {
		result, err := m.sdk.Post(ctx, subMerchants(subMerchantID, "/modify-settlement"), body)
		if err != nil || result.Response.StatusCode == 204 {
			return result, err
		}
		return result, core.UnMarshalResponse(result.Response, &answer)
	})
	return answer.ApplicationNo, err
}

// settlementAnswer is a bank account as WeChat Pay shows it.
type settlementAnswer struct {
	AccountType      string `json:"account_type"`
	AccountBank      string `json:"account_bank"`
	BankName         string `json:"bank_name"`
	BankBranchID     string `json:"bank_branch_id"`
	AccountName      string `json:"account_name"`
	AccountNumber    string `json:"account_number"`
	VerifyResult     string `json:"verify_result"`
	VerifyFailReason string `json:"verify_fail_reason"`
	VerifyFinishTime string `json:"verify_finish_time"`
}

// QuerySettlement asks where a sub merchant's money goes.
//
// Errors: wx.ErrRejected, wx.ErrRateLimited, wx.ErrBusy, wx.ErrForged, wx.ErrTimeout, wx.ErrMerchantUnknown.
func (g *Gateway) QuerySettlement(ctx context.Context, merchantID, subMerchantID string) (wx.SettlementAccount, error) {
	return g.settlement(ctx, onSettlement, merchantID, subMerchants(subMerchantID, "/settlement"))
}

// QuerySettlementChange asks what became of a change.
//
// Errors: wx.ErrApplicationUnknown and those of QuerySettlement.
func (g *Gateway) QuerySettlementChange(ctx context.Context, merchantID, subMerchantID, applicationNo string) (wx.SettlementAccount, error) {
	return g.settlement(ctx, onSettlementChange, merchantID, subMerchants(subMerchantID, "/application/"+url.PathEscape(applicationNo)))
}

func (g *Gateway) settlement(ctx context.Context, what endpoint, merchantID, url string) (wx.SettlementAccount, error) {
	m, err := g.merchant(merchantID)
	if err != nil {
		return wx.SettlementAccount{}, err
	}
	var a settlementAnswer
	if err := m.ask(ctx, what, url, &a); err != nil {
		return wx.SettlementAccount{}, err
	}
	out := wx.SettlementAccount{
		AccountType: a.AccountType, AccountBank: a.AccountBank, BankName: a.BankName, BankBranchID: a.BankBranchID,
		AccountName: a.AccountName, AccountNumber: a.AccountNumber, Result: a.VerifyResult, FailReason: said(a.VerifyFailReason),
	}
	if a.VerifyFinishTime != "" {
		if out.FinishedAt, err = time.Parse(time.RFC3339, a.VerifyFinishTime); err != nil {
			return wx.SettlementAccount{}, wx.ErrBusy.Because(errors.New("verify_finish_time is no time"))
		}
	}
	if out.AccountType == "" || out.AccountNumber == "" {
		return wx.SettlementAccount{}, wx.ErrBusy.Because(errors.New("a settlement account lacks account_type or account_number"))
	}
	return out, nil
}
