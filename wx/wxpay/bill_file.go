package wxpay

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha1" //nolint:gosec // WeChat Pay's choice
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"wxhub/wx"
	"wxhub/wx/bill"
	"wxhub/wx/transport"
)

// maxBill bounds what a small answer may unfold to, in bytes: twenty million rows.
const maxBill = 8 << 30

var errBillSize = errors.New("the bill is larger than any that this version takes")

// downloadBill fetches what a link leads to. The file is not signed; its hash is, in the answer
// that brought the link. Until that is compared, nothing of the file is shown to anybody.
func (m *merchant) downloadBill(ctx context.Context, link billLink) (wx.Bill, error) {
	where, err := link.place()
	if err != nil {
		return nil, wx.ErrBillDamaged.Because(err)
	}
	result, err := m.files.Get(ctx, where)
	if err != nil {
		return nil, downloadFault(result, err)
	}
	defer result.Response.Body.Close()                  //nolint:errcheck // it was read
	spool, err := os.CreateTemp("", "wxhub-bill-*.csv") // for the owner alone
	if err != nil {
		return nil, fmt.Errorf("the bill cannot be put aside: %w", err)
	}
	if err := fill(spool, result.Response.Body, link.HashValue); err != nil {
		return nil, errors.Join(err, spool.Close(), os.Remove(spool.Name()))
	}
	return bill.Spooled(spool)
}

// place is where the file is fetched: at WeChat Pay, whatever host the link names, since the
// request is signed and the configuration says where WeChat Pay is.
func (l billLink) place() (string, error) {
	if !strings.EqualFold(l.HashType, "SHA1") || len(l.HashValue) != 2*sha1.Size {
		return "", errors.New("the answer announces no SHA1")
	}
	u, err := url.Parse(l.DownloadURL)
	if err != nil || u.User != nil || !strings.HasPrefix(u.Path, "/v3/") || u.RawQuery == "" {
		return "", errors.New("the link is not one to a bill") // the cause would quote the token
	}
	return platformHost + u.EscapedPath() + "?" + u.RawQuery, nil
}

// fill writes what a download brings, unpacked, and compares its hash.
func fill(spool io.Writer, body io.Reader, hash string) error {
	content, err := unpacked(body)
	if err != nil {
		return broken(err)
	}
	sum := sha1.New() //nolint:gosec // WeChat Pay's choice
	n, err := io.Copy(io.MultiWriter(spool, sum), io.LimitReader(content, maxBill+1))
	switch {
	case err != nil:
		return broken(err)
	case n > maxBill:
		return wx.ErrBillDamaged.Because(errBillSize)
	case !strings.EqualFold(hex.EncodeToString(sum.Sum(nil)), hash):
		return wx.ErrBillDamaged
	}
	return nil
}

// unpacked reads through gzip when the file is packed: the SHA1 is that of the file inside
// (PROTOCOL §2.7). A bill itself never begins like that.
func unpacked(body io.Reader) (io.Reader, error) {
	in := bufio.NewReader(body)
	if head, err := in.Peek(2); err != nil || head[0] != 0x1f || head[1] != 0x8b {
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		return in, nil
	}
	return gzip.NewReader(in)
}

// broken tells a file that is damaged from a connection that broke off.
func broken(err error) error {
	var full *os.PathError
	switch {
	case errors.As(err, &full): // of the spool: no space left
		return fmt.Errorf("the bill cannot be put aside: %w", err)
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.Is(err, io.ErrUnexpectedEOF):
		return wx.ErrBillDamaged.Because(err)
	}
	return wx.Silent(transport.Cause(err))
}
