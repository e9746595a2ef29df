package merchant

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"wxhub/server/edge"
	"wxhub/wx"
)

func (h handlers) mountSettlement(api huma.API, tags []string, security []map[string][]string) {
	const at = root + "/sub-merchants/{sub_merchant_id}/settlement"
	edge.Register(api, huma.Operation{
		OperationID: "getSettlement", Method: http.MethodGet, Path: at,
		Summary: "Where a sub merchant's money goes, asked of WeChat Pay", Tags: tags, Security: security, Errors: []int{502, 504},
		Description: "The number is masked. The sub merchant need not be in the configuration.",
	}, h.settlement)
	edge.Register(api, huma.Operation{
		OperationID: "modifySettlement", Method: http.MethodPost, Path: at, DefaultStatus: http.StatusAccepted,
		Summary: "Ask for another bank account", Tags: tags, Security: security, Errors: []int{502, 504},
		Description: "WeChat Pay takes five a day, and looks at each. The account goes out encrypted and is not kept, so this call cannot be repeated safely: " +
			"after 504 look at the settlement account first.",
	}, h.modify)
	edge.Register(api, huma.Operation{
		OperationID: "getSettlementChange", Method: http.MethodGet, Path: at + "/changes/{application_no}",
		Summary: "What became of it, asked of WeChat Pay", Tags: tags, Security: security, Errors: []int{404, 502, 504},
	}, h.change)
}

// settlementAccountView is a bank account as WeChat Pay shows it.
type settlementAccountView struct {
	AccountType   string     `json:"account_type"`
	AccountBank   string     `json:"account_bank"`
	BankName      string     `json:"bank_name,omitempty"`
	BankBranchID  string     `json:"bank_branch_id,omitempty"`
	AccountName   string     `json:"account_name,omitempty" doc:"masked; of a change"`
	AccountNumber string     `json:"account_number" doc:"masked"`
	Result        string     `json:"result,omitempty" doc:"VERIFY_SUCCESS, VERIFY_FAIL or VERIFYING; of a change AUDIT_SUCCESS, AUDITING or AUDIT_FAIL"`
	FailReason    string     `json:"fail_reason,omitempty"`
	FinishedAt    *time.Time `json:"finished_at,omitempty"`
}

type settlementOutput struct{ Body settlementAccountView }

func shown(a wx.SettlementAccount, err error) (*settlementOutput, error) {
	if err != nil {
		return nil, err
	}
	v := settlementAccountView{
		AccountType: a.AccountType, AccountBank: a.AccountBank, BankName: a.BankName, BankBranchID: a.BankBranchID,
		AccountName: a.AccountName, AccountNumber: a.AccountNumber, Result: a.Result, FailReason: a.FailReason,
	}
	if !a.FinishedAt.IsZero() {
		v.FinishedAt = &a.FinishedAt
	}
	return &settlementOutput{v}, nil
}

// SubMerchant is whose account it is. huma reads embedded structs only when they are exported.
type SubMerchant struct {
	MerchantID    string `path:"merchant_id" maxLength:"32" doc:"the service provider"`
	SubMerchantID string `path:"sub_merchant_id" maxLength:"32"`
}

type settlementInput struct{ SubMerchant }

func (h handlers) settlement(ctx context.Context, in *settlementInput) (*settlementOutput, error) {
	return shown(h.applyments.Settlement(ctx, in.MerchantID, in.SubMerchantID))
}

type modifySettlementInput struct {
	SubMerchant
	Body wx.SettlementChange
}

type modifySettlementOutput struct {
	Body struct {
		ApplicationNo string `json:"application_no,omitempty" doc:"WeChat Pay's number of the change; absent when it gives none"`
	}
}

func (h handlers) modify(ctx context.Context, in *modifySettlementInput) (*modifySettlementOutput, error) {
	no, err := h.applyments.ModifySettlement(ctx, in.MerchantID, in.SubMerchantID, in.Body)
	if err != nil {
		return nil, err
	}
	out := &modifySettlementOutput{}
	out.Body.ApplicationNo = no
	return out, nil
}

type settlementChangeInput struct {
	SubMerchant
	ApplicationNo string `path:"application_no" maxLength:"64"`
}

func (h handlers) change(ctx context.Context, in *settlementChangeInput) (*settlementOutput, error) {
	return shown(h.applyments.SettlementChange(ctx, in.MerchantID, in.SubMerchantID, in.ApplicationNo))
}
