package wx

import "wxhub/model"

// Applyment is the application by which a service provider makes somebody its sub merchant (特约商户进件, PROTOCOL
// §2.10). Names and structure are WeChat Pay's own (pay.weixin.qq.com/doc/v3/partner/4012719997, its sample of 2025,
// and WxJava's WxPayApplyment4SubCreateRequest), so that what its documentation says can be sent as it is. Secrets are
// encrypted on the way; whatever else prints or marshals them gets a placeholder.
type Applyment struct {
	BusinessCode    string              `json:"business_code,omitempty" maxLength:"124" pattern:"^[0-9A-Za-z_]*$" patternDescription:"digits, letters and _" doc:"the application's number, ours or yours; made here when absent"`
	ContactInfo     ApplymentContact    `json:"contact_info" doc:"the super administrator, who signs in the end"`
	SubjectInfo     ApplymentSubject    `json:"subject_info"`
	BusinessInfo    ApplymentBusiness   `json:"business_info"`
	SettlementInfo  ApplymentSettlement `json:"settlement_info"`
	BankAccountInfo ApplymentAccount    `json:"bank_account_info"`
	AdditionInfo    *ApplymentAddition  `json:"addition_info,omitempty"`
}

// ApplymentContact is the super administrator. Of a SUPER, whom the merchant authorises, all papers are needed.
type ApplymentContact struct {
	ContactType                 string       `json:"contact_type" enum:"LEGAL,SUPER"`
	ContactName                 model.Secret `json:"contact_name" minLength:"1" maxLength:"256"`
	ContactIDDocType            string       `json:"contact_id_doc_type,omitempty" maxLength:"64"`
	ContactIDNumber             model.Secret `json:"contact_id_number,omitempty" maxLength:"128"`
	ContactIDDocCopy            string       `json:"contact_id_doc_copy,omitempty" maxLength:"512" doc:"a media_id, like all that end in copy, pic or pics"`
	ContactIDDocCopyBack        string       `json:"contact_id_doc_copy_back,omitempty" maxLength:"512"`
	ContactPeriodBegin          string       `json:"contact_period_begin,omitempty" maxLength:"32" doc:"2019-06-06"`
	ContactPeriodEnd            string       `json:"contact_period_end,omitempty" maxLength:"32" doc:"2026-06-06, or 长期"`
	BusinessAuthorizationLetter string       `json:"business_authorization_letter,omitempty" maxLength:"512"`
	OpenID                      model.Secret `json:"openid,omitempty" maxLength:"128"`
	MobilePhone                 model.Secret `json:"mobile_phone" minLength:"1" maxLength:"64"`
	ContactEmail                model.Secret `json:"contact_email,omitempty" maxLength:"256"`
}

// ApplymentSubject is who the merchant is by law.
type ApplymentSubject struct {
	SubjectType            string                `json:"subject_type" enum:"SUBJECT_TYPE_INDIVIDUAL,SUBJECT_TYPE_ENTERPRISE,SUBJECT_TYPE_GOVERNMENT,SUBJECT_TYPE_INSTITUTIONS,SUBJECT_TYPE_OTHERS"`
	FinanceInstitution     *bool                 `json:"finance_institution,omitempty"`
	BusinessLicenseInfo    *ApplymentLicense     `json:"business_license_info,omitempty" doc:"of an individual business and an enterprise"`
	CertificateInfo        *ApplymentCertificate `json:"certificate_info,omitempty" doc:"of all others"`
	CertificateLetterCopy  string                `json:"certificate_letter_copy,omitempty" maxLength:"512"`
	FinanceInstitutionInfo *ApplymentFinance     `json:"finance_institution_info,omitempty"`
	IdentityInfo           ApplymentIdentity     `json:"identity_info" doc:"of the operator or legal representative"`
	UBOInfoList            []ApplymentOwner      `json:"ubo_info_list,omitempty" maxItems:"10" doc:"an enterprise's beneficial owners, when identity_info is not the only one"`
}

// ApplymentLicense is a business licence (营业执照).
type ApplymentLicense struct {
	LicenseCopy    string `json:"license_copy" minLength:"1" maxLength:"512"`
	LicenseNumber  string `json:"license_number" minLength:"1" maxLength:"64"`
	MerchantName   string `json:"merchant_name" minLength:"1" maxLength:"128"`
	LegalPerson    string `json:"legal_person" minLength:"1" maxLength:"64" doc:"the licence is public, so WeChat Pay takes this name unencrypted"`
	LicenseAddress string `json:"license_address,omitempty" maxLength:"512"`
	PeriodBegin    string `json:"period_begin,omitempty" maxLength:"32"`
	PeriodEnd      string `json:"period_end,omitempty" maxLength:"32"`
}

// ApplymentCertificate is a certificate of registration (登记证书).
type ApplymentCertificate struct {
	CertCopy       string `json:"cert_copy" minLength:"1" maxLength:"512"`
	CertType       string `json:"cert_type" minLength:"1" maxLength:"64" doc:"CERTIFICATE_TYPE_2388 and so on"`
	CertNumber     string `json:"cert_number" minLength:"1" maxLength:"64"`
	MerchantName   string `json:"merchant_name" minLength:"1" maxLength:"128"`
	CompanyAddress string `json:"company_address" minLength:"1" maxLength:"512"`
	LegalPerson    string `json:"legal_person" minLength:"1" maxLength:"64"`
	PeriodBegin    string `json:"period_begin" minLength:"1" maxLength:"32"`
	PeriodEnd      string `json:"period_end" minLength:"1" maxLength:"32"`
}

// ApplymentFinance is a financial institution's licence.
type ApplymentFinance struct {
	FinanceType        string   `json:"finance_type" enum:"BANK_AGENT,PAYMENT_AGENT,INSURANCE,TRADE_AND_SETTLE,OTHER"`
	FinanceLicensePics []string `json:"finance_license_pics" minItems:"1" maxItems:"5" nullable:"false"`
}

// ApplymentIdentity is the papers of the operator or legal representative.
type ApplymentIdentity struct {
	IDHolderType        string             `json:"id_holder_type,omitempty" enum:"LEGAL,SUPER"`
	IDDocType           string             `json:"id_doc_type,omitempty" maxLength:"64" doc:"IDENTIFICATION_TYPE_IDCARD and so on"`
	AuthorizeLetterCopy string             `json:"authorize_letter_copy,omitempty" maxLength:"512"`
	IDCardInfo          *ApplymentIDCard   `json:"id_card_info,omitempty" doc:"of an identity card"`
	IDDocInfo           *ApplymentDocument `json:"id_doc_info,omitempty" doc:"of anything else"`
	Owner               *bool              `json:"owner,omitempty" doc:"of an enterprise: whether this is its beneficial owner"`
}

// ApplymentIDCard is an identity card.
type ApplymentIDCard struct {
	IDCardCopy      string       `json:"id_card_copy" minLength:"1" maxLength:"512"`
	IDCardNational  string       `json:"id_card_national" minLength:"1" maxLength:"512"`
	IDCardName      model.Secret `json:"id_card_name" minLength:"1" maxLength:"256"`
	IDCardNumber    model.Secret `json:"id_card_number" minLength:"1" maxLength:"128"`
	IDCardAddress   model.Secret `json:"id_card_address,omitempty" maxLength:"512"`
	CardPeriodBegin string       `json:"card_period_begin" minLength:"1" maxLength:"32"`
	CardPeriodEnd   string       `json:"card_period_end" minLength:"1" maxLength:"32"`
}

// ApplymentDocument is a passport or a permit.
type ApplymentDocument struct {
	IDDocCopy      string       `json:"id_doc_copy" minLength:"1" maxLength:"512"`
	IDDocCopyBack  string       `json:"id_doc_copy_back,omitempty" maxLength:"512"`
	IDDocName      model.Secret `json:"id_doc_name" minLength:"1" maxLength:"256"`
	IDDocNumber    model.Secret `json:"id_doc_number" minLength:"1" maxLength:"128"`
	IDDocAddress   model.Secret `json:"id_doc_address,omitempty" maxLength:"512"`
	DocPeriodBegin string       `json:"doc_period_begin" minLength:"1" maxLength:"32"`
	DocPeriodEnd   string       `json:"doc_period_end" minLength:"1" maxLength:"32"`
}

// ApplymentOwner is one beneficial owner (UBO).
type ApplymentOwner struct {
	UBOIDDocType     string       `json:"ubo_id_doc_type" minLength:"1" maxLength:"64"`
	UBOIDDocCopy     string       `json:"ubo_id_doc_copy" minLength:"1" maxLength:"512"`
	UBOIDDocCopyBack string       `json:"ubo_id_doc_copy_back,omitempty" maxLength:"512"`
	UBOIDDocName     model.Secret `json:"ubo_id_doc_name" minLength:"1" maxLength:"256"`
	UBOIDDocNumber   model.Secret `json:"ubo_id_doc_number" minLength:"1" maxLength:"128"`
	UBOIDDocAddress  model.Secret `json:"ubo_id_doc_address" minLength:"1" maxLength:"512"`
	UBOPeriodBegin   string       `json:"ubo_period_begin" minLength:"1" maxLength:"32"`
	UBOPeriodEnd     string       `json:"ubo_period_end" minLength:"1" maxLength:"32"`
}
