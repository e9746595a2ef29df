package h5

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"wxhub/model"
	"wxhub/pay"
)

// poster is the sheet to print, A6.
type poster struct {
	Title   string
	Code    string // id of the collect code
	Amount  string // yuan; "" leaves it to the payer
	Caption string
	Hint    string
	Address string // what the QR code leads to
	QR      *qrCode
}

const maxCaption = 40

// posterOf reads what is wanted. Errors: collect_code_unknown, invalid_input.
func (h handlers) posterOf(c *fiber.Ctx) (poster, error) {
	if err := h.visitors.Allow(h.Proxies.ClientIP(c.IP(), c.Get(fiber.HeaderXForwardedFor))); err != nil {
		return poster{}, err
	}
	code, ok := h.Pay.CollectCode(c.Params("code"))
	if !ok {
		return poster{}, errNoCode
	}
	p := poster{
		Title: code.Title, Code: code.ID, Caption: strings.TrimSpace(c.Query("caption")),
		Hint: say(chinese, "poster_hint"), Address: h.PublicURL + "/c/" + code.ID,
	}
	if !utf8.ValidString(p.Caption) || utf8.RuneCountInString(p.Caption) > maxCaption || strings.ContainsFunc(p.Caption, unicode.IsControl) {
		return p, model.InvalidField("caption", "must have at most %d characters in one line", maxCaption)
	}
	if text := c.Query("amount"); text != "" {
		fen, err := posterAmount(text, code)
		if err != nil {
			return p, err
		}
		p.Amount = fen.String()
		p.Address += "?" + url.Values{"amount": {text}}.Encode()
	}
	var err error
	p.QR, err = drawQR(p.Address)
	return p, err
}

func posterAmount(text string, code pay.CollectCode) (model.Fen, error) {
	fen, ok := parseFen(text)
	if !ok || fen < code.Min || fen > code.Max {
		return 0, model.InvalidField("amount", "must be from %d to %d fen for this code", code.Min, code.Max)
	}
	return fen, nil
}

// svgPoster is a poster with its lines laid out: the SVG names fonts of the reader's system.
type svgPoster struct {
	poster
	Lines         []string // of the title
	QRScale       string
	QRLeft, QRTop int
}

// posterSVG draws with the fonts of whoever opens the file, so it has every character.
func (h handlers) posterSVG(c *fiber.Ctx) error {
	p, err := h.posterOf(c)
	if err != nil {
		return err
	}
	var out strings.Builder
	err = templates.ExecuteTemplate(&out, "poster.svg", layOut(p))
	if err != nil {
		return err
	}
	private(c)
	c.Set(fiber.HeaderContentType, "image/svg+xml")
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'")
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	return c.SendString(out.String())
}

// Units of the sheet: a tenth of a millimetre. A6 is 105 × 148 mm.
const (
	sheetWidth, sheetHeight = 1050, 1480
	qrSide, qrTop           = 760, 330
	titleColumns            = 26 // of half a Chinese character each
	maxTitleLines           = 2
)

func layOut(p poster) svgPoster {
	return svgPoster{
		poster: p, Lines: wrap(p.Title, titleColumns, maxTitleLines),
		QRScale: ratio(qrSide, p.QR.Size), QRLeft: (sheetWidth - qrSide) / 2, QRTop: qrTop,
	}
}

// ratio is a/b with four decimals.
func ratio(a, b int) string {
	tenThousandths := a * 10_000 / b
	return fmt.Sprintf("%d.%04d", tenThousandths/10_000, tenThousandths%10_000)
}

// wrap breaks a title into lines of so many columns; what does not fit ends with an ellipsis.
func wrap(text string, columns, lines int) []string {
	var out []string
	line, width := "", 0
	for _, r := range text {
		w := 1
		if r > 0x2e80 {
			w = 2
		}
		if width+w > columns {
			if len(out) == lines-1 {
				return append(out, strings.TrimSpace(line)+"…")
			}
			// A word stays whole where there is a space to break at.
			head, tail := line, ""
			if cut := strings.LastIndexByte(line, ' '); cut > 0 && w == 1 && r != ' ' {
				head, tail = line[:cut], line[cut+1:]
			}
			out, line, width = append(out, head), tail, len(tail)
		}
		line += string(r)
		width += w
	}
	return append(out, strings.TrimSpace(line))
}
