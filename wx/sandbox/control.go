package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// Control answers /sandbox/* only, to run the control API on a port of its own.
func (p *Platform) Control() http.Handler {
	mux := http.NewServeMux()
	for pattern, serve := range p.controls() {
		mux.HandleFunc(pattern, serve)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, http.StatusNotFound, "not_found", "no such control call: "+r.Method+" "+r.URL.Path+"; GET /sandbox/console lists them")
	})
	return mux
}

// controls are all control calls, by pattern of http.ServeMux.
func (p *Platform) controls() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /sandbox/{$}":                         p.phonePage,
		"GET /sandbox/console":                     p.consolePage,
		"GET /sandbox/phone/static/{file}":         p.phoneFile,
		"GET /sandbox/users":                       p.controlUsers,
		"POST /sandbox/users":                      p.controlCreateUser,
		"POST /sandbox/login-codes":                p.controlLoginCode,
		"POST /sandbox/phone-codes":                p.controlPhoneCode,
		"POST /sandbox/encrypted-data":             p.controlEncryptedData,
		"POST /sandbox/consents":                   p.controlConsent,
		"POST /sandbox/snapshots":                  p.controlSnapshot,
		"POST /sandbox/phone/inside":               p.phoneInside,
		"GET /sandbox/phone/state":                 p.phoneState,
		"POST /sandbox/phone/view":                 p.phoneView,
		"POST /sandbox/phone/original":             p.phoneOriginal,
		"POST /sandbox/phone/sheet":                p.phoneSheet,
		"POST /sandbox/phone/page-config":          p.phonePageConfig,
		"POST /sandbox/phone/request":              p.phoneRequest,
		"POST /sandbox/phone/user":                 p.phoneUser,
		"POST /sandbox/phone/consent":              p.phoneConsent,
		"POST /sandbox/apps/bind":                  p.controlBind,
		"POST /sandbox/apps/migrate":               p.controlMigrate,
		"POST /sandbox/apps/push":                  p.controlSetPush,
		"POST /sandbox/follow":                     p.controlFollow,
		"POST /sandbox/unfollow":                   p.controlUnfollow,
		"POST /sandbox/scan":                       p.controlScan,
		"POST /sandbox/menu-click":                 p.controlMenuClick,
		"POST /sandbox/messages":                   p.controlMessage,
		"POST /sandbox/revoke":                     p.controlWithdraw,
		"POST /sandbox/cancel":                     p.controlCancel,
		"POST /sandbox/events":                     p.controlEvent,
		"POST /sandbox/pay":                        p.controlPay,
		"POST /sandbox/pay-codes":                  p.controlPayCode,
		"POST /sandbox/pay-codes/confirm":          p.controlPassword,
		"GET /sandbox/orders":                      p.controlOrders,
		"GET /sandbox/refunds":                     p.controlRefunds,
		"POST /sandbox/refunds/outcome":            p.controlRefundOutcome,
		"POST /sandbox/bills/dirt":                 p.controlBillDirt,
		"POST /sandbox/transfers/confirm":          p.controlConfirmTransfer,
		"GET /sandbox/profit-sharings":             p.controlSharings,
		"POST /sandbox/profit-sharings/fail":       p.controlFailProfit,
		"POST /sandbox/merchants/profit-url":       p.controlProfitURL,
		"GET /sandbox/ledger":                      p.controlLedger,
		"POST /sandbox/merchants/verification":     p.controlVerification,
		"POST /sandbox/merchants/rotate":           p.controlRotate,
		"POST /sandbox/phone/h5":                   p.phoneH5,
		"GET /sandbox/faults":                      p.controlFaults,
		"POST /sandbox/faults":                     p.controlAddFault,
		"DELETE /sandbox/faults":                   p.controlClearFaults,
		"POST /sandbox/tokens/revoke":              p.controlRevoke,
		"POST /sandbox/apps/ip-allow-list":         p.controlAllowIPs,
		"GET /sandbox/log":                         p.controlLog,
		"GET /sandbox/clock":                       p.controlClock,
		"POST /sandbox/clock":                      p.controlAdvance,
		"POST /sandbox/reset":                      p.controlReset,
		"GET /sandbox/credentials":                 p.controlCredentials,
		"GET /sandbox/config.yaml":                 p.controlConfig,
		"GET /sandbox/applyments":                  p.controlApplyments,
		"POST /sandbox/applyments/{business_code}": p.controlApplyment,
		"POST /sandbox/settlements/refuse":         p.controlRefuseSettlement,
	}
}

// controlError is the body of every refusal of the control API.
type controlError struct {
	Code    string `json:"code"`
	Message string `json:"message"` // what is wrong and what to do
}

func fail(w http.ResponseWriter, status int, code, message string) {
	answer(w, status, controlError{code, message})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(append(encode(body), '\n'))
}

// refuse maps errors of the Go face to HTTP, here and nowhere else.
func refuse(w http.ResponseWriter, err error) {
	var phone *PhoneError
	switch {
	case errors.Is(err, ErrNoUser):
		fail(w, http.StatusNotFound, "no_user", err.Error())
	case errors.Is(err, ErrNoApp):
		fail(w, http.StatusNotFound, "no_app", err.Error())
	case errors.Is(err, ErrNoMerchant):
		fail(w, http.StatusNotFound, "no_merchant", err.Error())
	case errors.Is(err, ErrRefundSettled):
		fail(w, http.StatusConflict, "refund_settled", err.Error())
	case errors.Is(err, ErrNoPublicKey):
		fail(w, http.StatusConflict, "no_public_key", err.Error())
	case errors.Is(err, ErrRotation):
		fail(w, http.StatusConflict, "rotation", err.Error())
	case errors.Is(err, ErrNoTransfer):
		fail(w, http.StatusNotFound, "no_transfer", err.Error())
	case errors.Is(err, ErrNoApplyment):
		fail(w, http.StatusNotFound, "no_applyment", err.Error())
	case errors.Is(err, ErrApplymentState):
		fail(w, http.StatusConflict, "applyment_state", err.Error())
	case errors.Is(err, ErrNoSettlementChange):
		fail(w, http.StatusNotFound, "no_settlement_change", err.Error())
	case errors.Is(err, ErrNoPrepay):
		fail(w, http.StatusNotFound, "no_prepay", err.Error())
	case errors.Is(err, ErrNoPayCode):
		fail(w, http.StatusNotFound, "no_pay_code", err.Error())
	case errors.Is(err, ErrNotUserPaying):
		fail(w, http.StatusConflict, "not_user_paying", err.Error())
	case errors.Is(err, ErrFollowing), errors.Is(err, ErrNotFollowing):
		fail(w, http.StatusConflict, "following", err.Error())
	case errors.Is(err, ErrPushCheck):
		fail(w, http.StatusConflict, "url_check_failed", err.Error())
	case errors.Is(err, ErrNoPushURL):
		fail(w, http.StatusConflict, "no_push_url", err.Error())
	case errors.Is(err, ErrNoSession):
		fail(w, http.StatusConflict, "no_session", err.Error())
	case errors.Is(err, ErrUserExists):
		fail(w, http.StatusConflict, "user_exists", err.Error())
	case errors.As(err, &phone):
		fail(w, http.StatusConflict, "phone_refuses", phone.Text)
	default:
		fail(w, http.StatusUnprocessableEntity, "bad_input", err.Error())
	}
}

// read decodes a body strictly into v. After a false the refusal is written.
func read(w http.ResponseWriter, r *http.Request, v any) bool {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		fail(w, http.StatusRequestEntityTooLarge, "too_large", "the body could not be read: "+err.Error())
		return false
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	decoder.UseNumber() // of free content: message ids are longer than a float holds
	if err := decoder.Decode(v); err != nil {
		fail(w, http.StatusBadRequest, "bad_json", "the body is one JSON object of known fields: "+err.Error())
		return false
	}
	if _, err := decoder.Token(); err != io.EOF {
		fail(w, http.StatusBadRequest, "bad_json", "something follows the JSON object")
		return false
	}
	return true
}
