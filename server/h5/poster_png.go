package h5

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/png"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// posterFonts draw text into a PNG. A font with Chinese has megabytes, so there is none in
// the binary: the operator names one of the machine (server.poster_font). Without it a line
// that the built-in Latin font cannot write is left out; the SVG has it.
type posterFonts struct{ fonts []*sfnt.Font }

func newPosterFonts(own []byte) *posterFonts {
	p := &posterFonts{}
	for _, file := range [][]byte{own, gomedium.TTF} {
		if len(file) == 0 {
			continue
		}
		if collection, err := opentype.ParseCollection(file); err == nil && collection.NumFonts() > 0 {
			if f, err := collection.Font(0); err == nil {
				p.fonts = append(p.fonts, f)
			}
		}
	}
	return p
}

// ValidFont reports whether a file can be used as PosterFont.
func ValidFont(file []byte) bool { return len(newPosterFonts(file).fonts) == 2 }

// face is the first font that has every character of a text, or nil.
func (p *posterFonts) face(text string, size float64) font.Face {
	var buffer sfnt.Buffer
	for _, f := range p.fonts {
		complete := true
		for _, r := range text {
			at, err := f.GlyphIndex(&buffer, r)
			complete = complete && err == nil && at != 0
		}
		if !complete {
			continue
		}
		if face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone}); err == nil {
			return face
		}
	}
	return nil
}

// A6 at 300 dots per inch.
const (
	posterWidth, posterHeight = 1240, 1748
	dotsPerMetre              = 11811
)

var (
	green = color.RGBA{0x0a, 0x7d, 0x45, 0xff}
	ink   = color.RGBA{0x15, 0x20, 0x1a, 0xff}
	pale  = color.RGBA{0xd5, 0xef, 0xe1, 0xff}
)

func (h handlers) posterPNG(c *fiber.Ctx) error {
	p, err := h.posterOf(c)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, h.poster.draw(p)); err != nil {
		return err
	}
	private(c)
	c.Set(fiber.HeaderContentType, "image/png")
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	return c.Send(withResolution(out.Bytes()))
}

// draw lays the sheet out as poster.svg does.
func (p *posterFonts) draw(from poster) image.Image {
	sheet := image.NewRGBA(image.Rect(0, 0, posterWidth, posterHeight))
	draw.Draw(sheet, sheet.Bounds(), image.NewUniform(green), image.Point{}, draw.Src)
	frame := image.Rect(100, 342, 1140, 1334)
	if from.Amount != "" {
		frame.Max.Y = 1476
	}
	draw.Draw(sheet, frame, image.White, image.Point{}, draw.Src)
	p.drawTitle(sheet, from)
	from.QR.drawInto(sheet, image.Pt(posterWidth/2, 390), 900)
	hintAt, captionAt := 1460, 1568
	if from.Amount != "" {
		p.line(sheet, "¥"+from.Amount, 1405, 113, ink)
		hintAt, captionAt = 1570, 1648
	}
	if p.face(from.Hint, 1) == nil {
		from.Hint = say(english, "poster_hint")
	}
	p.line(sheet, from.Hint, hintAt, 56, color.White)
	if from.Caption != "" {
		p.line(sheet, from.Caption, captionAt, 45, color.White)
	}
	p.line(sheet, from.Code, 1714, 31, pale)
	return sheet
}

// drawTitle falls back to the code's id, which is always Latin.
func (p *posterFonts) drawTitle(sheet draw.Image, from poster) {
	lines := wrap(from.Title, titleColumns, maxTitleLines)
	if p.face(from.Title+"…", 1) == nil && p.face(from.Title, 1) == nil {
		lines = []string{from.Code}
	}
	if len(lines) == 1 {
		p.line(sheet, lines[0], 230, 90, color.White)
		return
	}
	p.line(sheet, lines[0], 164, 78, color.White)
	p.line(sheet, lines[1], 270, 78, color.White)
}

// line writes a line in the middle, smaller if it has to be.
func (p *posterFonts) line(sheet draw.Image, text string, y int, size float64, in color.Color) {
	const room = posterWidth - 160
	face := p.face(text, size)
	if face == nil {
		return
	}
	if width := font.MeasureString(face, text).Ceil(); width > room {
		face = p.face(text, size*room/float64(width))
	}
	d := font.Drawer{Dst: sheet, Src: image.NewUniform(in), Face: face}
	d.Dot = fixed.Point26_6{X: fixed.I(posterWidth/2) - d.MeasureString(text)/2, Y: fixed.I(y)}
	d.DrawString(text)
}

// withResolution tells printers how large the image is: a pHYs chunk after the header.
func withResolution(file []byte) []byte {
	const afterHeader = 8 + 25
	chunk := make([]byte, 4, 21)
	binary.BigEndian.PutUint32(chunk, 9)
	chunk = append(chunk, "pHYs"...)
	chunk = binary.BigEndian.AppendUint32(chunk, dotsPerMetre)
	chunk = binary.BigEndian.AppendUint32(chunk, dotsPerMetre)
	chunk = append(chunk, 1) // per metre
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	return append(append(file[:afterHeader:afterHeader], chunk...), file[afterHeader:]...)
}
