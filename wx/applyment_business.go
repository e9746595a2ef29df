package wx

import "wxhub/model"

// ApplymentBusiness is what the merchant does.
type ApplymentBusiness struct {
	MerchantShortname string         `json:"merchant_shortname" minLength:"1" maxLength:"64" doc:"shown to payers"`
	ServicePhone      string         `json:"service_phone" minLength:"1" maxLength:"32"`
	SalesInfo         ApplymentSales `json:"sales_info"`
}

// ApplymentSales is where the merchant sells. Of each scene that it names it has the part.
type ApplymentSales struct {
	SalesScenesType []string         `json:"sales_scenes_type" minItems:"1" maxItems:"6" nullable:"false" enum:"SALES_SCENES_STORE,SALES_SCENES_MP,SALES_SCENES_MINI_PROGRAM,SALES_SCENES_WEB,SALES_SCENES_APP,SALES_SCENES_WEWORK"`
	BizStoreInfo    *ApplymentStore  `json:"biz_store_info,omitempty"`
	MPInfo          *ApplymentMP     `json:"mp_info,omitempty"`
	MiniProgramInfo *ApplymentMini   `json:"mini_program_info,omitempty"`
	AppInfo         *ApplymentApp    `json:"app_info,omitempty"`
	WebInfo         *ApplymentWeb    `json:"web_info,omitempty"`
	WeworkInfo      *ApplymentWework `json:"wework_info,omitempty"`
}

// ApplymentStore is a shop with a door.
type ApplymentStore struct {
	BizStoreName     string   `json:"biz_store_name" minLength:"1" maxLength:"128"`
	BizAddressCode   string   `json:"biz_address_code" minLength:"1" maxLength:"16"`
	BizStoreAddress  string   `json:"biz_store_address" minLength:"1" maxLength:"512"`
	StoreEntrancePic []string `json:"store_entrance_pic" minItems:"1" maxItems:"5" nullable:"false"`
	IndoorPic        []string `json:"indoor_pic" minItems:"1" maxItems:"5" nullable:"false"`
	BizSubAppID      string   `json:"biz_sub_appid,omitempty" maxLength:"64"`
}

// ApplymentMP is an official account, the service provider's or the merchant's.
type ApplymentMP struct {
	MPAppID    string   `json:"mp_appid,omitempty" maxLength:"64"`
	MPSubAppID string   `json:"mp_sub_appid,omitempty" maxLength:"64"`
	MPPics     []string `json:"mp_pics,omitempty" maxItems:"5"`
}

// ApplymentMini is a mini-program, the service provider's or the merchant's.
type ApplymentMini struct {
	MiniProgramAppID    string   `json:"mini_program_appid,omitempty" maxLength:"64"`
	MiniProgramSubAppID string   `json:"mini_program_sub_appid,omitempty" maxLength:"64"`
	MiniProgramPics     []string `json:"mini_program_pics,omitempty" maxItems:"5"`
}

// ApplymentApp is a mobile app.
type ApplymentApp struct {
	AppAppID    string   `json:"app_appid,omitempty" maxLength:"64"`
	AppSubAppID string   `json:"app_sub_appid,omitempty" maxLength:"64"`
	AppPics     []string `json:"app_pics,omitempty" maxItems:"5"`
}

// ApplymentWeb is a web site.
type ApplymentWeb struct {
	Domain           string `json:"domain" minLength:"1" maxLength:"256"`
	WebAuthorisation string `json:"web_authorisation,omitempty" maxLength:"512"`
	WebAppID         string `json:"web_appid,omitempty" maxLength:"64"`
}

// ApplymentWework is WeChat Work.
type ApplymentWework struct {
	SubCorpID  string   `json:"sub_corp_id" minLength:"1" maxLength:"64"`
	WeworkPics []string `json:"wework_pics" minItems:"1" maxItems:"5" nullable:"false"`
}

// ApplymentSettlement is the rule of settlement, and with it the fee.
type ApplymentSettlement struct {
	SettlementID         string   `json:"settlement_id" minLength:"1" maxLength:"16"`
	QualificationType    string   `json:"qualification_type" minLength:"1" maxLength:"256"`
	Qualifications       []string `json:"qualifications,omitempty" maxItems:"5"`
	ActivitiesID         string   `json:"activities_id,omitempty" maxLength:"16"`
	ActivitiesRate       string   `json:"activities_rate,omitempty" maxLength:"16"`
	ActivitiesAdditions  []string `json:"activities_additions,omitempty" maxItems:"5"`
	DebitActivitiesRate  string   `json:"debit_activities_rate,omitempty" maxLength:"16"`
	CreditActivitiesRate string   `json:"credit_activities_rate,omitempty" maxLength:"16"`
}

// ApplymentAccount is the bank account that money is settled to.
type ApplymentAccount struct {
	BankAccountType string       `json:"bank_account_type" enum:"BANK_ACCOUNT_TYPE_CORPORATE,BANK_ACCOUNT_TYPE_PERSONAL"`
	AccountName     model.Secret `json:"account_name" minLength:"1" maxLength:"256"`
	AccountBank     string       `json:"account_bank" minLength:"1" maxLength:"128"`
	BankAddressCode string       `json:"bank_address_code,omitempty" maxLength:"16"`
	BankBranchID    string       `json:"bank_branch_id,omitempty" maxLength:"64"`
	BankName        string       `json:"bank_name,omitempty" maxLength:"128"`
	AccountNumber   model.Secret `json:"account_number" minLength:"1" maxLength:"128"`
}

// ApplymentAddition is what WeChat Pay asked for besides.
type ApplymentAddition struct {
	LegalPersonCommitment string   `json:"legal_person_commitment,omitempty" maxLength:"512"`
	LegalPersonVideo      string   `json:"legal_person_video,omitempty" maxLength:"512" doc:"the media_id of a video"`
	BusinessAdditionPics  []string `json:"business_addition_pics,omitempty" maxItems:"5"`
	BusinessAdditionMsg   string   `json:"business_addition_msg,omitempty" maxLength:"512"`
}
