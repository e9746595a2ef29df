package sandbox

import "encoding/json"

const modeAsync = "MODIFY_MODE_ASYNC"

func settlementFields() []field {
	return []field{
		{name: "modify_mode", label: "修改模式", enum: []string{modeAsync}},
		{name: "account_type", label: "账户类型", required: true, enum: []string{accountBusiness, accountPrivate}},
		sealedField("account_name", "开户名称", false, sealedText),
		needed("account_bank", "开户银行", 128), optional("bank_address_code", "开户银行省市编码", 20),
		optional("bank_name", "开户银行全称（含支行）", 128), optional("bank_branch_id", "开户银行联行号", 128),
		sealedField("account_number", "银行账号", true, sealedDigits),
	}
}

// settlementAnswer is an account, or a change of one, with what is masked.
type settlementAnswer struct {
	AccountName   string `json:"account_name,omitempty"`
	AccountType   string `json:"account_type"`
	AccountBank   string `json:"account_bank"`
	BankName      string `json:"bank_name,omitempty"`
	BankBranchID  string `json:"bank_branch_id,omitempty"`
	AccountNumber string `json:"account_number"`
	Result        string `json:"verify_result,omitempty"`
	FailReason    string `json:"verify_fail_reason,omitempty"`
	FinishTime    string `json:"verify_finish_time,omitempty"`
}

// shown masks the number as the caller asked.
func (b bankAccount) shown(in *v3Call) settlementAnswer {
	number := masked(b.number, 2, 2)
	if in.request.URL.Query().Get("account_number_rule") == "ACCOUNT_NUMBER_RULE_MASK_V2" {
		number = masked(b.number, 6, 4)
	}
	return settlementAnswer{AccountType: b.kind, AccountBank: b.bank, BankName: b.name, BankBranchID: b.branch, AccountNumber: number, Result: b.verified}
}

// relation wants the sub merchant of the path to be the caller's.
func (in *v3Call) relation() *Refusal {
	in.subMchID = in.path["sub_mchid"]
	return checkRelation(in.merchant, in.subMchID)
}

func (p *Platform) querySettlement(in *v3Call) (any, error) {
	if refused := in.relation(); refused != nil {
		return nil, refused
	}
	return p.settlements.account(in.subMchID).shown(in), nil
}

func (p *Platform) modifySettlement(in *v3Call) (any, error) {
	object, refused := parseObject(in.body, settlementFields())
	if refused == nil {
		refused = in.relation()
	}
	if refused == nil {
		refused = p.inspect(in, object, settlementFields(), "")
	}
	if refused != nil {
		return nil, refused
	}
	var r struct {
		Mode   string `json:"modify_mode"`
		Type   string `json:"account_type"`
		Holder string `json:"account_name"`
		Bank   string `json:"account_bank"`
		Name   string `json:"bank_name"`
		Branch string `json:"bank_branch_id"`
		Number string `json:"account_number"`
	}
	if json.Unmarshal(in.body, &r) != nil {
		return nil, invalidRequest(internalParamInvalid, "请求体不是合法的JSON对象", nil)
	}
	account := p.settlements.account(in.subMchID)
	account = bankAccount{kind: r.Type, bank: r.Bank, name: r.Name, branch: r.Branch, holder: account.holder}
	if account.number, refused = p.opened(in, "/account_number", r.Number); refused != nil {
		return nil, refused
	}
	if r.Holder != "" {
		if account.holder, refused = p.opened(in, "/account_name", r.Holder); refused != nil {
			return nil, refused
		}
	}
	no, taken := p.settlements.change(in.subMchID, account)
	if !taken {
		return nil, frequencyLimited()
	}
	if r.Mode != modeAsync {
		return nil, nil // 204, without a number
	}
	return map[string]string{"application_no": no}, nil
}

func (p *Platform) querySettlementChange(in *v3Call) (any, error) {
	if refused := in.relation(); refused != nil {
		return nil, refused
	}
	c, found := p.settlements.find(in.subMchID, in.path["application_no"])
	if !found {
		return nil, resourceNotExists("修改结算账户申请单不存在")
	}
	out := c.account.shown(in)
	out.AccountName, out.Result, out.FailReason = masked(c.account.holder, 1, 0), c.result, c.why
	if c.result != changeAuditing {
		out.FinishTime = stamp(c.at)
	}
	return out, nil
}
