package sandbox

// checkPayer judges who a JSAPI order is for.
func (p *Platform) checkPayer(partner bool, r *prepayRequest) *Refusal {
	if !partner {
		return p.checkOpenID(r.AppID, r.Payer.OpenID, "/payer/openid")
	}
	sp, sub := r.Payer.SpOpenID, r.Payer.SubOpenID
	switch {
	case sp == "" && sub == "":
		return p.checkOpenID(r.AppID, "", "/payer/sp_openid")
	case sp != "" && sub != "":
		return paramError(internalParamInvalid, "sp_openid和sub_openid只能传其中一个", detailOf("/payer", "both openids"))
	case sp != "":
		return p.checkOpenID(r.AppID, sp, "/payer/sp_openid")
	case r.SubAppID == "":
		return paramError(internalParamInvalid, "传入sub_openid时，sub_appid为必填项", detailOf("/sub_appid", "missing"))
	}
	return p.checkOpenID(r.SubAppID, sub, "/payer/sub_openid")
}

// checkOpenID wants an openid of the app.
func (p *Platform) checkOpenID(appID, openID, at string) *Refusal {
	if openID == "" {
		return paramError(internalOpenIDRequired, "JSAPI支付必须传openid", detailOf(at, "missing"))
	}
	switch _, app := p.crowd.owner(openID); app {
	case appID:
		return nil
	case "":
		return paramError(internalParamInvalid, "无效的openid", detailOf(at, "unknown"))
	default:
		return paramError(internalParamInvalid, "appid和openid不匹配", detailOf(at, "of another appid"))
	}
}
