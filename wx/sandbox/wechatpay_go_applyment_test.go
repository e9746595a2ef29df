package sandbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"testing"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/consts"
	"github.com/wechatpay-apiv3/wechatpay-go/services/fileuploader"
	"github.com/wechatpay-apiv3/wechatpay-go/utils"

	"wxhub/wx/sandbox"
)

var picture = []byte("\x89PNG\r\n\x1a\n…")

// media uploads a picture with the official SDK.
func (s *stage) media(client *core.Client) string {
	s.t.Helper()
	got, _, err := (&fileuploader.ImageUploader{Client: client}).Upload(context.Background(), bytes.NewReader(picture), "a.png", consts.ImagePNG)
	if err != nil {
		s.t.Fatal(err)
	}
	return *got.MediaId
}

// application is an enterprise's, encrypted with the newest certificate.
func (s *stage) application(code, media string) map[string]any {
	s.t.Helper()
	serials, keys := s.certificates()
	key := keys[serials[len(serials)-1]]
	seal := func(text string) string {
		out, err := utils.EncryptOAEPWithPublicKey(text, key)
		if err != nil {
			s.t.Fatal(err)
		}
		return out
	}
	type m = map[string]any
	return m{
		"business_code": code,
		"contact_info": m{"contact_type": "LEGAL", "contact_name": seal("张三"), "contact_id_number": seal("110101199003070022"), "mobile_phone": seal("13900000001"),
			"contact_email": seal("a@example.com"), "openid": seal("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")},
		"subject_info": m{"subject_type": "SUBJECT_TYPE_ENTERPRISE",
			"business_license_info": m{"license_copy": media, "license_number": "91440300MA5D00000X", "merchant_name": "某茶公司", "legal_person": "张三", "period_begin": "2019-08-01", "period_end": "2029-08-01"},
			"identity_info": m{"id_doc_type": "IDENTIFICATION_TYPE_IDCARD", "owner": false, "id_card_info": m{
				"id_card_copy": media, "id_card_national": media, "id_card_name": seal("张三"), "id_card_number": seal("110101199003070022"), "id_card_address": seal("深圳"),
				"card_period_begin": "2019-06-06", "card_period_end": "长期"}},
			"ubo_info_list": []any{m{"ubo_id_doc_type": "IDENTIFICATION_TYPE_IDCARD", "ubo_id_doc_copy": media, "ubo_id_doc_copy_back": media, "ubo_id_doc_name": seal("王五"),
				"ubo_id_doc_number": seal("110101199003070033"), "ubo_id_doc_address": seal("北京"), "ubo_period_begin": "2019-06-06", "ubo_period_end": "2029-06-06"}}},
		"business_info": m{"merchant_shortname": "茶", "service_phone": "0755000000", "sales_info": m{"sales_scenes_type": []any{"SALES_SCENES_STORE", "SALES_SCENES_MP"},
			"biz_store_info": m{"biz_store_name": "茶", "biz_address_code": "440305", "biz_store_address": "南山", "store_entrance_pic": []any{media}, "indoor_pic": []any{media}, "biz_sub_appid": sandbox.DefaultSubMini},
			"mp_info":        m{"mp_appid": sandbox.DefaultPartnerAccount, "mp_pics": []any{media}}}},
		"settlement_info":   m{"settlement_id": "716", "qualification_type": "餐饮", "qualifications": []any{media}},
		"bank_account_info": m{"bank_account_type": "BANK_ACCOUNT_TYPE_CORPORATE", "account_name": seal("某茶公司"), "account_bank": "工商银行", "account_number": seal("6222020000000000001")},
		"addition_info":     m{"business_addition_pics": []any{media}, "business_addition_msg": "新店"},
	}
}

// The official SDK uploads, its core client submits and asks.
func TestOfficialSDKHandsAnApplicationIn(t *testing.T) {
	s := newPartnerStage(t, sandbox.Options{})
	client, ctx := s.certifiedSDK(s.sdkCertificates()), context.Background()
	film, _, err := (&fileuploader.VideoUploader{Client: client}).Upload(ctx, bytes.NewReader([]byte("film")), "a.mp4", consts.VideoMP4)
	if err != nil || *film.MediaId == "" {
		t.Fatal(film, err)
	}
	body := s.application(s.merchant.ID+"_1", s.media(client))
	body["addition_info"].(map[string]any)["legal_person_video"] = *film.MediaId
	result, err := client.Post(ctx, consts.WechatPayAPIServer+"/v3/applyment4sub/applyment/", body)
	if err != nil {
		t.Fatal(err)
	}
	var made struct {
		ApplymentID int64 `json:"applyment_id"`
	}
	if err := core.UnMarshalResponse(result.Response, &made); err != nil || made.ApplymentID == 0 {
		t.Fatal(made, err)
	}
	if _, err := s.platform.DecideApplyment("", s.merchant.ID+"_1", sandbox.ApplymentAudit); err != nil {
		t.Fatal(err)
	}
	result, err = client.Get(ctx, consts.WechatPayAPIServer+"/v3/applyment4sub/applyment/business_code/"+s.merchant.ID+"_1")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(result.Response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var state map[string]any
	if err := json.Unmarshal(text, &state); err != nil || state["applyment_state"] != sandbox.ApplymentToBeConfirmed || state["sub_mchid"] != nil || state["sign_url"] == "" {
		t.Errorf("%s %v", text, err)
	}
}
