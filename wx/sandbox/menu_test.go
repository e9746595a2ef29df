package sandbox_test

import (
	"strings"
	"testing"

	"wxhub/wx/sandbox"
)

// Every limit of a menu has its errcode (§6.5), and what is refused changes nothing.
func TestMenuLimits(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	create := func(buttons string) string {
		return s.account("POST", "/cgi-bin/menu/create", `{"button":[`+buttons+`]}`).field("errcode")
	}
	click := `{"name":"a","type":"click","key":"k"}`
	under := func(sub string) string { return `{"name":"a","sub_button":[` + sub + `]}` }
	for name, c := range map[string]struct{ buttons, code string }{
		"none":                 {"", "40016"},
		"four":                 {click + "," + click + "," + click + "," + click, "40016"},
		"no name":              {`{"type":"click","key":"k"}`, "40018"},
		"name of 17 bytes":     {`{"name":"一二三四五xx","type":"click","key":"k"}`, "40018"},
		"no type":              {`{"name":"a"}`, "40017"},
		"unknown type":         {`{"name":"a","type":"dance"}`, "40017"},
		"no key":               {`{"name":"a","type":"click"}`, "40019"},
		"key of 129 bytes":     {`{"name":"a","type":"click","key":"` + strings.Repeat("k", 129) + `"}`, "40019"},
		"no URL":               {`{"name":"a","type":"view"}`, "40020"},
		"URL of 1025 bytes":    {`{"name":"a","type":"view","url":"https://a/` + strings.Repeat("u", 1015) + `"}`, "40020"},
		"six below":            {under(strings.TrimSuffix(strings.Repeat(click+",", 6), ",")), "40023"},
		"three levels":         {under(under(click)), "40022"},
		"name of 61 below":     {under(`{"name":"` + strings.Repeat("n", 61) + `","type":"click","key":"k"}`), "40025"},
		"unknown type below":   {under(`{"name":"a","type":"dance"}`), "40024"},
		"no key below":         {under(`{"name":"a","type":"click"}`), "40026"},
		"no URL below":         {under(`{"name":"a","type":"view"}`), "40027"},
		"escaped characters":   {`{"name":"\u4e00","type":"click","key":"k"}`, "40033"},
		"mini-program, no app": {`{"name":"a","type":"miniprogram","url":"https://a","pagepath":"p"}`, "40013"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := create(c.buttons); got != c.code {
				t.Errorf("errcode %s, want %s", got, c.code)
			}
			if got := s.account("GET", "/cgi-bin/menu/get", "").field("errcode"); got != "46003" {
				t.Errorf("there is a menu now: %s", got)
			}
		})
	}
	conditional := func(rule string) string {
		return s.account("POST", "/cgi-bin/menu/addconditional", `{"button":[`+click+`],"matchrule":`+rule+`}`).field("errcode")
	}
	if got := conditional(`{"tag_id":"2"}`); got != "65303" {
		t.Errorf("a conditional menu without a default one: %s", got)
	}
	if got := create(click); got != "0" {
		t.Fatalf("errcode %s", got)
	}
	for rule, want := range map[string]string{`{}`: "65302", `{"client_platform_type":"9"}`: "65302", `{"tag_id":2}`: "", `{"client_platform_type":"2"}`: ""} {
		if got := conditional(rule); got != want {
			t.Errorf("%s: errcode %q, want %q", rule, got, want)
		}
	}
	s.platform.Reset()
	if got := s.account("GET", "/cgi-bin/menu/get", "").field("errcode"); got != "46003" {
		t.Errorf("a menu outlives a reset: %s", got)
	}
}
