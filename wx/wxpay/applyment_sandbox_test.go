package wxpay_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"os"
	"regexp"
	"testing"
	"time"

	"wxhub/wx"
	"wxhub/wx/sandbox"
)

// The simulator is a second reading of the protocol: uploads, the whole form, a settlement account.
func TestSandboxTakesAnApplicationIn(t *testing.T) {
	ctx := context.Background()
	platform, err := sandbox.New(sandbox.Options{Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	peer := httptest.NewServer(platform.Handler())
	t.Cleanup(func() {
		if err := platform.Close(); err != nil {
			t.Error(err)
		}
		peer.Close()
	})
	if _, err := platform.SetVerification(sandbox.DefaultPartner, sandbox.VerifyPublicKey, 0); err != nil {
		t.Fatal(err)
	}
	m := platform.Credentials().Merchants[2]
	g := gatewayTo(t, peer.URL, m)
	probe(t, platform, "/v3/merchant/media")
	upload := func(media wx.Media) string {
		t.Helper()
		id, err := g.UploadMedia(ctx, m.ID, media)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	image := upload(wx.Media{Name: "image.png", ContentType: "image/png", Content: []byte("\x89PNG\r\n\x1a\n…")})
	video := upload(wx.Media{Name: "video.mp4", ContentType: "video/mp4", Video: true, Content: []byte("film")})
	if _, err := g.UploadMedia(ctx, m.ID, wx.Media{Name: "image.png", ContentType: "image/png", Content: []byte("no picture")}); !errors.Is(err, wx.ErrRejected) {
		t.Errorf("no picture: %v", err)
	}

	text, err := os.ReadFile("testdata/applyment.json")
	if err != nil {
		t.Fatal(err)
	}
	text = regexp.MustCompile(`"media-[a-z-]+"`).ReplaceAll(text, []byte(`"`+image+`"`))
	var a wx.Applyment
	if err := json.Unmarshal(text, &a); err != nil {
		t.Fatal(err)
	}
	a.AdditionInfo.LegalPersonVideo = video
	if _, err := g.SubmitApplyment(ctx, m.ID, a); !errors.Is(err, wx.ErrRejected) { // it has both apps of a scene
		t.Errorf("not as WeChat Pay wants it: %v", err)
	}
	if _, err := g.QueryApplyment(ctx, m.ID, a.BusinessCode); !errors.Is(err, wx.ErrApplymentUnknown) {
		t.Errorf("before: %v", err)
	}
	a.BusinessInfo.SalesInfo.MiniProgramInfo.MiniProgramAppID = ""
	id, err := g.SubmitApplyment(ctx, m.ID, a)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.SubmitApplyment(ctx, m.ID, a); !errors.Is(err, wx.ErrApplymentUnderWay) {
		t.Errorf("again: %v", err)
	}
	for _, step := range []string{sandbox.ApplymentAudit, sandbox.ApplymentConfirm, sandbox.ApplymentSign} {
		if _, err := platform.DecideApplyment(m.ID, a.BusinessCode, step); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := platform.AdvanceClock(time.Minute); err != nil {
		t.Fatal(err)
	}
	s, err := g.QueryApplymentByID(ctx, m.ID, id)
	if err != nil || s.State != wx.ApplymentFinished || s.BusinessCode != a.BusinessCode {
		t.Fatalf("%+v, %v", s, err)
	}
	no, err := g.ModifySettlement(ctx, m.ID, s.SubMerchantID, wx.SettlementChange{AccountType: "ACCOUNT_TYPE_BUSINESS", AccountBank: "工商银行", AccountNumber: "6222020000000000099"})
	if err != nil || no == "" {
		t.Fatal(no, err)
	}
	if change, err := g.QuerySettlementChange(ctx, m.ID, s.SubMerchantID, no); err != nil || change.Result != "AUDITING" || change.AccountNumber != "62***************99" {
		t.Errorf("%+v, %v", change, err)
	}
	if account, err := g.QuerySettlement(ctx, m.ID, s.SubMerchantID); err != nil || account.AccountNumber != "62***************01" {
		t.Errorf("%+v, %v", account, err)
	}
	if _, err := g.QuerySettlementChange(ctx, m.ID, s.SubMerchantID, "1"); !errors.Is(err, wx.ErrApplicationUnknown) {
		t.Errorf("another change: %v", err)
	}
}
