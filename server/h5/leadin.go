package h5

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"wxhub/model"
	"wxhub/pay"
)

// maxRemark is the longest remark, in characters. WeChat Pay takes 128 as attach.
const maxRemark = 60

// leadInPage asks for the amount.
type leadInPage struct {
	frame
	Code      string
	Initial   string // first character of the shop's name
	Min, Max  string // yuan
	Amount    string // yuan, typed before or fixed
	Fixed     bool   // the link gave the amount
	Remark    string
	MaxRemark int
	Attempt   string // makes a second tap the same order
	Fault     string // what was wrong with the last try
}

// leadIn shows the page of a collect code.
func (h handlers) leadIn(c *fiber.Ctx, v visit) error {
	code, ok := h.Pay.CollectCode(c.Params("code"))
	if !ok {
		return errNoCode
	}
	if done, err := h.ready(c, v, code); done || err != nil {
		return err
	}
	p := h.leadInPage(v, code)
	if fen, ok := parseFen(c.Query("amount")); ok && fen >= code.Min && fen <= code.Max {
		p.Amount, p.Fixed = fen.String(), true
	}
	return render(c, http.StatusOK, "lead_in.html", p)
}

// ready makes sure that the visitor could pay if they gave an amount. done means that the
// answer is written.
func (h handlers) ready(c *fiber.Ctx, v visit, code pay.CollectCode) (done bool, err error) {
	if v.elsewhere() {
		return true, h.sendElsewhere(c, v, code.Title)
	}
	return h.recognise(c, v, h.account(code.MerchantID, code.SubMerchantID))
}

func (h handlers) leadInPage(v visit, code pay.CollectCode) leadInPage {
	raw := make([]byte, 16)
	_, _ = rand.Read(raw) // crypto/rand does not fail
	first, _ := utf8.DecodeRuneInString(code.Title)
	p := leadInPage{
		frame: v.frame(code.Title), Code: code.ID, Initial: strings.ToUpper(string(first)), Min: code.Min.String(), Max: code.Max.String(),
		MaxRemark: maxRemark, Attempt: base64.RawURLEncoding.EncodeToString(raw),
	}
	p.Head = say(v.lang, "pay_to", code.Title)
	return p
}

var attemptShape = regexp.MustCompile(`^[A-Za-z0-9_-]{22}$`)

// collect takes the amount and makes the order. A form that is sent twice makes one.
func (h handlers) collect(c *fiber.Ctx, v visit) error {
	code, ok := h.Pay.CollectCode(c.Params("code"))
	if !ok {
		return errNoCode
	}
	if err := h.change(c, v); err != nil {
		return err
	}
	// The login is at another site, where a form may not lead: the page says so instead.
	if done, err := h.stale(c, v, code); done || err != nil {
		return err
	}
	typed, remark, attempt := c.FormValue("amount"), strings.TrimSpace(c.FormValue("remark")), c.FormValue("attempt")
	fen, err := parseYuan(typed)
	if err == nil && (!attemptShape.MatchString(attempt) || utf8.RuneCountInString(remark) > maxRemark) {
		err = model.InvalidField("remark", "must have at most %d characters", maxRemark)
	}
	var o model.Order
	if err == nil {
		o, err = h.Pay.Create(c.UserContext(), pay.CreateRequest{
			CollectCode: code.ID, Amount: fen, Attach: remark, UserID: v.userID,
		}, pay.IdempotencyKey{Scope: "h5:" + code.ID + ":" + v.userID, Key: fmt.Sprintf("%s:%d:%s", attempt, fen, remark)})
	}
	if e := model.AsError(err); err != nil && e.Kind == model.KindInvalid {
		return h.askAgain(c, v, code, e, typed, remark)
	}
	if err != nil {
		return err
	}
	private(c)
	return c.Redirect("/pay/"+o.ID+"#pay", http.StatusSeeOther)
}

// stale answers a form of somebody who is logged in no more.
func (h handlers) stale(c *fiber.Ctx, v visit, code pay.CollectCode) (done bool, err error) {
	if v.elsewhere() {
		return true, h.sendElsewhere(c, v, code.Title)
	}
	if v.scene != SceneWeChat {
		return false, nil
	}
	known, err := h.known(c, v, h.account(code.MerchantID, code.SubMerchantID))
	if known || err != nil {
		return false, err
	}
	return true, render(c, http.StatusForbidden, "message.html", messagePage{
		frame: v.frame(say(v.lang, "login_over")), Mark: "stop", Text: say(v.lang, "login_over_text"),
		To: "/c/" + code.ID, ToSay: say(v.lang, "again"),
	})
}

// askAgain shows the page with what was typed and what is wrong with it.
func (h handlers) askAgain(c *fiber.Ctx, v visit, code pay.CollectCode, e *model.Error, typed, remark string) error {
	p := h.leadInPage(v, code)
	switch {
	case errors.Is(e, errYuan), len(e.Fields) > 0 && e.Fields[0].Name == "amount":
		p.Fault = say(v.lang, "limits", p.Min, p.Max)
	default:
		p.Fault = say(v.lang, "remark_fault", maxRemark)
	}
	if yuanShape.MatchString(typed) {
		p.Amount = typed
	}
	if utf8.ValidString(remark) && utf8.RuneCountInString(remark) <= 2*maxRemark {
		p.Remark = remark
	}
	return render(c, http.StatusUnprocessableEntity, "lead_in.html", p)
}
