package sandbox

import "net/http"

// channel is one way to pay: one pair of prepay endpoints.
type channel struct {
	path      string // the last part of the endpoints
	tradeType string
	payer     bool // payer is part of the body, and required
	h5        bool // scene_info with h5_info is required
	answer    func(given string) any
}

func channels() []channel {
	return []channel{
		{path: "jsapi", tradeType: TradeJSAPI, payer: true, answer: func(given string) any { return prepayAnswer{given} }},
		{path: "native", tradeType: TradeNative, answer: func(given string) any { return nativeAnswer{given} }},
		{path: "h5", tradeType: TradeH5, h5: true, answer: func(given string) any { return h5Answer{given} }},
		{path: "app", tradeType: TradeApp, answer: func(given string) any { return prepayAnswer{given} }},
	}
}

// prepayAnswer carries the prepay_id, good for two hours.
type prepayAnswer struct {
	PrepayID string `json:"prepay_id"`
}

// nativeAnswer carries the content of a QR code, good for two hours or until the next one.
type nativeAnswer struct {
	CodeURL string `json:"code_url"`
}

// h5Answer carries the page to send the browser to, good for five minutes.
type h5Answer struct {
	H5URL string `json:"h5_url"`
}

// payEndpoints are the calls about payments, direct below /v3/pay/transactions/, of service providers below
// /v3/pay/partner/transactions/.
func payEndpoints() []v3Endpoint {
	var out []v3Endpoint
	for _, partner := range []bool{false, true} {
		root := "/v3/pay/transactions/"
		if partner {
			root = "/v3/pay/partner/transactions/"
		}
		as := func(serve v3Serve) v3Serve {
			return func(p *Platform, in *v3Call) (any, error) {
				in.partner = partner
				return serve(p, in)
			}
		}
		for _, c := range channels() {
			out = append(out, v3Endpoint{http.MethodPost, root + c.path, as(c.prepay)})
		}
		out = append(out,
			v3Endpoint{http.MethodPost, root + "codepay", as((*Platform).codePay)},
			v3Endpoint{http.MethodPost, root + "out-trade-no/{out_trade_no}/reverse", as((*Platform).reverseOrder)},
			v3Endpoint{http.MethodGet, root + "out-trade-no/{out_trade_no}", as((*Platform).queryByNumber)},
			v3Endpoint{http.MethodGet, root + "id/{transaction_id}", as((*Platform).queryByTransaction)},
			v3Endpoint{http.MethodPost, root + "out-trade-no/{out_trade_no}/close", as((*Platform).closeOrder)})
	}
	return out
}
