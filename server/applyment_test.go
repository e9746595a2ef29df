package server_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/pay/applyment"
	"wxhub/server/edge"
	"wxhub/wx"
)

const providerID = "1900000100"

// office takes every application in once.
type office struct {
	mu      sync.Mutex
	taken   map[string]wx.Applyment
	uploads []wx.Media
	changes []wx.SettlementChange
}

func (w *world) applyments(log *slog.Logger) *applyment.Service {
	w.office = &office{taken: map[string]wx.Applyment{}}
	return applyment.New(applyment.Options{
		Store: w.store, WeChat: w.office, Providers: []string{providerID}, Every: time.Minute, Now: time.Now,
		IDs: model.IDs{Now: time.Now, Entropy: rand.Reader}, Log: log,
	})
}

func (o *office) SubmitApplyment(_ context.Context, _ string, a wx.Applyment) (int64, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if a.BankAccountInfo.AccountBank == "nowhere" {
		return 0, wx.Refused(wx.ErrRejected, model.Upstream{Service: "wechat_pay", Code: "PARAM_ERROR", Message: "开户银行取值有误"})
	}
	o.taken[a.BusinessCode] = a
	return 2000001, nil
}

func (o *office) QueryApplyment(_ context.Context, _, code string) (wx.ApplymentStatement, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, ok := o.taken[code]; !ok {
		return wx.ApplymentStatement{}, wx.ErrApplymentUnknown
	}
	return wx.ApplymentStatement{BusinessCode: code, ApplymentID: 2000001, SubMerchantID: "1900000999", SignURL: "https://sign.example/", State: wx.ApplymentToBeSigned}, nil
}

func (o *office) UploadMedia(_ context.Context, _ string, m wx.Media) (string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.uploads = append(o.uploads, m)
	return fmt.Sprintf("media-%d", len(o.uploads)), nil
}

func (o *office) ModifySettlement(_ context.Context, _, _ string, c wx.SettlementChange) (string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.changes = append(o.changes, c)
	return "102329389", nil
}

func (o *office) QuerySettlement(context.Context, string, string) (wx.SettlementAccount, error) {
	return wx.SettlementAccount{AccountType: "ACCOUNT_TYPE_BUSINESS", AccountBank: "工商银行", AccountNumber: "62***78"}, nil
}

func (o *office) QuerySettlementChange(_ context.Context, _, _, no string) (wx.SettlementAccount, error) {
	if no != "102329389" {
		return wx.SettlementAccount{}, wx.ErrApplicationUnknown
	}
	return wx.SettlementAccount{AccountType: "ACCOUNT_TYPE_PRIVATE", AccountBank: "工商银行", AccountName: "张*", AccountNumber: "62***99", Result: "AUDIT_SUCCESS", FinishedAt: time.Unix(1772366700, 0)}, nil
}

// applymentBody is a whole application, with another business_code; "" has none.
func applymentBody(t *testing.T, code string) string {
	t.Helper()
	text, err := os.ReadFile("../wx/wxpay/testdata/applyment.json")
	if err != nil {
		t.Fatal(err)
	}
	with := ""
	if code != "" {
		with = `"business_code": "` + code + `",`
	}
	return strings.Replace(string(text), `"business_code": "1900000100_10000",`, with, 1)
}

func TestApplyments(t *testing.T) {
	w := newWorld(t)
	const path = "/v1/merchants/" + providerID + "/applyments"
	v := decode[applyment.ApplymentView](t, w.post(t, path, merchantsKey, applymentBody(t, "code_1")), http.StatusCreated)
	if v.Status != "to_be_signed" || v.ApplymentID != "2000001" || v.SignURL == "" || v.NextStep == "" || v.Shortname != "某某茶" {
		t.Errorf("%+v", v)
	}
	sent := w.office.taken["code_1"]
	if sent.ContactInfo.ContactName.Reveal() != "李四" || sent.SubjectInfo.UBOInfoList[0].UBOIDDocNumber.Reveal() != "110101199003070033" || *sent.SubjectInfo.IdentityInfo.Owner {
		t.Error("WeChat Pay was sent something else")
	}
	if a := w.post(t, path, merchantsKey, applymentBody(t, "code_1")); a.Status != 409 || !strings.Contains(string(a.Body), "applyment_under_way") {
		t.Errorf("again: %d %s", a.Status, a.Body)
	}
	made := decode[applyment.ApplymentView](t, w.call(t, "POST", path, merchantsKey, applymentBody(t, ""), "Idempotency-Key: k1"), http.StatusCreated)
	again := decode[applyment.ApplymentView](t, w.call(t, "POST", path, merchantsKey, applymentBody(t, ""), "Idempotency-Key: k1"), http.StatusCreated)
	if made.BusinessCode != again.BusinessCode || len(w.office.taken) != 2 {
		t.Errorf("%+v %+v", made, again)
	}
	other := strings.Replace(applymentBody(t, ""), "6222020000000000001", "6222020000000000002", 1)
	if a := w.call(t, "POST", path, merchantsKey, other, "Idempotency-Key: k1"); a.Status != 409 || !strings.Contains(string(a.Body), "idempotency_conflict") {
		t.Errorf("another body: %d %s", a.Status, a.Body)
	}
	refused := w.post(t, path, merchantsKey, strings.Replace(applymentBody(t, "code_2"), `"工商银行"`, `"nowhere"`, 1))
	if refused.Status != 502 || !strings.Contains(string(refused.Body), "开户银行取值有误") {
		t.Errorf("%d %s", refused.Status, refused.Body)
	}
	if v := decode[applyment.ApplymentView](t, w.get(t, path+"/code_2?refresh=true", merchantsKey), http.StatusOK); v.Status != "unsubmitted" || v.LastError == "" {
		t.Errorf("%+v", v)
	}
	var page struct {
		Data       []applyment.ApplymentView
		NextCursor string `json:"next_cursor"`
	}
	var seen []string
	for cursor := ""; ; cursor = "&cursor=" + page.NextCursor {
		page.NextCursor = ""
		if err := json.Unmarshal(w.get(t, path+"?limit=1"+cursor, merchantsKey).Body, &page); err != nil {
			t.Fatal(err)
		}
		for _, v := range page.Data {
			seen = append(seen, v.BusinessCode)
		}
		if page.NextCursor == "" {
			break
		}
	}
	if got := strings.Join(seen, " "); got != made.BusinessCode+" code_1 code_2" {
		t.Errorf("listed %s", got)
	}
	for target, want := range map[string]int{
		path + "/none":                                404,
		path + "/a-b":                                 404,
		path + "?status=unsubmitted":                  200,
		path + "?status=lost":                         422,
		"/v1/merchants/" + merchantID + "/applyments": 422,
	} {
		if a := w.get(t, target, merchantsKey); a.Status != want {
			t.Errorf("%s: %d %s", target, a.Status, a.Body)
		}
	}
	w.saysNothing(t)
}

// saysNothing looks for what was submitted in the log and in the store.
func (w *world) saysNothing(t *testing.T) {
	t.Helper()
	file, err := os.ReadFile(w.file)
	if err != nil {
		t.Fatal(err)
	}
	journal, err := os.ReadFile(w.file + "-wal")
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, secret := range []string{"110101199003070011", "110101199003070022", "13900000001", "admin@example.com", "6222020000000000001", "E12345678", "王五", "李四"} {
		if strings.Contains(w.log.String(), secret) {
			t.Errorf("the log has %s", secret)
		}
		if bytes.Contains(file, []byte(secret)) || bytes.Contains(journal, []byte(secret)) {
			t.Errorf("the store has %s", secret)
		}
	}
}

func TestApplymentsThatAreNotAcceptable(t *testing.T) {
	w := newWorld(t)
	const path = "/v1/merchants/" + providerID + "/applyments"
	for name, change := range map[string][2]string{
		"a strange subject":        {"SUBJECT_TYPE_ENTERPRISE", "SUBJECT_TYPE_X"},
		"an unknown field":         {`"contact_type"`, `"contact_kind": "x", "contact_type"`},
		"no name":                  {`"contact_name": "李四",`, ""},
		"a number where a text is": {`"account_number": "6222020000000000001"`, `"account_number": 6222020000000000001`},
		"a bad business_code":      {"1900000100_10000", "a-b"},
		"a scene that is none":     {"SALES_SCENES_STORE", "SALES_SCENES_MOON"},
		"a long name":              {"李四", strings.Repeat("李", 300)},
	} {
		text := applymentBody(t, "1900000100_10000")
		a := w.post(t, path, merchantsKey, strings.Replace(text, change[0], change[1], 1))
		if a.Status != 422 || strings.Contains(string(a.Body), "李") || strings.Contains(string(a.Body), "6222020000000000001") {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	if len(w.office.taken) != 0 {
		t.Error("one was submitted")
	}
}

// upload sends a form with one file.
func (w *world) upload(t *testing.T, merchant, part, name string, content []byte) answer {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	file, err := form.CreateFormFile(part, name)
	if err == nil {
		_, err = file.Write(content)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return w.call(t, "POST", "/v1/merchants/"+merchant+"/media", merchantsKey, body.String(), "Content-Type: "+form.FormDataContentType())
}

func TestUploads(t *testing.T) {
	w := newWorld(t)
	png, video := append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, applyment.MaxImage-8)...), make([]byte, applyment.MaxVideo)
	for name, c := range map[string]struct {
		merchant, part, name string
		content              []byte
		want                 int
	}{
		"the largest image":  {providerID, "file", "执照.png", png, 201},
		"the largest video":  {providerID, "file", "a.MP4", video, 201},
		"too large an image": {providerID, "file", "a.png", append(png, 0), 422},
		"too large a video":  {providerID, "file", "a.mp4", append(video, 0), 422},
		"no image":           {providerID, "file", "a.png", []byte("text"), 422},
		"another part":       {providerID, "picture", "a.png", png, 422},
		"a direct merchant":  {merchantID, "file", "a.png", png, 422},
	} {
		a := w.upload(t, c.merchant, c.part, c.name, c.content)
		if a.Status != c.want {
			t.Errorf("%s: %d %.300s", name, a.Status, a.Body)
		}
		if c.want == 201 && !strings.Contains(string(a.Body), `"media_id":"media-`) {
			t.Errorf("%s: %s", name, a.Body)
		}
	}
	for _, m := range w.office.uploads {
		if m.Name != "image.png" && m.Name != "video.mp4" || len(m.Content) != applyment.MaxImage && len(m.Content) != applyment.MaxVideo {
			t.Errorf("uploaded %s, %d bytes", m.Name, len(m.Content))
		}
	}
	if a := w.call(t, "POST", "/v1/merchants/"+providerID+"/media", merchantsKey, "{}"); a.Status < 400 || a.Status > 499 {
		t.Errorf("JSON: %d %s", a.Status, a.Body)
	}
}

// What a client announces is judged before it is read.
func TestLimitsOfUploads(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		path   string
		length int
		want   string
	}{
		{"/v1/merchants/" + providerID + "/media", edge.UploadLimit + 1, "413"},
		{"/v1/merchants/" + providerID + "/media?x=1", edge.UploadLimit + 1, "413"},
		{"/v1/merchants/" + providerID + "/applyments", edge.BodyLimit + 1, "413"},
		{"/v1/orders?a=/v1/merchants/" + providerID + "/media", edge.BodyLimit + 1, "413"},
		{"/v1/merchants/a/media/x", edge.BodyLimit + 1, "413"},
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", c.path, merchantsKey, c.length)
		if err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(conn).ReadString('\n')
		if err != nil || !strings.Contains(line, " "+c.want+" ") {
			t.Errorf("%s: %q %v", c.path, line, err)
		}
		_ = conn.Close()
	}
}

func TestSettlementAccounts(t *testing.T) {
	w := newWorld(t)
	const path = "/v1/merchants/" + providerID + "/sub-merchants/1900000999/settlement"
	if a := w.get(t, path, merchantsKey); a.Status != 200 || !strings.Contains(string(a.Body), `"account_number":"62***78"`) {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	body := `{"account_type":"ACCOUNT_TYPE_PRIVATE","account_bank":"工商银行","account_number":"6222020000000000099"}`
	if a := w.post(t, path, merchantsKey, body); a.Status != 202 || !strings.Contains(string(a.Body), `"application_no":"102329389"`) {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if len(w.office.changes) != 1 || w.office.changes[0].AccountNumber.Reveal() != "6222020000000000099" {
		t.Errorf("%d changes", len(w.office.changes))
	}
	if a := w.get(t, path+"/changes/102329389", merchantsKey); a.Status != 200 || !strings.Contains(string(a.Body), "AUDIT_SUCCESS") {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	for target, want := range map[string]int{
		path + "/changes/1":   404,
		path + "/changes/%2e": 404,
		"/v1/merchants/" + merchantID + "/sub-merchants/1900000999/settlement": 422,
		"/v1/merchants/" + providerID + "/sub-merchants/x/settlement":          422,
	} {
		if a := w.get(t, target, merchantsKey); a.Status != want {
			t.Errorf("%s: %d %s", target, a.Status, a.Body)
		}
	}
}
