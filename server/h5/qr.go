package h5

import (
	"fmt"
	"image"
	"image/draw"
	"strings"

	"rsc.io/qr"
)

// qrCode is a QR code as one path of an SVG: a unit is a module, the margin of four modules
// that scanners need is part of it.
type qrCode struct {
	Size int    `json:"size"`
	Path string `json:"path"`
	code *qr.Code
}

const qrMargin = 4

// drawQR draws a text with a quarter of the code to spare (level M, which WeChat's own codes
// have).
func drawQR(text string) (*qrCode, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil, err
	}
	return &qrCode{Size: code.Size + 2*qrMargin, Path: pathOf(code), code: code}, nil
}

func pathOf(code *qr.Code) string {
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			start := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > start {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", start+qrMargin, y+qrMargin, x-start, x-start)
			}
		}
	}
	return path.String()
}

// drawInto draws the code into an image, as large as whole modules fit into side, with its
// top at and in the middle of top.
func (q *qrCode) drawInto(to draw.Image, top image.Point, side int) {
	module := side / q.Size
	origin := image.Pt(top.X-module*q.Size/2, top.Y+(side-module*q.Size)/2)
	for y := range q.code.Size {
		for x := range q.code.Size {
			if q.code.Black(x, y) {
				at := origin.Add(image.Pt((x+qrMargin)*module, (y+qrMargin)*module))
				draw.Draw(to, image.Rectangle{Min: at, Max: at.Add(image.Pt(module, module))}, image.Black, image.Point{}, draw.Src)
			}
		}
	}
}
