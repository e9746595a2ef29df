package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// v3Serve answers one call; a nil answer is 204.
type v3Serve func(*Platform, *v3Call) (any, error)

// v3Endpoint is one method and path; parts of the pattern in braces are handed on.
type v3Endpoint struct {
	method, pattern string
	serve           v3Serve
}

// v3Endpoints are the calls of WeChat Pay that are simulated.
func v3Endpoints() []v3Endpoint {
	return append(slices.Concat(payEndpoints(), combineEndpoints(), transferEndpoints(), profitEndpoints(), applymentEndpoints()),
		v3Endpoint{http.MethodPost, "/v3/refund/domestic/refunds", (*Platform).createRefund},
		v3Endpoint{http.MethodGet, "/v3/refund/domestic/refunds/{out_refund_no}", (*Platform).queryRefund},
		v3Endpoint{http.MethodPost, "/v3/refund/domestic/refunds/{refund_id}/apply-abnormal-refund", (*Platform).abnormalRefund},
		v3Endpoint{http.MethodGet, "/v3/bill/tradebill", (*Platform).tradeBill},
		v3Endpoint{http.MethodGet, "/v3/bill/fundflowbill", (*Platform).fundFlowBill},
		v3Endpoint{http.MethodGet, "/v3/billdownload/file", (*Platform).downloadBill},
		v3Endpoint{http.MethodPost, "/v3/security/echo", (*Platform).echo},
		v3Endpoint{http.MethodGet, "/v3/certificates", (*Platform).certificates})
}

// v3Route finds the endpoint of an escaped path and the decoded parts of it. http.ServeMux is not used: it
// answers unclean paths and wrong methods in its own words, unsigned.
func v3Route(method, path string) (v3Serve, map[string]string) {
	for _, e := range v3Endpoints() {
		if parts, fits := matchPath(e.pattern, path); fits && e.method == method {
			return e.serve, parts
		}
	}
	return nil, nil
}

func matchPath(pattern, path string) (map[string]string, bool) {
	wanted, given := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(wanted) != len(given) {
		return nil, false
	}
	parts := map[string]string{}
	for i, name := range wanted {
		value, err := url.PathUnescape(given[i])
		if err != nil {
			return nil, false
		}
		if strings.HasPrefix(name, "{") {
			parts[strings.Trim(name, "{}")] = value
		} else if name != value {
			return nil, false
		}
	}
	return parts, true
}
