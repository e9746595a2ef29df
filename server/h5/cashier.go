package h5

import (
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"wxhub/identity"
	"wxhub/model"
)

// State is what a page needs to know of an order.
type State string

// The states. All but StatePayable have a result page.
const (
	StatePayable  State = "payable"
	StatePaid     State = "paid"
	StateRefunded State = "refunded" // wholly or in part
	StateClosed   State = "closed"
	StateExpired  State = "expired" // nobody can begin to pay, and it is not closed yet
)

func stateOf(o model.Order, now time.Time) State {
	switch o.Status {
	case model.OrderPaid:
		return StatePaid
	case model.OrderRefunded, model.OrderPartiallyRefunded:
		return StateRefunded
	case model.OrderClosed:
		return StateClosed
	}
	if !now.Before(o.ExpiresAt) {
		return StateExpired
	}
	return StatePayable
}

// orderPage is the cashier, and the result.
type orderPage struct {
	frame
	ID        string
	State     State
	Scene     Scene
	Amount    string // yuan
	Refunded  string // yuan; "" when nothing is
	Partly    bool   // a part of it only
	Collected bool   // the order comes from a collect code, so its title is the shop
	Remark    string
	PaidAt    string
	Left      int64  // seconds until it expires
	Returning bool   // WeChat Pay's H5 page sent the browser back
	Another   string // where to pay once more; "" for a backend's order
}

// cashier shows an order: the way to pay it, or what has become of it.
func (h handlers) cashier(c *fiber.Ctx, v visit) error {
	o, err := h.Pay.Visible(c.UserContext(), c.Params("id"), v.caller())
	if err != nil && model.CodeOf(err) == "not_your_order" && v.scene == SceneWeChat {
		if done, failed := h.stranger(c, v); done || failed != nil {
			return failed
		}
	}
	if err != nil {
		return err
	}
	state := stateOf(o, h.Now())
	p := h.orderPage(v, o, state)
	p.Returning = c.Query("from") == "h5"
	if state != StatePayable {
		p.Head = p.Say(string(state))
		return render(c, http.StatusOK, "result.html", p)
	}
	if v.elsewhere() {
		return h.sendElsewhere(c, v, o.Description)
	}
	if done, err := h.recognise(c, v, h.account(o.MerchantID, o.SubMerchantID)); done || err != nil {
		return err
	}
	if v.scene == ScenePhone {
		c.Set(fiber.HeaderReferrerPolicy, referrerH5)
	}
	return render(c, http.StatusOK, "cashier.html", p)
}

// stranger finds out who a visitor inside WeChat is, to whom the order does not belong as
// far as is known: they log in silently first, and then with consent, which brings their
// UnionID and joins them with who they are in another app. done means that the answer is
// written.
func (h handlers) stranger(c *fiber.Ctx, v visit) (done bool, err error) {
	o, err := h.Pay.Visible(c.UserContext(), c.Params("id"), backend)
	if err != nil {
		return false, err
	}
	account := h.account(o.MerchantID, o.SubMerchantID)
	scope, _, _ := strings.Cut(c.Query(loginMark), ".")
	switch {
	case account == "":
		return false, nil
	case v.userID == "":
		return h.recognise(c, v, account)
	case scope == loginFull:
		return false, nil
	}
	return true, h.toLogin(c, account, identity.ScopeUserInfo, loginFull)
}

// china is the time zone of everything that a payer reads.
var china = time.FixedZone("UTC+8", 8*60*60)

func (h handlers) orderPage(v visit, o model.Order, state State) orderPage {
	p := orderPage{
		frame: v.frame(o.Description), ID: o.ID, State: state, Scene: v.scene, Collected: o.CollectCode != "", Amount: o.Amount.String(),
		Remark: o.Attach, Left: max(int64(o.ExpiresAt.Sub(h.Now()).Seconds()), 0),
	}
	if o.CollectCode == "" {
		p.Remark = "" // a backend's attach is not for people
	} else if _, ok := h.Pay.CollectCode(o.CollectCode); ok {
		p.Another = "/c/" + o.CollectCode
	}
	if o.AmountRefunded > 0 {
		p.Refunded, p.Partly = o.AmountRefunded.String(), o.AmountRefunded < o.Amount
	}
	if !o.PaidAt.IsZero() {
		p.PaidAt = o.PaidAt.In(china).Format(time.DateTime)
	}
	p.Head = p.Say("pay_to", o.Description)
	return p
}
