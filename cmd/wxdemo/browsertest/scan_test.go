package browsertest

import (
	"bytes"
	"context"
	"image"
	_ "image/png" // pictures of pages, and posters
	"io"
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"wxhub/wx/sandbox"
)

// read is what a phone's camera reads in a picture.
func (s *stage) read(picture []byte) string {
	s.t.Helper()
	img, _, err := image.Decode(bytes.NewReader(picture))
	if err != nil {
		s.t.Fatal(err)
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		s.t.Fatal(err)
	}
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		s.t.Fatalf("the code cannot be read: %v", err)
	}
	return result.GetText()
}

// scan pays the QR code that a page shows, as it is seen.
func (s *stage) scan(b *tab) {
	s.t.Helper()
	picture, err := chromedp.Run(b.Context, chromedp.CaptureScreenshot())
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.Sandbox.Pay(s.read(picture), s.user.ID, sandbox.PaySuccess); err != nil {
		s.t.Fatal(err)
	}
}

// Somebody scans the poster, and is where it says.
func TestPostersLeadToTheirPage(t *testing.T) {
	s := newStage(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/c/counter-1/poster.png?amount=990", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	got, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	printed, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	const want = "/c/counter-1?amount=990"
	if text := s.read(printed); text != s.URL+want {
		t.Errorf("the PNG leads to %s", text)
	}
	b := s.open(desktop)
	b.visit(s.URL + "/c/counter-1/poster.svg?amount=990")
	picture, err := chromedp.Run(b.Context, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if text := s.read(picture); text != s.URL+want {
		t.Errorf("the SVG leads to %s", text)
	}
	dark := desktop
	dark.dark = true
	alipay := s.open(dark.as("alipay", iPhone+" AlipayClient/10.7"))
	alipay.visit(s.URL + want)
	if picture, err = chromedp.Run(alipay.Context, chromedp.CaptureScreenshot()); err != nil {
		t.Fatal(err)
	}
	if text := s.read(picture); text != s.URL+want {
		t.Errorf("the page in another app leads to %s", text)
	}
	phone := s.open(phone)
	phone.visit(s.URL + want)
	phone.see("金额由商家设定")
	phone.until(`document.getElementById('amount').value === '9.90'`)
	phone.tap(".key-pay")
	phone.until(`!!document.getElementById('open') && !document.getElementById('open').hidden`)
	if orders := s.Sandbox.Orders(); len(orders) != 1 || orders[0].Total != 990 {
		t.Errorf("at WeChat: %+v", orders)
	}
}
