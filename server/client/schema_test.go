package client_test

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"wxhub/server/client"
)

// document is the server's OpenAPI document, as far as this test looks.
type document struct {
	Paths      map[string]map[string]operation `json:"paths"`
	Components struct {
		Schemas map[string]schema `json:"schemas"`
	} `json:"components"`
}

type operation struct {
	OperationID string                      `json:"operationId"`
	Security    []map[string]any            `json:"security"`
	RequestBody *content                    `json:"requestBody"`
	Responses   map[string]content          `json:"responses"`
	Parameters  []struct{ Name, In string } `json:"parameters"`
}

type content struct {
	Content map[string]struct {
		Schema schema `json:"schema"`
	} `json:"content"`
}

type schema struct {
	Ref        string            `json:"$ref"`
	Properties map[string]schema `json:"properties"`
	Required   []string          `json:"required"`
	Items      *schema           `json:"items"`
	OneOf      []schema          `json:"oneOf"`
}

func (d document) resolve(s schema) schema {
	for s.Ref != "" {
		s = d.Components.Schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")]
	}
	return s
}

// find returns the operation of a request.
func (d document) find(method, path string) (operation, bool) {
	for pattern, ops := range d.Paths {
		shape := regexp.MustCompile("^" + regexp.MustCompile(`\{[a-z_]+\}`).ReplaceAllString(pattern, "X[0-9]*") + "$")
		if op, ok := ops[strings.ToLower(method)]; ok && shape.MatchString(path) {
			return op, true
		}
	}
	return operation{}, false
}

// called is one method of the client: how it is called, and what its answer is read into.
type called struct {
	call   func(context.Context, *client.Client) error
	answer any // nil: none
}

func drop[T any](_ T, err error) error { return err }

// everyMethod has each method once, with every field of its request set. Ids are X or X1, X2 ….
var everyMethod = map[string]called{
	"CreateOrder": {func(ctx context.Context, c *client.Client) error {
		return drop(c.CreateOrder(ctx, full(client.NewOrder{})))
	}, client.Order{}},
	"Order":        {func(ctx context.Context, c *client.Client) error { return drop(c.Order(ctx, "X")) }, client.Order{}},
	"RefreshOrder": {func(ctx context.Context, c *client.Client) error { return drop(c.RefreshOrder(ctx, "X")) }, client.Order{}},
	"CloseOrder":   {func(ctx context.Context, c *client.Client) error { return drop(c.CloseOrder(ctx, "X")) }, client.Order{}},
	"Orders": {func(ctx context.Context, c *client.Client) error {
		return drop(c.Orders(ctx, full(client.OrderQuery{})))
	}, client.OrderPage{}},
	"Prepay": {func(ctx context.Context, c *client.Client) error {
		return drop(c.Prepay(ctx, "X", full(client.Prepay{})))
	}, client.Prepaid{}},
	"Timeline": {func(ctx context.Context, c *client.Client) error { return drop(c.Timeline(ctx, "X")) }, client.Timeline{}},
	"Refund": {func(ctx context.Context, c *client.Client) error {
		return drop(c.Refund(ctx, "X", full(client.NewRefund{})))
	}, client.Refund{}},
	"FindRefund":   {func(ctx context.Context, c *client.Client) error { return drop(c.FindRefund(ctx, "X")) }, client.Refund{}},
	"User":         {func(ctx context.Context, c *client.Client) error { return drop(c.User(ctx, "X")) }, client.User{}},
	"UserByOpenID": {func(ctx context.Context, c *client.Client) error { return drop(c.UserByOpenID(ctx, "X", "X")) }, client.User{}},
	"UserByUnionID": {func(ctx context.Context, c *client.Client) error {
		return drop(c.UserByUnionID(ctx, "X", "X"))
	}, client.User{}},
	"Users":       {func(ctx context.Context, c *client.Client) error { return drop(c.Users(ctx, 1, "X")) }, client.UserPage{}},
	"AccessToken": {func(ctx context.Context, c *client.Client) error { return drop(c.AccessToken(ctx, "X")) }, client.AccessToken{}},
	"RefreshAccessToken": {func(ctx context.Context, c *client.Client) error {
		return drop(c.RefreshAccessToken(ctx, "X", "X"))
	}, client.AccessToken{}},
	"CreateTransfer": {func(ctx context.Context, c *client.Client) error {
		return drop(c.CreateTransfer(ctx, full(client.NewTransfer{})))
	}, client.Transfer{}},
	"Transfer":        {func(ctx context.Context, c *client.Client) error { return drop(c.Transfer(ctx, "X")) }, client.Transfer{}},
	"RefreshTransfer": {func(ctx context.Context, c *client.Client) error { return drop(c.RefreshTransfer(ctx, "X")) }, client.Transfer{}},
	"CancelTransfer":  {func(ctx context.Context, c *client.Client) error { return drop(c.CancelTransfer(ctx, "X")) }, client.Transfer{}},
	"ShareProfit": {func(ctx context.Context, c *client.Client) error {
		return drop(c.ShareProfit(ctx, "X", full(client.NewProfitSharing{})))
	}, client.ProfitSharing{}},
	"UnfreezeProfit": {func(ctx context.Context, c *client.Client) error {
		return drop(c.UnfreezeProfit(ctx, "X", "X", ""))
	}, client.ProfitSharing{}},
	"ProfitSharings": {func(ctx context.Context, c *client.Client) error { return drop(c.ProfitSharings(ctx, "X")) }, struct {
		Data []client.ProfitSharing `json:"data"`
	}{}},
	"UnsplitAmount": {func(ctx context.Context, c *client.Client) error { return drop(c.UnsplitAmount(ctx, "X")) }, struct {
		UnsplitAmount int64 `json:"unsplit_amount"`
	}{}},
	"ProfitSharing": {func(ctx context.Context, c *client.Client) error { return drop(c.ProfitSharing(ctx, "X")) }, client.ProfitSharing{}},
	"ReturnProfit": {func(ctx context.Context, c *client.Client) error {
		return drop(c.ReturnProfit(ctx, "X", full(client.NewProfitReturn{})))
	}, client.ProfitReturn{}},
	"AddProfitReceiver": {func(ctx context.Context, c *client.Client) error {
		return c.AddProfitReceiver(ctx, "X", full(client.ProfitReceiver{}))
	}, nil},
	"DeleteProfitReceiver": {func(ctx context.Context, c *client.Client) error {
		return c.DeleteProfitReceiver(ctx, "X", full(client.ProfitReceiver{}))
	}, nil},
	"CombineOrders": {func(ctx context.Context, c *client.Client) error {
		return drop(c.CombineOrders(ctx, []string{"X"}, ""))
	}, client.CombinedOrder{}},
	"CombinedOrder": {func(ctx context.Context, c *client.Client) error { return drop(c.CombinedOrder(ctx, "X")) }, client.CombinedOrder{}},
	"RefreshCombinedOrder": {func(ctx context.Context, c *client.Client) error {
		return drop(c.RefreshCombinedOrder(ctx, "X"))
	}, client.CombinedOrder{}},
	"CloseCombinedOrder": {func(ctx context.Context, c *client.Client) error {
		return drop(c.CloseCombinedOrder(ctx, "X"))
	}, client.CombinedOrder{}},
	"PrepayCombinedOrder": {func(ctx context.Context, c *client.Client) error {
		return drop(c.PrepayCombinedOrder(ctx, "X", full(client.CombinedPrepay{})))
	}, client.CombinedPrepaid{}},
	"Ship": {func(ctx context.Context, c *client.Client) error { return c.Ship(ctx, "X", full(client.Shipping{})) }, nil},
}

// full sets every field.
func full[T any](v T) T {
	fill(reflect.ValueOf(&v).Elem())
	return v
}

func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("X")
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{"X": "X"}))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(1_700_000_000, 0)))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	}
}

// TestTheClientFollowsTheDocument: each method calls a route that the server describes, for
// backends, with just the fields that it takes, and reads all that it answers.
func TestTheClientFollowsTheDocument(t *testing.T) {
	b := start(t)
	var doc document
	answer := must[*http.Response](t)(http.Get(b.URL + "/openapi.json"))
	defer func() { _ = answer.Body.Close() }()
	if err := json.NewDecoder(answer.Body).Decode(&doc); err != nil {
		t.Fatal(err)
	}
	var got *http.Request
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		_, _ = io.WriteString(w, "{}")
	}))
	t.Cleanup(server.Close)
	c := must[*client.Client](t)(client.New(server.URL, key, client.Options{}))
	for name, m := range everyMethod {
		t.Run(name, func(t *testing.T) {
			if err := m.call(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			op, ok := doc.find(got.Method, got.URL.Path)
			if !ok {
				t.Fatalf("%s %s is not in the document", got.Method, got.URL.Path)
			}
			if !slices.ContainsFunc(op.Security, func(s map[string]any) bool { _, ok := s["api_key"]; return ok }) {
				t.Errorf("%s is not for backends", op.OperationID)
			}
			for q := range got.URL.Query() {
				if !slices.ContainsFunc(op.Parameters, func(p struct{ Name, In string }) bool { return p.In == "query" && p.Name == q }) {
					t.Errorf("%s has no parameter %s", op.OperationID, q)
				}
			}
			if got.Header.Get("Idempotency-Key") != "" && !slices.ContainsFunc(op.Parameters, func(p struct{ Name, In string }) bool { return p.Name == "Idempotency-Key" }) {
				t.Errorf("%s takes no Idempotency-Key", op.OperationID)
			}
			doc.request(t, op, body)
			doc.answer(t, op, m.answer)
		})
	}
	for i := range reflect.TypeFor[*client.Client]().NumMethod() {
		name := reflect.TypeFor[*client.Client]().Method(i).Name
		if _, ok := everyMethod[name]; !ok && !slices.Contains([]string{"AllOrders", "WithoutPauses"}, name) {
			t.Errorf("%s is not in the table", name)
		}
	}
}

// request compares what was sent, every field of it, with what the operation takes.
func (d document) request(t *testing.T, op operation, body []byte) {
	t.Helper()
	if op.RequestBody == nil {
		if len(body) > 0 {
			t.Errorf("%s takes no body", op.OperationID)
		}
		return
	}
	var sent any
	if err := json.Unmarshal(body, &sent); err != nil {
		t.Fatalf("%s: %v", op.OperationID, err)
	}
	d.sent(t, op.OperationID, d.resolve(op.RequestBody.Content["application/json"].Schema), sent)
}

// userOnly are fields that a backend does not send.
var userOnly = map[string][]string{"createOrder": {"collect_code"}}

func (d document) sent(t *testing.T, at string, s schema, v any) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		if len(s.Properties) == 0 {
			return // of any names
		}
		for _, name := range difference(maps.Keys(v), maps.Keys(s.Properties)) {
			t.Errorf("%s: %s is sent, and unknown to the server", at, name)
		}
		for _, name := range difference(maps.Keys(s.Properties), maps.Keys(v)) {
			if !slices.Contains(userOnly[at], name) {
				t.Errorf("%s: %s cannot be sent", at, name)
			}
		}
		for name, x := range v {
			d.sent(t, at+"."+name, d.resolve(s.Properties[name]), x)
		}
	case []any:
		d.sent(t, at, d.resolve(*s.Items), v[0])
	}
}

// answer compares the type that an answer is read into with what the operation answers.
func (d document) answer(t *testing.T, op operation, into any) {
	t.Helper()
	for status, r := range op.Responses {
		if body, ok := r.Content["application/json"]; ok && into != nil && strings.HasPrefix(status, "2") {
			d.reads(t, op.OperationID, d.resolve(body.Schema), reflect.TypeOf(into))
		}
	}
}

func (d document) reads(t *testing.T, at string, s schema, into reflect.Type) {
	t.Helper()
	for _, one := range s.OneOf { // a user, or a page of them
		if one = d.resolve(one); (one.Properties["data"].Items != nil) == (into == reflect.TypeFor[client.UserPage]()) {
			d.reads(t, at, one, into)
			return
		}
	}
	fields := map[string]reflect.Type{}
	for i := range into.NumField() {
		name, _, _ := strings.Cut(into.Field(i).Tag.Get("json"), ",")
		fields[name] = into.Field(i).Type
	}
	for _, name := range difference(maps.Keys(fields), maps.Keys(s.Properties)) {
		t.Errorf("%s: %s is read, and the server never says it", at, name)
	}
	for _, name := range difference(maps.Keys(s.Properties), maps.Keys(fields)) {
		t.Errorf("%s: %s is answered, and not read", at, name)
	}
	for name, kind := range fields {
		below := d.resolve(s.Properties[name])
		if below.Items != nil && kind.Kind() == reflect.Slice {
			below, kind = d.resolve(*below.Items), kind.Elem()
		}
		if kind.Kind() == reflect.Struct && kind != reflect.TypeFor[time.Time]() {
			d.reads(t, at+"."+name, below, kind)
		}
	}
}

// difference is what is in a and not in b; "$schema", which huma adds, apart.
func difference(a, b func(func(string) bool)) (only []string) {
	known := slices.Collect(b)
	for name := range a {
		if name != "$schema" && !slices.Contains(known, name) {
			only = append(only, name)
		}
	}
	return only
}
