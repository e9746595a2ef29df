package wx

import (
	"time"

	"wxhub/model"
)

// ApplymentState is WeChat Pay's state of an application.
type ApplymentState string

// The states of an application at WeChat Pay; one spelling is WeChat Pay's own.
const (
	ApplymentEditing       ApplymentState = "APPLYMENT_STATE_EDITTING" // something went wrong as it was submitted: submit it again
	ApplymentAuditing      ApplymentState = "APPLYMENT_STATE_AUDITING"
	ApplymentRejected      ApplymentState = "APPLYMENT_STATE_REJECTED"
	ApplymentToBeConfirmed ApplymentState = "APPLYMENT_STATE_TO_BE_CONFIRMED" // the bank account, within 10 days
	ApplymentToBeSigned    ApplymentState = "APPLYMENT_STATE_TO_BE_SIGNED"    // within 30 days
	ApplymentSigning       ApplymentState = "APPLYMENT_STATE_SIGNING"
	ApplymentFinished      ApplymentState = "APPLYMENT_STATE_FINISHED"
	ApplymentCanceled      ApplymentState = "APPLYMENT_STATE_CANCELED"
)

// ApplymentStatement is what WeChat Pay says about one application.
type ApplymentStatement struct {
	BusinessCode  string
	ApplymentID   int64
	SubMerchantID string // sub_mchid; known once it is to be signed
	SignURL       string // where the super administrator goes on
	State         ApplymentState
	Message       string
	Rejections    []ApplymentRejection // of a rejected one
}

// ApplymentRejection is one thing that WeChat Pay found wrong.
type ApplymentRejection struct{ Field, FieldName, Reason string }

// SettlementChange is another bank account for a sub merchant. WeChat Pay takes five a day.
type SettlementChange struct {
	AccountType     string       `json:"account_type" enum:"ACCOUNT_TYPE_BUSINESS,ACCOUNT_TYPE_PRIVATE"`
	AccountName     model.Secret `json:"account_name,omitempty" maxLength:"256" doc:"only when it differs from the name that WeChat Pay knows"`
	AccountBank     string       `json:"account_bank" minLength:"1" maxLength:"128"`
	BankAddressCode string       `json:"bank_address_code,omitempty" maxLength:"16"`
	BankName        string       `json:"bank_name,omitempty" maxLength:"128"`
	BankBranchID    string       `json:"bank_branch_id,omitempty" maxLength:"64"`
	AccountNumber   model.Secret `json:"account_number" minLength:"1" maxLength:"128"`
}

// SettlementAccount is where a sub merchant's money goes, as WeChat Pay shows it: AccountName and AccountNumber are
// masked. Of a change that was asked for, AccountName and FinishedAt are told as well.
type SettlementAccount struct {
	AccountType, AccountBank, BankName, BankBranchID string
	AccountName, AccountNumber                       string
	Result                                           string // VERIFY_SUCCESS, VERIFY_FAIL or VERIFYING; of a change AUDIT_SUCCESS, AUDITING or AUDIT_FAIL
	FailReason                                       string
	FinishedAt                                       time.Time
}

// Media is an image or a video for an application.
type Media struct {
	Name        string // image.jpg; its ending says what it is
	ContentType string
	Video       bool
	Content     []byte
}

// ErrApplymentUnknown: WeChat Pay has no application under this business_code.
var ErrApplymentUnknown = model.NewError(model.KindUpstream, "wechat_applyment_unknown", "WeChat Pay does not know this application")

// ErrApplymentUnderWay: WeChat Pay has one under this business_code, which is not rejected.
var ErrApplymentUnderWay = model.NewError(model.KindConflict, "wechat_applyment_under_way", "WeChat Pay has this application already, and it is under way")

// ErrApplicationUnknown: WeChat Pay has no such application_no.
var ErrApplicationUnknown = model.NewError(model.KindNotFound, "settlement_change_not_found", "WeChat Pay knows no such change of a settlement account")
