package wxpay

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"wxhub/wx"
)

const (
	billToken  = "g44bIUH1GyQtE7ZmeTAPQx5b69qABpYuC%2BoZq6"
	emptyTrade = "\ufeff交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,订单金额\r\n" +
		"`2026-02-28 05:01:46,`wx1,`1900000001,`0,`,`42,`order-1,`o,`JSAPI,`SUCCESS,`CMB,`CNY,`12.34\r\n" +
		"总交易单数,订单总金额\r\n`1,`12.34\r\n"
)

// cashier plays the part of the platform that gives out bills.
type cashier struct {
	*platform
	file    string
	host    string // in the links
	hash    string // of the file, unless set
	plain   bool   // not packed
	asks    int
	fetches int
	refuse  func(ask bool, n int) (int, string) // an answer instead; 0 for none
	cut     int                                 // of the next download, bytes left off
}

func newCashier(t *testing.T) *cashier {
	c := &cashier{platform: newPlatform(t), file: emptyTrade, host: "https://api.mch.weixin.qq.com"}
	t.Setenv("TMPDIR", t.TempDir())
	c.answer = func(r request) (int, string) {
		ask := !strings.HasPrefix(r.uri, "/v3/billdownload/")
		n := &c.fetches
		if ask {
			n = &c.asks
		}
		*n++
		if c.refuse != nil {
			if status, body := c.refuse(ask, *n); status != 0 {
				return status, body
			}
		}
		if !ask {
			return 200, c.packed()
		}
		hash := c.hash
		if hash == "" {
			sum := sha1.Sum([]byte(c.file))
			hash = hex.EncodeToString(sum[:])
		}
		return 200, fmt.Sprintf(`{"hash_type":"SHA1","hash_value":%q,"download_url":"%s/v3/billdownload/file?token=%s&tartype=gzip"}`, hash, c.host, billToken)
	}
	c.spoil = func(r request, a *signed) bool {
		if strings.HasPrefix(r.uri, "/v3/billdownload/") && a.status == 200 { // files are not signed
			a.header = map[string]string{"Content-Type": "text/plain"}
			a.body = a.body[:len(a.body)-c.cut]
			c.cut = 0
		}
		return false
	}
	return c
}

func (c *cashier) packed() string {
	if c.plain {
		return c.file
	}
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write([]byte(c.file))
	_ = w.Close()
	return out.String()
}

func (c *cashier) trade(r wx.BillRequest) (rows []wx.TradeRow, err error) {
	b, err := c.gateway(merchantOf(directID, true), merchantOf(providerID, true)).TradeBill(context.Background(), r)
	if err != nil {
		return nil, err
	}
	err = b.Trades(func(row wx.TradeRow) error { rows = append(rows, row); return nil })
	return rows, errors.Join(err, b.Close())
}

var ofShop = wx.BillRequest{MerchantID: directID, Date: "2026-02-28"}

// leftovers are files that should have been removed.
func leftovers(t *testing.T) {
	t.Helper()
	if files, err := os.ReadDir(os.TempDir()); err != nil || len(files) > 0 {
		t.Errorf("left behind: %v, %v", files, err)
	}
}

func TestTradeBill(t *testing.T) {
	for name, set := range map[string]func(*cashier){
		"packed":     func(*cashier) {},
		"not packed": func(c *cashier) { c.plain = true },
		"hash in capitals": func(c *cashier) {
			sum := sha1.Sum([]byte(c.file))
			c.hash = strings.ToUpper(hex.EncodeToString(sum[:]))
		},
		"a link to the place it is at": func(c *cashier) { c.host = c.url },
		// Nothing listens there, and nobody is asked: the configuration says where WeChat Pay is.
		"a link to somewhere else": func(c *cashier) { c.host = "http://127.0.0.1:9" },
		"the backup host":          func(c *cashier) { c.host = "https://api2.mch.weixin.qq.com" },
	} {
		t.Run(name, func(t *testing.T) {
			c := newCashier(t)
			set(c)
			rows, err := c.trade(ofShop)
			if err != nil || len(rows) != 1 || rows[0].Amount != 1234 {
				t.Fatalf("got %+v, error %v", rows, err)
			}
			leftovers(t)
			seen := c.requests()
			ask, err := url.Parse(seen[0].uri)
			if err != nil || ask.Path != "/v3/bill/tradebill" || ask.RawQuery != "bill_date=2026-02-28&bill_type=ALL&tar_type=GZIP" {
				t.Errorf("asked %s", seen[0].uri)
			}
			if want := "/v3/billdownload/file?token=" + billToken + "&tartype=gzip"; seen[1].uri != want {
				t.Errorf("fetched %s, want %s", seen[1].uri, want)
			}
		})
	}
}

func TestBillsOfServiceProvidersAndFunds(t *testing.T) {
	c := newCashier(t)
	if _, err := c.trade(wx.BillRequest{MerchantID: providerID, SubMerchantID: subID, Date: "2026-02-28"}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.trade(wx.BillRequest{MerchantID: providerID, Date: "2026-02-28"}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.gateway(merchantOf(directID, true)).FundFlowBill(context.Background(), ofShop); err != nil {
		t.Fatal(err)
	}
	for i, want := range map[int]string{
		0: "/v3/bill/tradebill?bill_date=2026-02-28&bill_type=ALL&sub_mchid=1900000109&tar_type=GZIP",
		2: "/v3/bill/tradebill?bill_date=2026-02-28&bill_type=ALL&tar_type=GZIP",
		4: "/v3/bill/fundflowbill?account_type=BASIC&bill_date=2026-02-28&tar_type=GZIP",
	} {
		if got := c.requests()[i].uri; got != want {
			t.Errorf("asked %s, want %s", got, want)
		}
	}
	for _, r := range []wx.BillRequest{{MerchantID: directID, SubMerchantID: subID}, {MerchantID: "1900009999"}} {
		if _, err := c.trade(r); err == nil {
			t.Errorf("%+v: it was asked for", r)
		}
	}
}

func TestDayWithoutBill(t *testing.T) {
	for _, code := range []string{"NO_STATEMENT_EXIST", "NO_STATEMENT_EXISTS"} {
		for _, status := range []int{400, 404} {
			c := newCashier(t)
			c.refuse = func(bool, int) (int, string) {
				return status, fmt.Sprintf(`{"code":%q,"message":"账单文件不存在"}`, code)
			}
			if rows, err := c.trade(ofShop); err != nil || len(rows) != 0 {
				t.Errorf("%s: %d rows, error %v", code, len(rows), err)
			}
		}
	}
}

func TestBillFailures(t *testing.T) {
	always := func(status int, body string) func(bool, int) (int, string) {
		return func(bool, int) (int, string) { return status, body }
	}
	for name, c := range map[string]struct {
		set     func(*cashier)
		want    error
		fetches int
	}{
		"not ready":         {func(c *cashier) { c.refuse = always(400, `{"code":"STATEMENT_CREATING","message":"账单生成中"}`) }, wx.ErrBillNotReady, 0},
		"refused":           {func(c *cashier) { c.refuse = always(403, `{"code":"NO_AUTH","message":"权限异常"}`) }, wx.ErrRejected, 0},
		"too often":         {func(c *cashier) { c.refuse = always(429, `{"code":"FREQUENCY_LIMITED","message":"频率超限"}`) }, wx.ErrRateLimited, 0},
		"WeChat Pay fails":  {func(c *cashier) { c.refuse = always(500, `{"code":"SYSTEM_ERROR","message":"系统错误"}`) }, wx.ErrBusy, 0},
		"no JSON":           {func(c *cashier) { c.refuse = always(200, `<html>`) }, wx.ErrForged, 0},
		"another file":      {func(c *cashier) { c.hash = strings.Repeat("0", 40) }, wx.ErrBillDamaged, billTries},
		"no hash":           {func(c *cashier) { c.hash = "x" }, wx.ErrBillDamaged, 0},
		"link to elsewhere": {func(c *cashier) { c.host = "ftp:x" }, wx.ErrBillDamaged, 0},
		"link always dead": {func(c *cashier) {
			c.refuse = func(ask bool, _ int) (int, string) {
				if ask {
					return 0, ""
				}
				return 400, `{"code":"INVALID_REQUEST","message":"token无效或已过期"}`
			}
		}, wx.ErrRejected, billTries},
	} {
		t.Run(name, func(t *testing.T) {
			k := newCashier(t)
			c.set(k)
			_, err := k.trade(ofShop)
			if !errors.Is(err, c.want) || k.fetches != c.fetches {
				t.Errorf("error %v after %d downloads, want %v after %d", err, k.fetches, c.want, c.fetches)
			}
			if err != nil && (strings.Contains(err.Error(), "g44b") || strings.Contains(fmt.Sprintf("%#v", err), "g44b")) {
				t.Errorf("the error shows the token: %v", err)
			}
			leftovers(t)
		})
	}
}

// TestBillIsFetchedAnew after what a second try mends.
func TestBillIsFetchedAnew(t *testing.T) {
	once := true
	for name, c := range map[string]struct {
		set  func(*cashier)
		asks int
	}{
		"the link had expired": {func(c *cashier) {
			c.refuse = func(ask bool, n int) (int, string) {
				if !ask && n == 1 {
					return 400, `{"code":"INVALID_REQUEST","message":"token无效或已过期"}`
				}
				return 0, ""
			}
		}, 2},
		"the file was cut short": {func(c *cashier) { c.cut = 20 }, 2},
		"the answer was a probe": {func(c *cashier) {
			spoil := c.spoil
			c.spoil = func(r request, a *signed) bool {
				if strings.HasPrefix(r.uri, "/v3/bill/") && once {
					once = false
					a.header["Wechatpay-Signature"] = "WECHATPAY/SIGNTEST/" + a.header["Wechatpay-Signature"]
				}
				return spoil(r, a)
			}
		}, 2},
		"the connection broke off": {func(c *cashier) {
			spoil, broken := c.spoil, false
			c.spoil = func(r request, a *signed) bool {
				if strings.HasPrefix(r.uri, "/v3/billdownload/") && !broken {
					broken = true
					return true
				}
				return spoil(r, a)
			}
		}, 0}, // net/http may try again by itself
	} {
		t.Run(name, func(t *testing.T) {
			k := newCashier(t)
			c.set(k)
			rows, err := k.trade(ofShop)
			if err != nil || len(rows) != 1 || c.asks > 0 && k.asks != c.asks {
				t.Errorf("%d rows after %d questions, error %v", len(rows), k.asks, err)
			}
			leftovers(t)
		})
	}
}

// TestUnsignedAnswerIsNotBelieved: the hash that vouches for the file comes in it.
func TestUnsignedAnswerIsNotBelieved(t *testing.T) {
	c := newCashier(t)
	c.spoil = func(r request, a *signed) bool {
		a.header = map[string]string{"Content-Type": "application/json"}
		return false
	}
	if _, err := c.trade(ofShop); !errors.Is(err, wx.ErrForged) || c.fetches != 0 {
		t.Errorf("error %v after %d downloads", err, c.fetches)
	}
}

// TestBillLargerThanAnAnswer: bills are not bound by the size of other answers.
func TestBillLargerThanAnAnswer(t *testing.T) {
	c := newCashier(t)
	head, rest, _ := strings.Cut(emptyTrade, "\r\n")
	row, _, _ := strings.Cut(rest, "\r\n")
	n := 30_000
	c.file = head + "\r\n" + strings.Repeat(row+"\r\n", n) + fmt.Sprintf("总交易单数,订单总金额\r\n`%d,`%d.%02d\r\n", n, n*1234/100, n*1234%100)
	c.plain = true
	if rows, err := c.trade(ofShop); err != nil || len(rows) != n {
		t.Errorf("%d rows of %d bytes, error %v", len(rows), len(c.file), err)
	}
}
