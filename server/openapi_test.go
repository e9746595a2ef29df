package server_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
)

// document reads the server's own OpenAPI document.
func (w *world) document(t *testing.T) libopenapi.Document {
	t.Helper()
	a := w.get(t, "/openapi.json", "")
	if ct := a.Header.Get("Content-Type"); a.Status != 200 || ct != "application/openapi+json" {
		t.Fatalf("status %d, Content-Type %q", a.Status, ct)
	}
	doc, err := libopenapi.NewDocument(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func (w *world) model(t *testing.T) *v3.Document {
	t.Helper()
	m, err := w.document(t).BuildV3Model()
	if err != nil {
		t.Fatal(err)
	}
	return &m.Model
}

func TestOpenAPIDocumentIsValid(t *testing.T) {
	w := newWorld(t)
	doc := w.document(t)
	if !strings.HasPrefix(doc.GetVersion(), "3.1") {
		t.Errorf("version %s", doc.GetVersion())
	}
	v, errs := validator.NewValidator(doc)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if ok, faults := v.ValidateDocument(); !ok {
		for _, f := range faults {
			t.Errorf("%s: %s", f.Message, f.Reason)
			for _, s := range f.SchemaValidationErrors {
				t.Errorf("  %s: %s", s.FieldPath, s.Reason)
			}
		}
	}
}

func TestOpenAPIDescribesEveryRouteAndNoOther(t *testing.T) {
	w := newWorld(t)
	var documented []string
	for path, item := range w.model(t).Paths.PathItems.FromOldest() {
		for method := range item.GetOperations().FromOldest() {
			documented = append(documented, strings.ToUpper(method)+" "+path)
		}
	}
	undocumented := []string{ // the documentation itself
		"GET /docs", "GET /docs/*", "GET /openapi.json", "GET /openapi.yaml", "GET /openapi-3.0.json", "GET /openapi-3.0.yaml",
		// pages for people
		"GET /c/{code}", "POST /c/{code}", "GET /c/{code}/poster.png", "GET /c/{code}/poster.svg",
		"GET /pay/{id}", "POST /pay/{id}/prepay", "GET /pay/{id}/state", "GET /static/{file}", "GET /MP_verify_a.txt",
	}
	var served []string
	for _, r := range w.app.GetRoutes(true) {
		if r.Method == http.MethodHead {
			continue // Fiber adds one to every GET of its own
		}
		for _, p := range r.Params {
			r.Path = strings.Replace(r.Path, ":"+p, "{"+p+"}", 1)
		}
		r.Path = strings.Replace(r.Path, "/{app_id}/*", "/{app_id}/{path}", 1)
		served = append(served, r.Method+" "+r.Path)
	}
	documented = append(documented, undocumented...)
	slices.Sort(documented)
	slices.Sort(served)
	if !slices.Equal(documented, served) {
		t.Errorf("documented %q\nserved     %q", documented, served)
	}
}

func TestOpenAPIOperationsAreNamedAndSorted(t *testing.T) {
	w := newWorld(t)
	seen := map[string]string{}
	for path, item := range w.model(t).Paths.PathItems.FromOldest() {
		for method, op := range item.GetOperations().FromOldest() {
			where := method + " " + path
			if before, twice := seen[op.OperationId]; twice || op.OperationId == "" {
				t.Errorf("%s: operationId %q is also that of %q", where, op.OperationId, before)
			}
			seen[op.OperationId] = where
			if op.Summary == "" || len(op.Tags) != 1 {
				t.Errorf("%s: summary %q, tags %q", where, op.Summary, op.Tags)
			}
			if strings.HasPrefix(path, "/v1/") && op.Responses.Codes.Len() < 2 && op.Responses.Default == nil {
				t.Errorf("%s describes no failure", where)
			}
		}
	}
	if len(seen) < 10 {
		t.Errorf("%d operations", len(seen))
	}
}

// recorded is one exchange, kept to be judged by the document.
type recorded struct {
	request  *http.Request
	response *http.Response
	body     []byte
}

// record keeps every exchange of a world's client.
func (w *world) record() *[]recorded {
	var all []recorded
	next := w.client.Transport
	w.client.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		resp, err := next.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		resp.Body = io.NopCloser(bytes.NewReader(body))
		kept := *resp
		all = append(all, recorded{r, &kept, body})
		return resp, err
	})
	return &all
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Whatever the life of an order makes the server answer is what the document says.
func TestAnswersAreAsTheDocumentSays(t *testing.T) {
	w := newWorld(t)
	v, errs := validator.NewValidator(w.document(t))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	all := w.record()
	w.lifeOfAnOrder(t)
	w.lifeOfAPerson(t)
	refusals := w.everyRefusal(t) + w.everyRefusalOfPeople(t)
	answered := map[string]bool{}
	for _, r := range *all {
		r.response.Body = io.NopCloser(bytes.NewReader(r.body))
		ok, faults := v.ValidateHttpResponse(r.request, r.response)
		answered[fmt.Sprint(r.request.Method, " ", r.response.StatusCode)] = true
		if ok {
			continue
		}
		for _, f := range faults {
			t.Errorf("%s %s %d: %s: %s %+v\n%s", r.request.Method, r.request.URL.Path, r.response.StatusCode, f.Message, f.Reason, f.SchemaValidationErrors, r.body)
		}
	}
	t.Logf("%d answers judged, %d of them refusals, of %d kinds", len(*all), refusals, len(answered))
}

// everyRefusal asks for one answer of each documented failure that a client can cause.
func (w *world) everyRefusal(t *testing.T) int {
	t.Helper()
	user := w.login(t, "alice").Token
	order := w.create(t, orderBody).ID
	answers := []answer{
		w.get(t, "/v1/me", ""), w.get(t, "/v1/me", "nobody"), w.get(t, "/v1/me", ordersKey), w.get(t, "/v1/me?x=1", user),
		w.get(t, "/v1/users/x", usersKey), w.get(t, "/v1/users/x", ordersKey), w.get(t, "/v1/users/x", user),
		w.get(t, "/v1/orders/x", ordersKey), w.get(t, "/v1/orders/x?refresh=maybe", ordersKey), w.get(t, "/v1/orders?limit=0", ordersKey),
		w.post(t, "/v1/orders", ordersKey, "{"), w.post(t, "/v1/orders", ordersKey, "{}"), w.post(t, "/v1/orders", user, orderBody),
		w.post(t, "/v1/orders/x/close", ordersKey, ""), w.post(t, "/v1/orders/"+order+"/close", user, ""),
		w.post(t, "/v1/orders/x/prepay", user, `{"method":"mini_program"}`), w.post(t, "/v1/orders/"+order+"/prepay", user, `{"method":"code"}`),
		w.post(t, "/v1/login/mini-program", "", "{"), w.post(t, "/v1/login/mini-program", "", "{}"),
		w.post(t, "/v1/orders", ordersKey, orderBody, "Content-Type: text/plain"),
		w.post(t, "/v1/notify/wechat-pay/"+merchantID, "", "{}"), w.post(t, "/v1/notify/wechat-pay/x", "", "{}"),
	}
	for _, a := range answers {
		if a.Status < 400 || a.Status > 499 {
			t.Errorf("%s %s: status %d", a.request.Method, a.request.URL, a.Status)
		}
	}
	return len(answers)
}
