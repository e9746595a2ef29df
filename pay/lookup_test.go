package pay_test

import (
	"slices"
	"testing"

	"wxhub/model"
	"wxhub/pay"
)

func TestWhatIsConfiguredCanBeLookedUp(t *testing.T) {
	s := pay.New(pay.Options{
		Apps: []pay.App{{ID: "mini", Kind: model.MiniProgram}, {ID: "account", Kind: model.OfficialAccount}, {ID: "sub-account", Kind: model.OfficialAccount}},
		Merchants: []pay.Merchant{
			{ID: "direct"}, {ID: "bound", Apps: []string{"mini"}},
			{ID: "provider", Partner: true, AppID: "account", SubMerchants: []pay.SubMerchant{{ID: "sub", Apps: []string{"sub-account"}}, {ID: "plain"}}},
		},
		CollectCodes: []pay.CollectCode{{ID: "counter", MerchantID: "direct", Title: "Tea", Min: 1, Max: 9}},
	})
	if c, ok := s.CollectCode("counter"); !ok || c.Title != "Tea" {
		t.Errorf("got %+v, %v", c, ok)
	}
	if _, ok := s.CollectCode("Counter"); ok {
		t.Error("another spelling is another code")
	}
	for _, c := range []struct {
		merchant, sub string
		method        model.Method
		want          []string
	}{
		{"direct", "", model.MethodOfficialAccount, []string{"account", "sub-account"}},
		{"bound", "", model.MethodOfficialAccount, nil},
		{"bound", "", model.MethodNative, []string{"mini"}},
		{"provider", "sub", model.MethodOfficialAccount, []string{"sub-account", "account"}},
		{"provider", "plain", model.MethodOfficialAccount, []string{"account"}},
		{"provider", "plain", model.MethodH5, []string{"account"}},
		{"direct", "", "cash", nil},
	} {
		if got := s.AppsFor(c.merchant, c.sub, c.method); !slices.Equal(got, c.want) {
			t.Errorf("%s/%s by %s: %v, want %v", c.merchant, c.sub, c.method, got, c.want)
		}
	}
}
