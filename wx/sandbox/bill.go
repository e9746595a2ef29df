package sandbox

import (
	"bytes"
	"compress/gzip"
	"crypto/sha1" //nolint:gosec // the platform's hash_type
	"encoding/hex"
	"io"
	"net/http"
	"sync"
	"time"
)

// realHost is where bills are fetched when the platform does not know its own address. SDKs cut the host off.
const realHost = "https://api.mch.weixin.qq.com"

// bills are the files that were asked for and what makes them differ from the book.
type bills struct {
	mu    sync.Mutex
	files map[string]billFile // by token
	dirt  map[billKey]*billStains
}

// billKey is one merchant's, of a service provider its own, day: yyyy-MM-dd in China.
type billKey struct{ mchID, date string }

// billFile is kept compressed: a day of many orders is some tens of megabytes of text.
type billFile struct {
	mchID   string
	packed  []byte
	hash    string // SHA-1 of the text, hex
	expires time.Time
}

func newBills() *bills {
	b := &bills{}
	b.reset()
	return b
}

func (b *bills) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.files, b.dirt = map[string]billFile{}, map[billKey]*billStains{}
}

// keep forgets the files whose time is over.
func (b *bills) keep(token string, f billFile, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for old, known := range b.files {
		if !now.Before(known.expires) {
			delete(b.files, old)
		}
	}
	b.files[token] = f
}

func (b *bills) file(token string) (billFile, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f, found := b.files[token]
	return f, found
}

// billAddress answers a request for a bill.
type billAddress struct {
	HashType    string `json:"hash_type"`
	HashValue   string `json:"hash_value"`
	DownloadURL string `json:"download_url"`
}

// offer writes a bill and hands out its address, good for BillTokenLife.
func (p *Platform) offer(in *v3Call, write func(io.Writer) error) (any, error) {
	var packed bytes.Buffer
	hash, zip := sha1.New(), gzip.NewWriter(&packed) //nolint:gosec // the platform's hash_type
	if err := write(io.MultiWriter(hash, zip)); err != nil {
		return nil, err
	}
	if err := zip.Close(); err != nil {
		return nil, err
	}
	now, token := p.clock.now(), p.ids.text(tokenSafe, 32)
	f := billFile{mchID: in.merchant.ID, packed: packed.Bytes(), hash: hex.EncodeToString(hash.Sum(nil)), expires: now.Add(p.behaviour.BillTokenLife)}
	p.bills.keep(token, f, now)
	address := p.publicURL
	if address == "" {
		address = realHost
	}
	address += "/v3/billdownload/file?token=" + token
	if in.request.URL.Query().Get("tar_type") == "GZIP" {
		address += "&tartype=gzip"
	}
	return billAddress{"SHA1", f.hash, address}, nil
}

// rawAnswer is a body that is neither JSON nor signed.
type rawAnswer []byte

// downloadBill answers the file itself, without a signature.
func (p *Platform) downloadBill(in *v3Call) (any, error) {
	query := in.request.URL.Query()
	f, found := p.bills.file(query.Get("token"))
	switch {
	case !found, !p.clock.now().Before(f.expires):
		return nil, invalidRequest(internalParamInvalid, "下载地址已失效，请重新申请账单", nil)
	case f.mchID != in.merchant.ID:
		return nil, noAuth("商户号与账单不匹配", 0)
	}
	out := f.packed
	if query.Get("tartype") != "gzip" {
		zip, err := gzip.NewReader(bytes.NewReader(f.packed))
		if err != nil {
			return nil, err
		}
		if out, err = io.ReadAll(zip); err != nil {
			return nil, err
		}
	}
	return rawAnswer(out), nil
}

// rawInto puts a file into a reply; a fault that alters the body has no signature to break here, but the hash.
func rawInto(out *reply, body rawAnswer, fault string) {
	out.body = body
	if fault == faultTampered {
		out.body = tampered(body)
	}
	out.header.Set("Content-Type", "application/octet-stream")
}

func noStatement() *Refusal {
	return &Refusal{Status: http.StatusBadRequest, Code: "NO_STATEMENT_EXIST", Message: "请求的账单文件不存在", Internal: internalParamInvalid}
}

func statementCreating() *Refusal {
	return &Refusal{Status: http.StatusBadRequest, Code: "STATEMENT_CREATING", Message: "请求的账单正在生成中，请稍后再试", Internal: internalParamInvalid}
}
