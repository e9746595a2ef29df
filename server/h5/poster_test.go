package h5

import (
	"bytes"
	"encoding/binary"
	"image/color"
	"image/png"
	"slices"
	"strings"
	"testing"
)

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"山茶花茶馆", []string{"山茶花茶馆"}},
		{"Corner shop", []string{"Corner shop"}},
		{"一二三四五六七八九十一二三四五", []string{"一二三四五六七八九十一二三", "四五"}},
		{"The Very Long Name of a Corner Shop", []string{"The Very Long Name of a", "Corner Shop"}},
		{strings.Repeat("长", 30), []string{strings.Repeat("长", 13), strings.Repeat("长", 13) + "…"}},
		{"", []string{""}},
	} {
		if got := wrap(c.text, titleColumns, maxTitleLines); !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

func sample(t *testing.T, title string) poster {
	t.Helper()
	code, err := drawQR("https://pay.example.com/c/counter-1?amount=990")
	if err != nil {
		t.Fatal(err)
	}
	return poster{Title: title, Code: "counter-1", Amount: "9.90", Caption: "thank you", Hint: say(chinese, "poster_hint"), Address: "https://pay.example.com/c/counter-1?amount=990", QR: code}
}

// The path of the SVG and the image are the same code.
func TestPosterShowsTheCode(t *testing.T) {
	p := sample(t, "Corner shop")
	sheet := newPosterFonts(nil).draw(p)
	if b := sheet.Bounds(); b.Dx() != 1240 || b.Dy() != 1748 {
		t.Fatalf("%v is not A6 at 300 dpi", b)
	}
	module := 900 / p.QR.Size
	left, top := posterWidth/2-module*p.QR.Size/2, 390+(900-module*p.QR.Size)/2
	for y := range p.QR.code.Size {
		for x := range p.QR.code.Size {
			r, _, _, _ := sheet.At(left+(x+qrMargin)*module+module/2, top+(y+qrMargin)*module+module/2).RGBA()
			if black := r == 0; black != p.QR.code.Black(x, y) {
				t.Fatalf("module %d, %d is wrong", x, y)
			}
		}
	}
}

func TestPosterWithoutAFontFallsBackToTheID(t *testing.T) {
	fonts := newPosterFonts(nil)
	if fonts.face("山茶花", 20) != nil || fonts.face("Corner shop ¥9.90", 20) == nil {
		t.Fatal("the built-in font is Latin, with ¥")
	}
	chinese, id := fonts.draw(sample(t, "山茶花茶馆")), fonts.draw(sample(t, "counter-1"))
	var a, b bytes.Buffer
	if png.Encode(&a, chinese) != nil || png.Encode(&b, id) != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("a title that cannot be written does not become the id")
	}
	white := 0
	for x := range posterWidth {
		for y := 140; y < 250; y++ {
			if chinese.At(x, y) == (color.RGBA{0xff, 0xff, 0xff, 0xff}) {
				white++
			}
		}
	}
	if white == 0 {
		t.Error("nothing is written above the code")
	}
	if ValidFont(nil) || ValidFont([]byte("no font, but long enough for a header")) {
		t.Error("what is no font counts as one")
	}
}

func TestResolutionIsInThePNG(t *testing.T) {
	var out bytes.Buffer
	if err := png.Encode(&out, newPosterFonts(nil).draw(sample(t, "Corner shop"))); err != nil {
		t.Fatal(err)
	}
	file := withResolution(out.Bytes())
	if _, err := png.Decode(bytes.NewReader(file)); err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(file, []byte("pHYs"))
	if at < 0 || binary.BigEndian.Uint32(file[at+4:]) != dotsPerMetre || file[at+12] != 1 {
		t.Error("printers are not told the size")
	}
}
