package gopaytest

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"testing"
	"time"

	"github.com/go-pay/gopay"
	gopayv3 "github.com/go-pay/gopay/wechat/v3"

	"wxhub/wx/sandbox"
)

// sealed encrypts with gopay and the platform's certificate.
func (s *stage) sealed(text string) string {
	s.Helper()
	out, err := s.client.V3EncryptText(text)
	if err != nil {
		s.Fatal(err)
	}
	return out
}

func (s *stage) upload(name, content string) *gopayv3.MediaUploadRsp {
	s.Helper()
	sum := sha256.Sum256([]byte(content))
	got, err := s.client.V3MediaUploadImage(background, name, hex.EncodeToString(sum[:]), &gopay.File{Name: name, Content: []byte(content)})
	if err != nil {
		s.Fatal(err)
	}
	return got
}

// application is that of an individual business with its own account.
func (s *stage) application(code string) gopay.BodyMap {
	s.Helper()
	got := s.upload("图.png", "\x89PNG\r\n\x1a\n…")
	if got.Code != 0 || got.Response.MediaId == "" {
		s.Fatalf("%+v", got)
	}
	picture := got.Response.MediaId
	return gopay.BodyMap{
		"business_code": code,
		"contact_info": gopay.BodyMap{
			"contact_type": "LEGAL", "contact_name": s.sealed("张三"), "contact_id_number": s.sealed("110101199003070022"),
			"mobile_phone": s.sealed("13900000001"), "contact_email": s.sealed("a@example.com"),
		},
		"subject_info": gopay.BodyMap{
			"subject_type":          "SUBJECT_TYPE_INDIVIDUAL",
			"business_license_info": gopay.BodyMap{"license_copy": picture, "license_number": "92440300MA5D00000X", "merchant_name": "某茶店", "legal_person": "张三"},
			"identity_info": gopay.BodyMap{"id_doc_type": "IDENTIFICATION_TYPE_IDCARD", "id_card_info": gopay.BodyMap{
				"id_card_copy": picture, "id_card_national": picture, "id_card_name": s.sealed("张三"), "id_card_number": s.sealed("110101199003070022"),
				"card_period_begin": "2019-06-06", "card_period_end": "长期",
			}},
		},
		"business_info": gopay.BodyMap{"merchant_shortname": "茶", "service_phone": "0755000000", "sales_info": gopay.BodyMap{
			"sales_scenes_type": []string{"SALES_SCENES_MINI_PROGRAM"}, "mini_program_info": gopay.BodyMap{"mini_program_sub_appid": sandbox.DefaultSubMini},
		}},
		"settlement_info":   gopay.BodyMap{"settlement_id": "719", "qualification_type": "餐饮"},
		"bank_account_info": gopay.BodyMap{"bank_account_type": "BANK_ACCOUNT_TYPE_PERSONAL", "account_name": s.sealed("张三"), "account_bank": "工商银行", "account_number": s.sealed("6222020000000000001")},
	}
}

func TestApplicationOfASubMerchant(t *testing.T) {
	s := newStage(t, true)
	code := s.merchant.ID + "_1"
	state := func(want string) *gopayv3.Apply4SubQuery {
		t.Helper()
		got, err := s.client.V3Apply4SubQueryByBusinessCode(background, code)
		if err != nil || got.Code != 0 || got.Response.ApplymentState != want {
			t.Fatalf("%+v %v, want %s", got, err, want)
		}
		byID, err := s.client.V3Apply4SubQueryByApplyId(background, strconv.FormatInt(got.Response.ApplymentId, 10))
		if err != nil || byID.Code != 0 || byID.Response.BusinessCode != code {
			t.Errorf("by id: %+v %v", byID, err)
		}
		return got.Response
	}
	do := func(action string) {
		t.Helper()
		if _, err := s.platform.DecideApplyment("", code, action); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.client.V3Apply4SubQueryByBusinessCode(background, code); err != nil || got.ErrResponse.Code != "APPLYMENT_NOTEXIST" {
		t.Errorf("before: %+v %v", got, err)
	}
	made, err := s.client.V3Apply4SubSubmit(background, s.application(code))
	if err != nil || made.Code != 0 || made.Response.ApplymentId == 0 {
		t.Fatalf("%+v %v", made, err)
	}
	if again, err := s.client.V3Apply4SubSubmit(background, s.application(code)); err != nil || again.ErrResponse.Code != "PROCESSING" {
		t.Errorf("under way: %+v %v", again, err)
	}
	if got := state(sandbox.ApplymentAuditing); got.SignUrl == "" || got.SubMchid != "" {
		t.Errorf("%+v", got)
	}
	do(sandbox.ApplymentReject)
	if got := state(sandbox.ApplymentRejected); len(got.AuditDetail) != 1 || got.AuditDetail[0].Field != "id_card_copy" {
		t.Errorf("%+v", got)
	}
	if again, err := s.client.V3Apply4SubSubmit(background, s.application(code)); err != nil || again.Code != 0 || again.Response.ApplymentId != made.Response.ApplymentId {
		t.Errorf("again: %+v %v", again, err)
	}
	do(sandbox.ApplymentAudit)
	sub := state(sandbox.ApplymentToBeSigned).SubMchid
	do(sandbox.ApplymentSign)
	state(sandbox.ApplymentSigning)
	if refused, err := s.prepayFor(sub, "early-1"); err != nil || refused.ErrResponse.Code != "NO_AUTH" {
		t.Errorf("before it is finished: %+v %v", refused, err)
	}
	if _, err := s.platform.AdvanceClock(time.Minute); err != nil {
		t.Fatal(err)
	}
	if got := state(sandbox.ApplymentFinished); got.SubMchid != sub {
		t.Errorf("%+v", got)
	}
	prepaid, err := s.prepayFor(sub, "first-1")
	if err != nil || prepaid.Code != 0 {
		t.Fatalf("%+v %v", prepaid, err)
	}
	s.pay(prepaid.Response.CodeUrl)
	if got, err := s.notice().DecryptPartnerPayCipherText(s.merchant.APIv3Key); err != nil || got.SubMchid != sub {
		t.Errorf("%+v %v", got, err)
	}
	s.settles(sub)
}

func (s *stage) prepayFor(sub, number string) (*gopayv3.NativeRsp, error) {
	return s.client.V3PartnerTransactionNative(background, s.order(number).Set("sp_appid", sandbox.DefaultPartnerAccount).Set("sp_mchid", s.merchant.ID).Set("sub_mchid", sub))
}

// settles changes the account of a sub merchant, in both modes.
func (s *stage) settles(sub string) {
	s.Helper()
	account := func(want, result string) {
		s.Helper()
		got, err := s.client.V3Apply4SubQuerySettlement(background, sub)
		if err != nil || got.Code != 0 || got.Response.AccountNumber != want || got.Response.VerifyResult != result {
			s.Errorf("%+v %v, want %s", got, err, want)
		}
	}
	account("62***************01", "")
	change := func() gopay.BodyMap {
		return gopay.BodyMap{"sub_mchid": sub, "account_type": "ACCOUNT_TYPE_PRIVATE", "account_bank": "工商银行", "bank_address_code": "110000", "account_number": s.sealed("6222020000000000099")}
	}
	made, err := s.client.V3AsyncApply4SubModifySettlement(background, change().Set("modify_mode", "MODIFY_MODE_ASYNC"))
	if err != nil || made.Code != 0 || made.Response.ApplicationNo == "" {
		s.Fatalf("%+v %v", made, err)
	}
	if got, err := s.client.V3Apply4SubMerchantsApplication(background, sub, made.Response.ApplicationNo); err != nil || got.Code != 0 || got.Response.VerifyResult != "AUDITING" || got.Response.AccountName != "张*" {
		s.Errorf("%+v %v", got, err)
	}
	if _, err := s.platform.AdvanceClock(time.Minute); err != nil {
		s.Fatal(err)
	}
	account("62***************99", "VERIFY_SUCCESS")
	if got, err := s.client.V3Apply4SubMerchantsApplication(background, sub, made.Response.ApplicationNo); err != nil || got.Response.VerifyResult != "AUDIT_SUCCESS" || got.Response.VerifyFinishTime == "" {
		s.Errorf("%+v %v", got, err)
	}
	for i := range 5 {
		got, err := s.client.V3Apply4SubModifySettlement(background, change())
		if want := map[bool]int{true: 429}[i == 4]; err != nil || got.Code != want {
			s.Errorf("the %d. of the day: %+v %v", i+2, got, err)
		}
	}
}

func TestUploadsThatAreRefused(t *testing.T) {
	s := newStage(t, true)
	if got := s.upload("a.txt", "\x89PNG\r\n\x1a\n"); got.ErrResponse.Code != "REQUEST_BLOCKED" {
		t.Errorf("%+v", got)
	}
	if got := s.upload("a.png", "no picture"); got.ErrResponse.Code != "REQUEST_BLOCKED" {
		t.Errorf("%+v", got)
	}
	got, err := s.client.V3MediaUploadImage(background, "a.png", "00", &gopay.File{Name: "a.png", Content: []byte("\x89PNG\r\n\x1a\n")})
	if err != nil || got.ErrResponse.Code != "REQUEST_BLOCKED" {
		t.Errorf("another hash: %+v %v", got, err)
	}
	sum := sha256.Sum256([]byte("film"))
	video, err := s.client.V3MediaUploadVideo(background, "a.mp4", hex.EncodeToString(sum[:]), &gopay.File{Name: "a.mp4", Content: []byte("film")})
	if err != nil || video.Code != 0 || video.Response.MediaId == "" {
		t.Errorf("%+v %v", video, err)
	}
}
