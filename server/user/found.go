package user

import (
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"wxhub/identity"
)

// MarshalJSON gives whichever of the two there is.
func (f found) MarshalJSON() ([]byte, error) {
	if f.One != nil {
		return json.Marshal(f.One)
	}
	return json.Marshal(f.Page)
}

// Schema says so in the OpenAPI document.
func (found) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{
		r.Schema(reflect.TypeFor[identity.UserView](), true, "UserView"), r.Schema(reflect.TypeFor[userPage](), true, "UserPage"),
	}}
}
