package sandbox_test

import (
	"testing"

	"wxhub/wx/sandbox"
	"wxhub/wx/sandbox/apiv3"
)

// A combined payment is invoked in the app of the whole, or in the sub merchants' when every
// sub order names it.
func TestCombineInvocationInTheAppOfTheSubMerchants(t *testing.T) {
	s := newPartnerStage(t, sandbox.Options{})
	named := set("sub_appid", sandbox.DefaultSubMobile)
	first := func(body map[string]any) { named(body["sub_orders"].([]any)[0].(map[string]any)) }
	for number, c := range map[string]struct {
		edits []func(map[string]any)
		good  map[string]bool // by app
	}{
		"named-by-none": {nil, map[string]bool{sandbox.DefaultMobileApp: true, sandbox.DefaultSubMobile: false}},
		"named-by-one":  {[]func(map[string]any){first}, map[string]bool{sandbox.DefaultMobileApp: true, sandbox.DefaultSubMobile: false}},
		"named-by-both": {[]func(map[string]any){first, secondSub(named)}, map[string]bool{sandbox.DefaultMobileApp: true, sandbox.DefaultSubMobile: true}},
	} {
		ticket := s.combine("app", number, c.edits...).field("prepay_id")
		for app, good := range c.good {
			for partnerID, right := range map[string]bool{s.merchant.ID: true, sandbox.DefaultSubMerchant: false} {
				signature, err := apiv3.Sign(s.key, apiv3.InvokeMessage(app, "1700000000", "nonce", ticket))
				if err != nil {
					t.Fatal(err)
				}
				given, err := s.platform.CheckAppInvocation(sandbox.AppInvocation{
					AppID: app, PartnerID: partnerID, PrepayID: ticket, Package: "Sign=WXPay", NonceStr: "nonce", TimeStamp: "1700000000", Sign: signature,
				})
				if (err == nil) != (good && right) || err == nil && given != ticket {
					t.Errorf("%s, %s, partnerid %s: %q %v", number, app, partnerID, given, err)
				}
			}
		}
	}
}
