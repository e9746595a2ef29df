package sandbox

import "strconv"

// v2Query answers for an order of either API. The platform's number comes first when both are given.
func (p *Platform) v2Query(in *v2Call) ([]v2Field, error) {
	o, err := p.v2Find(in)
	if err != nil {
		return nil, err
	}
	fields := []v2Field{{"trade_state", o.State}, {"trade_state_desc", stateText(o.State)}}
	if o.paid() {
		return p.v2Paid(fields, o), nil
	}
	fields = append(fields, v2Field{"out_trade_no", o.OutTradeNo}, v2Field{"total_fee", strconv.FormatInt(o.Total, 10)})
	return addV2(addV2(fields, "device_info", o.DeviceID), "attach", o.Attach), nil
}

// v2Find finds the order that the call names; those of other sub merchants do not exist.
func (p *Platform) v2Find(in *v2Call) (Order, error) {
	number, trade := in.values["out_trade_no"], in.values["transaction_id"]
	if number == "" && trade == "" {
		return Order{}, v2Lacks("out_trade_no")
	}
	o, found := p.book.find(in.merchant.ID, number)
	if trade != "" {
		o, found = p.book.findTrade(in.merchant.ID, trade)
	}
	if !found || o.SubMchID != in.values["sub_mch_id"] {
		return Order{}, v2ErrorOf(orderNotExist())
	}
	in.outTradeNo = o.OutTradeNo
	return o, nil
}

// v2Reverse takes a payment by code back. What may pass by itself is worth a repetition.
func (p *Platform) v2Reverse(in *v2Call) ([]v2Field, error) {
	o, err := p.v2Find(in)
	if err != nil {
		return nil, err
	}
	if refused := p.book.reverse(o.MchID, o.SubMchID, o.OutTradeNo); refused != nil {
		failed := v2ErrorOf(refused)
		switch refused.Code {
		case "SYSTEM_ERROR", "FREQUENCY_LIMITED":
			failed.recall = "Y"
		}
		return nil, failed
	}
	return []v2Field{{"recall", "N"}}, nil
}

// authCodeToOpenID tells whose code it is, without charging it.
func (p *Platform) authCodeToOpenID(in *v2Call) ([]v2Field, error) {
	code := in.values["auth_code"]
	if code == "" {
		return nil, v2Lacks("auth_code")
	}
	owner, err := p.book.codeOwner(code)
	if err != nil {
		return nil, err
	}
	fields := []v2Field{{"openid", owner.OpenIDs[in.values["appid"]]}}
	return addV2(fields, "sub_openid", owner.OpenIDs[in.values["sub_appid"]]), nil
}

// codeOwner is the payer who shows a code that can still be charged.
func (b *book) codeOwner(authCode string) (User, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	code := b.payCodes[authCode]
	switch {
	case code == nil, code.order != nil:
		return User{}, &v2Error{code: "AUTH_CODE_INVALID", text: "付款码无效，请刷新后重新扫码"}
	case !b.clock.now().Before(code.expires):
		return User{}, &v2Error{code: "AUTHCODEEXPIRE", text: "付款码已过期，请刷新再试"}
	}
	return code.user, nil
}
