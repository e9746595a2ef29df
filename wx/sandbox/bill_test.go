package sandbox_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

var chinaZone = time.FixedZone("CST", 8*60*60)

// tomorrowAt moves the clock to an hour of the next day in China.
func (s *stage) tomorrowAt(hour int) {
	s.t.Helper()
	now := s.platform.Now().In(chinaZone)
	s.advance(time.Date(now.Year(), now.Month(), now.Day()+1, hour, 0, 0, 0, chinaZone).Sub(now))
}

func (s *stage) day() string { return s.platform.Now().In(chinaZone).Format(time.DateOnly) }

// bill asks for a bill, fetches it and verifies its hash.
func (s *stage) bill(uri string) string {
	s.t.Helper()
	asked := s.v3("GET", uri, "")
	if asked.status != http.StatusOK || !s.verified(asked.header, asked.body) || asked.field("hash_type") != "SHA1" {
		s.t.Fatalf("%d %s", asked.status, asked.body)
	}
	file := s.v3("GET", s.downloadURI(asked), "")
	if file.status != http.StatusOK || file.header.Get("Wechatpay-Signature") != "" {
		s.t.Fatalf("%d %s %v", file.status, file.body, file.header)
	}
	text := file.body
	if strings.Contains(uri, "GZIP") {
		zip, err := gzip.NewReader(bytes.NewReader(text))
		if err != nil {
			s.t.Fatal(err)
		}
		if text, err = io.ReadAll(zip); err != nil {
			s.t.Fatal(err)
		}
	}
	if sum := sha1.Sum(text); hex.EncodeToString(sum[:]) != asked.field("hash_value") {
		s.t.Error("the hash is not that of the text")
	}
	return string(text)
}

func (s *stage) downloadURI(asked response) string {
	s.t.Helper()
	u, err := url.Parse(asked.field("download_url"))
	if err != nil || u.Host != "api.mch.weixin.qq.com" {
		s.t.Fatalf("%v %s", err, asked.body)
	}
	return u.RequestURI()
}

// billRows are the rows by column name, and the totals.
func billRows(t *testing.T, text string) (rows []map[string]string, totals []string) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(text, "\r\n"), "\r\n")
	header, marked := strings.CutPrefix(lines[0], "\ufeff")
	if !marked || len(lines) < 3 {
		t.Fatalf("%q", text)
	}
	columns := strings.Split(header, ",")
	for _, line := range lines[1 : len(lines)-2] {
		cells := strings.Split(strings.TrimPrefix(line, "`"), ",`")
		if len(cells) != len(columns) {
			t.Fatalf("%d cells for %d columns: %q", len(cells), len(columns), line)
		}
		row := map[string]string{}
		for i, c := range columns {
			row[c] = cells[i]
		}
		rows = append(rows, row)
	}
	return rows, strings.Split(strings.TrimPrefix(lines[len(lines)-1], "`"), ",`")
}

func TestTradeBillIsTheDay(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	s.tomorrowAt(9)
	paid, _ := s.paidOrderOf100()
	s.pay(s.prepay(s.number(), set("description", "茶, 热\n的"), set("amount", map[string]any{"total": 1234})))
	s.prepay(s.number()) // not paid, not in the bill
	if answer := s.refund(paid, "refund-1", 40); answer.status != http.StatusOK {
		t.Fatalf("%s", answer.body)
	}
	day := s.day()
	uri := "/v3/bill/tradebill?bill_date=" + day
	s.tomorrowAt(9)
	if got := s.v3("GET", uri, ""); got.status != http.StatusBadRequest || got.code() != "STATEMENT_CREATING" {
		t.Errorf("%d %s", got.status, got.body)
	}
	s.advance(time.Hour)
	text := s.bill(uri)
	rows, totals := billRows(t, text)
	if len(rows) != 3 || len(rows[0]) != 27 {
		t.Fatalf("%v", rows)
	}
	if got := strings.Join(totals, " "); got != "3 13.34 0.40 0.00 0.08000 13.34 0.40" {
		t.Error(got) // fees in fen: 0.6 is 1, 7.404 is 7, and 0.24 that come back are 0
	}
	for _, row := range rows {
		if row["商户号"] != s.merchant.ID || row["特约商户号"] != "0" || row["费率"] != "0.60%" || !strings.HasPrefix(row["交易时间"], day) {
			t.Errorf("%v", row)
		}
	}
	refund := rows[2]
	if refund["交易状态"] != "REFUND" || refund["商户退款单号"] != "refund-1" || refund["退款金额"] != "0.40" || refund["订单金额"] != "0.00" || refund["退款状态"] != "SUCCESS" {
		t.Errorf("%v", refund)
	}
	if s.bill(uri+"&tar_type=GZIP") != text {
		t.Error("the packed bill is another one")
	}
	only, _ := billRows(t, s.bill(uri+"&bill_type=SUCCESS"))
	back, _ := billRows(t, s.bill(uri+"&bill_type=REFUND"))
	if len(only) != 2 || len(back) != 1 || len(back[0]) != 29 || len(only[0]) != 20 {
		t.Errorf("%v %v", only, back)
	}
	flow, sums := billRows(t, s.bill("/v3/bill/fundflowbill?bill_date="+day))
	if len(flow) != 5 || strings.Join(sums, " ") != "5 2 13.34 3 0.48" || flow[4]["账户结余(元)"] != "12.86" {
		t.Errorf("%v %v", flow, sums)
	}
}

func TestBillRefusals(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	s.tomorrowAt(12)
	now := s.platform.Now().In(chinaZone)
	yesterday := now.AddDate(0, 0, -1).Format(time.DateOnly)
	for query, code := range map[string]string{
		"bill_date=" + yesterday:                                    "NO_STATEMENT_EXIST",
		"bill_date=" + now.Format(time.DateOnly):                    "STATEMENT_CREATING",
		"bill_date=" + now.AddDate(0, 0, 1).Format(time.DateOnly):   "PARAM_ERROR",
		"bill_date=" + now.AddDate(0, -3, -3).Format(time.DateOnly): "PARAM_ERROR",
		"bill_date=20260101":                                        "PARAM_ERROR",
		"":                                                          "PARAM_ERROR",
		"bill_type=NONE&bill_date=" + yesterday:                     "PARAM_ERROR",
		"tar_type=ZIP&bill_date=" + yesterday:                       "PARAM_ERROR",
		"sub_mchid=" + sandbox.DefaultSubMerchant + "&bill_date=" + yesterday: "NO_AUTH",
	} {
		if got := s.v3("GET", "/v3/bill/tradebill?"+query, ""); got.code() != code {
			t.Errorf("%s: %d %s", query, got.status, got.body)
		}
	}
	for _, account := range []string{"OPERATION", "FEES", "BASIC"} {
		if got := s.v3("GET", "/v3/bill/fundflowbill?account_type="+account+"&bill_date="+yesterday, ""); got.code() != "NO_STATEMENT_EXIST" {
			t.Errorf("%s", got.body)
		}
	}
}

func TestBillTokenLivesThirtySeconds(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	s.paidOrderOf100()
	day := s.day()
	s.tomorrowAt(10)
	uri := s.downloadURI(s.v3("GET", "/v3/bill/tradebill?bill_date="+day, ""))
	s.advance(29 * time.Second)
	if got := s.v3("GET", uri, ""); got.status != http.StatusOK {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := s.get(uri); got.status != http.StatusUnauthorized {
		t.Errorf("unsigned: %d", got.status)
	}
	whole := s.v3("GET", uri, "")
	s.fault(sandbox.Fault{Match: "/v3/billdownload", Kind: "tampered"})
	if got := s.v3("GET", uri, ""); got.status != http.StatusOK || bytes.Equal(got.body, whole.body) {
		t.Error("not altered")
	}
	s.fault(sandbox.Fault{Match: "/v3/billdownload", Kind: "truncate"})
	if _, err := s.send(s.request("GET", uri, "")); err == nil {
		t.Error("not cut")
	}
	s.advance(time.Second)
	if got := s.v3("GET", uri, ""); got.code() != "INVALID_REQUEST" {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestEveryStainOfABillShows(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	for range 12 {
		s.paidOrderOf100()
	}
	day := s.day()
	s.tomorrowAt(10)
	uri := "/v3/bill/tradebill?bill_date=" + day
	before := map[string]map[string]string{}
	rows, _ := billRows(t, s.bill(uri))
	for _, row := range rows {
		before[row["微信订单号"]] = row
	}
	order := fmt.Sprintf(`{"date":%q,"mchid":%q,"seed":3,"missing":2,"extra":3,"amount":2,"status":1,"twice":1}`, day, s.merchant.ID)
	var got struct{ Spoiled []sandbox.Spoiled }
	if answer := s.control("POST", "/bills/dirt", order); json.Unmarshal(answer.body, &got) != nil || len(got.Spoiled) != 9 {
		t.Fatalf("%d %s", answer.status, answer.body)
	}
	rows, totals := billRows(t, s.bill(uri))
	if len(rows) != 12-2+3+1 || totals[0] != "14" {
		t.Fatalf("%d rows, %v", len(rows), totals)
	}
	after := map[string][]map[string]string{}
	for _, row := range rows {
		after[row["微信订单号"]] = append(after[row["微信订单号"]], row)
	}
	for _, x := range got.Spoiled {
		was, is := before[x.TransactionID], after[x.TransactionID]
		shows := map[string]bool{
			sandbox.DirtMissing: was != nil && len(is) == 0,
			sandbox.DirtExtra:   was == nil && len(is) == 1,
			sandbox.DirtTwice:   len(is) == 2,
			sandbox.DirtAmount:  len(is) == 1 && is[0]["订单金额"] != was["订单金额"],
			sandbox.DirtStatus:  len(is) == 1 && is[0]["交易状态"] == "REVOKED",
		}
		if !shows[x.Kind] {
			t.Errorf("%+v: %v", x, is)
		}
		delete(before, x.TransactionID)
	}
	for id, was := range before {
		if is := after[id]; len(is) != 1 || is[0]["订单金额"] != was["订单金额"] || is[0]["交易状态"] != was["交易状态"] {
			t.Errorf("%s was to stay clean: %v", id, is)
		}
	}
	for _, bad := range []string{`{"date":"2026","mchid":"` + s.merchant.ID + `"}`, strings.Replace(order, `"missing":2`, `"missing":13`, 1), strings.Replace(order, `"missing":2`, `"missing":-1`, 1)} {
		if answer := s.control("POST", "/bills/dirt", bad); answer.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", bad, answer.status, answer.body)
		}
	}
}

func TestFaultsStrikeBillCalls(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	s.paidOrderOf100()
	day := s.day()
	s.tomorrowAt(10)
	uri := "/v3/bill/tradebill?bill_date=" + day
	for _, kind := range []string{"signtest", "bad_signature", "tampered", "unsigned"} {
		s.fault(sandbox.Fault{Match: "/v3/bill/", Kind: kind})
		if got := s.v3("GET", uri, ""); got.status != http.StatusOK || s.verified(got.header, got.body) {
			t.Errorf("%s: %d, and the signature holds", kind, got.status)
		}
	}
	for _, match := range []string{"/v3/bill/", "/v3/billdownload"} {
		s.fault(sandbox.Fault{Match: match, Kind: "lost_answer"})
	}
	// net/http repeats a GET on its own when a used connection breaks, so each goes on a fresh one.
	if _, err := s.send(s.fresh(uri)); err == nil {
		t.Error("the address was not lost")
	}
	if _, err := s.send(s.fresh(s.downloadURI(s.v3("GET", uri, "")))); err == nil {
		t.Error("the file was not lost")
	}
}

// fresh is a request on a connection of its own, which net/http does not repeat.
func (s *stage) fresh(uri string) *http.Request {
	s.t.Helper()
	http.DefaultClient.CloseIdleConnections()
	return s.request("GET", uri, "")
}

func TestServiceProvidersBillNamesItsSubMerchants(t *testing.T) {
	s := newStageFor(t, sandbox.Options{}, 2)
	_, transaction := s.paidOrderOf100()
	day := s.day()
	s.tomorrowAt(10)
	for _, query := range []string{"", "&sub_mchid=" + sandbox.DefaultSubMerchant} {
		asked := s.v3("GET", "/v3/bill/tradebill?bill_date="+day+query, "")
		rows, _ := billRows(t, string(s.v3("GET", s.downloadURI(asked), "").body))
		if len(rows) != 1 || rows[0]["特约商户号"] != sandbox.DefaultSubMerchant || rows[0]["商户号"] != s.merchant.ID || rows[0]["微信订单号"] != transaction {
			t.Errorf("%s: %v", query, rows)
		}
	}
	if got := s.v3("GET", "/v3/bill/fundflowbill?bill_date="+day, ""); got.code() != "NO_STATEMENT_EXIST" {
		t.Errorf("%s", got.body)
	}
}
