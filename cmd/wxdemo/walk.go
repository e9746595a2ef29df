package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"wxhub/cmd/wxdemo/stack"
	"wxhub/model"
	"wxhub/wx/sandbox"
)

// price of the tea that is bought, in fen.
const price = 1990

// walk does the main job as a mini-program and a shop would, and stops at the first
// step that fails.
func walk(ctx context.Context, s *stack.Stack, out *console) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	out.line("wxhub: a mini-program user logs in and pays, against a WeChat on this machine")
	w := &walker{stack: s, out: out, app: miniProgram(s), merchant: merchantOf(s)}
	for _, step := range []func(context.Context) error{
		w.login, w.order, w.prepay, w.confirm, w.paid, w.event, w.door, w.forgery,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	out.line("\n %s in %s. Simulated: WeChat and the payer's thumb. Real: every signature, every byte, the store.",
		out.paint("1;32", "The order is paid"), time.Since(out.begun).Round(10*time.Millisecond))
	return nil
}

// walker carries what one step leaves for the next.
type walker struct {
	stack         *stack.Stack
	out           *console
	app, merchant string
	user          sandbox.User
	session       string
	userID        string
	orderID       string
	invoke        sandbox.Invocation
	seen          int64 // of the sandbox's log
}

func (w *walker) login(ctx context.Context) error {
	var err error
	if w.user, err = w.payer(); err != nil {
		return err
	}
	code, err := w.stack.Sandbox.LoginCode(w.app, w.user.ID)
	if err != nil {
		return err
	}
	var session struct {
		Token   string `json:"token"`
		NewUser bool   `json:"new_user"`
		User    struct {
			ID         string `json:"id"`
			UnionID    string `json:"union_id"`
			Identities []struct {
				AppID  string `json:"app_id"`
				OpenID string `json:"open_id"`
			} `json:"identities"`
		} `json:"user"`
	}
	call := request{method: http.MethodPost, path: "/v1/login/mini-program", body: map[string]string{"app_id": w.app, "code": code}}
	if err := w.call(ctx, call, http.StatusOK, &session); err != nil {
		return err
	}
	w.session, w.userID = session.Token, session.User.ID
	w.out.step("the mini-program, with the code of wx.login", "Log in")
	w.facts()
	for _, i := range session.User.Identities {
		if i.AppID == w.app {
			w.out.fact("openid", "%s in app %s", i.OpenID, w.app)
		}
	}
	w.out.fact("unionid", "%s", session.User.UnionID)
	again := "known from an earlier run"
	if session.NewUser {
		again = "new"
	}
	w.out.fact("user", "%s (%s); session_key stays on the server", session.User.ID, again)
	return nil
}

func (w *walker) order(ctx context.Context) error {
	var o order
	err := w.call(ctx, request{
		method: http.MethodPost, path: "/v1/orders", bearer: w.stack.APIKey,
		body: map[string]any{"merchant_id": w.merchant, "amount": price, "description": "A pot of tea"},
	}, http.StatusCreated, &o)
	if err != nil {
		return err
	}
	w.orderID = o.ID
	w.out.step("the shop's backend, with its API key", "Create an order")
	w.out.fact("order", "%s, ¥%s (%d fen), %s", o.ID, model.Fen(o.Amount), o.Amount, o.Status)
	return nil
}

func (w *walker) prepay(ctx context.Context) error {
	var p struct {
		Payment struct {
			OutTradeNo string `json:"out_trade_no"`
		} `json:"payment"`
		Invoke sandbox.Invocation `json:"invoke"`
	}
	call := request{method: http.MethodPost, path: "/v1/orders/" + w.orderID + "/prepay", bearer: w.session, body: map[string]string{"method": "mini_program"}}
	if err := w.call(ctx, call, http.StatusOK, &p); err != nil {
		return err
	}
	w.invoke = p.Invoke
	w.out.step("the mini-program, with its session", "Prepay")
	w.facts()
	w.out.fact("signed", "WECHATPAY2-SHA256-RSA2048 with the merchant's key; the answer verified with WeChat Pay's")
	w.out.fact("out_trade_no", "%s", p.Payment.OutTradeNo)
	w.out.fact("package", "%s", p.Invoke.Package)
	w.out.fact("paySign", "%.40s… (RSA)", p.Invoke.PaySign)
	return nil
}

func (w *walker) confirm(context.Context) error {
	prepayID, err := w.stack.Sandbox.CheckInvocation(w.invoke)
	if err != nil {
		return fmt.Errorf("the phone refuses the paySign: %w", err)
	}
	payment, err := w.stack.Sandbox.Pay(prepayID, w.user.ID, sandbox.PaySuccess)
	if err != nil {
		return err
	}
	w.out.step("the payer, in wx.requestPayment's sheet", "Confirm on the phone")
	w.out.fact("paySign", "verified by the phone")
	w.out.fact("transaction_id", "%s", payment.TransactionID)
	return nil
}

func (w *walker) paid(ctx context.Context) error {
	var o order
	for o.Status != "paid" {
		if err := w.call(ctx, request{method: http.MethodGet, path: "/v1/orders/" + w.orderID, bearer: w.session}, http.StatusOK, &o); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the order is %s: the notification did not arrive", o.Status)
		case <-time.After(20 * time.Millisecond):
		}
	}
	w.out.step("WeChat Pay, by a signed and encrypted notification", "Paid")
	w.facts()
	w.out.fact("checked", "signature → ±300 s → AEAD_AES_256_GCM → merchant, app, number, amount → stored → 204")
	w.out.fact("order", "%s, ¥%s, paid at %s", o.Status, model.Fen(o.Amount), o.PaidAt.Local().Format(time.TimeOnly))
	return nil
}

func (w *walker) event(ctx context.Context) error {
	e, err := w.stack.Shop.Wait(ctx, w.orderID, "order.paid")
	if err != nil {
		return err
	}
	w.out.step("wxhub, from the outbox in its store", "Tell the shop")
	w.out.fact("webhook", "%s %s, signature verified by the shop (Standard Webhooks)", e.Type, e.ID)
	return nil
}

// forgery shows what happens to somebody who only knows the URL.
func (w *walker) forgery(ctx context.Context) error {
	var answer struct {
		Code string `json:"code"`
	}
	path := "/v1/notify/wechat-pay/" + w.merchant
	call := request{method: http.MethodPost, path: path, body: map[string]string{"event_type": "TRANSACTION.SUCCESS"}}
	if err := w.call(ctx, call, http.StatusUnauthorized, &answer); err != nil {
		return err
	}
	w.out.step("somebody who only knows the URL", "A forged notification is refused")
	w.out.fact("answer", `401 {"code":"%s"}, and nothing changed`, answer.Code)
	return nil
}
