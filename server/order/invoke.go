package order

import (
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"wxhub/pay"
	"wxhub/wx"
)

// invoke is what the client hands to WeChat: one of several shapes, by method.
type invoke pay.Invoke

// byCodeURL and byH5URL are the shapes that are made of one URL.
type (
	byCodeURL struct {
		CodeURL string `json:"code_url" doc:"native: show it as a QR code"`
	}
	byH5URL struct {
		H5URL string `json:"h5_url" doc:"h5: open it in the payer's browser, from a page of a domain that WeChat Pay knows"`
	}
)

// MarshalJSON gives whichever there is.
func (i invoke) MarshalJSON() ([]byte, error) {
	switch {
	case i.JSAPI != nil:
		return json.Marshal(i.JSAPI)
	case i.App != nil:
		return json.Marshal(i.App)
	case i.CodeURL != "":
		return json.Marshal(byCodeURL{i.CodeURL})
	}
	return json.Marshal(byH5URL{i.H5URL})
}

// Schema says so in the OpenAPI document.
func (invoke) Schema(r huma.Registry) *huma.Schema {
	of := func(t reflect.Type, name string) *huma.Schema { return r.Schema(t, true, name) }
	return &huma.Schema{OneOf: []*huma.Schema{
		of(reflect.TypeFor[wx.Invoke](), "InvokeJSAPI"), of(reflect.TypeFor[wx.AppInvoke](), "InvokeApp"),
		of(reflect.TypeFor[byCodeURL](), "InvokeNative"), of(reflect.TypeFor[byH5URL](), "InvokeH5"),
	}}
}
